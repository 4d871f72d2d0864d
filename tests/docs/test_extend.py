"""The check that docs/extend.md shows does what it says."""

from typing import Any

from shared.checks.registry import Check, run_check
from shared.model.diagnosis import Comparison, Diagnosis
from shared.model.knowledge import Unavailable
from shared.model.schema import Schema
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.builders import facts, reading, release
from tests.docs.pages import HOME, blocks


def example() -> Check:
    (code,) = (block.text for block in blocks(HOME / "docs" / "extend.md") if block.language == "python")
    names: dict[str, Any] = {"__name__": "shared.checks.keys", "__package__": "shared.checks"}
    exec(compile(code, "docs/extend.md", "exec"), names)
    return Check("keys", "database", names["check_keys"])


def made_by(script: str) -> Schema:
    replay = Replay()
    replay.run_all(parse(script))
    return replay.freeze()


def found(diagnosis: Diagnosis | Unavailable) -> tuple[list[str], bool]:
    outcome = run_check(example(), facts(release("1"), reading()), diagnosis)
    return [each.key for each in outcome.findings], outcome.unknown is not None


def test_the_check_of_the_page_finds_a_table_without_a_key_and_no_other() -> None:
    schema = made_by("CREATE TABLE a (id int); CREATE TABLE b (id int PRIMARY KEY); CREATE VIEW c AS SELECT 1 AS one;")
    assert found(Diagnosis((), None, Comparison(schema, schema, ()))) == (["key-missing:public.a"], False)


def test_without_a_diagnosis_it_is_unknown() -> None:
    assert found(Unavailable("the server is down")) == ([], True)
