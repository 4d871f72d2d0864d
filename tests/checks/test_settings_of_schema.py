"""Settings of the database and of roles in the schema check: said once, ignored where they do nothing, never printed."""

from dataclasses import replace

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.diagnosis import Comparison, Diagnosis
from shared.model.plan import Blocks, BySetting, Outcome, Plan, PlannedStatement, Prediction
from shared.model.schema import ANY_ROLE, Kind, Schema, Setting, Subject
from shared.postgres.difference import differences
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from shared.postgres.server_settings import kept
from tests.builders import facts, reading, release

SCHEMA = next(check for check in CHECKS if check.name == "schema")
PATH = Subject(Kind.DATABASE_SETTING, ("search_path",))
TIMEOUT = Subject(Kind.ROLE_SETTING, ("app", "statement_timeout"))


def diagnosis(expected: Schema, actual: Schema) -> Diagnosis:
    return Diagnosis((), None, Comparison(expected, actual, tuple(differences(expected, actual))))


def keys(truth: Diagnosis) -> list[str]:
    return [each.key for each in run_check(SCHEMA, facts(release("1"), reading()), truth).findings]


def test_what_the_plan_says_of_a_setting_is_the_one_finding_of_it() -> None:
    truth = diagnosis(Schema({}), Schema({PATH: Setting("app"), TIMEOUT: Setting("1s")}))
    assert keys(truth) == [f"schema-unexpected:{PATH}", f"schema-unexpected:{TIMEOUT}"]
    elsewhere = BySetting("search_path", "it works elsewhere")
    statement = PlannedStatement("2", 1, "", Prediction(Outcome.OK), Blocks.NONE, by_setting=(elsewhere,))
    assert keys(replace(truth, plan=Plan(("2",), (statement,)))) == [f"schema-unexpected:{TIMEOUT}"]


@pytest.mark.parametrize(
    ("setting", "is_found"),
    [
        pytest.param(Setting("app"), True, id="another schema"),
        pytest.param(Setting('"$user", public'), False, id="as PostgreSQL has it by itself"),
        pytest.param(Setting("app", matters=False), False, id="of a role that writes to nothing"),
    ],
)
def test_only_what_does_something_here_is_unexpected(setting: Setting, is_found: bool) -> None:
    assert bool(keys(diagnosis(Schema({}), Schema({PATH: setting})))) == is_found


@pytest.mark.parametrize(
    ("database", "expected"),
    [
        pytest.param("app", [f"schema-missing:{PATH}"], id="in this database"),
        pytest.param("other", [], id="in another one"),
    ],
)
def test_what_migrations_set_in_another_database_is_not_expected_here(database: str, expected: list[str]) -> None:
    made = Schema({PATH: Setting("app", database=database)})
    assert keys(diagnosis(made, Schema({}, database="app"))) == expected


def test_what_migrations_set_for_a_role_without_a_name_may_be_any_role_s() -> None:
    made = Schema({Subject(Kind.ROLE_SETTING, (ANY_ROLE, "statement_timeout")): Setting("1s")})
    assert keys(diagnosis(made, Schema({}))) == keys(diagnosis(made, Schema({TIMEOUT: Setting("1s")}))) == []


def test_the_value_of_a_setting_of_one_s_own_is_nowhere() -> None:
    replay = Replay()
    replay.run_all(parse("ALTER DATABASE app SET app.key = 'hunter2';"))
    outcome = run_check(SCHEMA, facts(release("1"), reading()), diagnosis(replay.freeze(), Schema({}, database="app")))
    assert [each.key for each in outcome.findings] == ["schema-missing:setting database app.key"]
    assert "hunter2" not in repr((replay.freeze(), outcome))


def test_nor_is_its_digest_by_which_a_short_value_could_be_guessed() -> None:
    subject = Subject(Kind.DATABASE_SETTING, ("app.key",))
    made, there = Setting(kept("app.key", ["hunter2"])), Setting(kept("app.key", ["hunter3"]))
    truth = diagnosis(Schema({subject: made}), Schema({subject: there}))
    (finding,) = run_check(SCHEMA, facts(release("1"), reading()), truth).findings
    assert (finding.expected, finding.actual) == ("a value that is not shown", "another value, not shown either")
    assert not any(each.value.removeprefix("sha256 ") in repr(finding) for each in (made, there))
