"""In which order several migrations that block a deployment are fixed, and which of them a deployment runs again."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.database import History, HistoryRow
from shared.model.finding import Finding
from shared.remedies import commands
from tests.builders import facts, reading
from tests.diagnose.test_proof import OF_NOTHING
from tests.diagnose.test_schema import diagnosed, live, ran, shipping

HISTORY = next(check for check in CHECKS if check.name == "history")
EMPTY = frozenset({("public", "n")})
BASE = "CREATE TABLE a (id int PRIMARY KEY, x int);"
COLUMN, TABLE = "ALTER TABLE a ADD COLUMN z int NOT NULL;", "CREATE TABLE w (id int);"
NOT_VALID, VALID = "ALTER TABLE a ADD CONSTRAINT k CHECK (x > 0) NOT VALID;", "ALTER TABLE a VALIDATE CONSTRAINT k;"
AGAIN, BY_HAND, RECORDED, DEPLOYED = "run again", "by hand", "recorded", "deployed"


def failed(name: str, script: str) -> HistoryRow:
    return replace(ran(name, script, finished=False), logs=OF_NOTHING)


def found(scripts: Sequence[str], there: Sequence[str], *rows: HistoryRow) -> list[Finding]:
    """The findings of a release of BASE and *scripts*. The history has *rows*, and BASE."""
    shipped = shipping(("1", BASE), *((str(number), script) for number, script in enumerate(scripts, 2)))
    recorded = (ran("1", BASE, minutes_ago=90), *rows)
    actual = live(BASE, *there)
    said = facts(shipped, reading(history=History(exists=True, rows=recorded), catalog=actual, empty_tables=EMPTY))
    return list(run_check(HISTORY, said, diagnosed(shipped, recorded, actual)).findings)


def ways(findings: list[Finding]) -> list[tuple[str, str]]:
    """Of each finding, in order, what its first way does."""
    said = []
    for finding in findings:
        first = [step.command or "" for step in finding.remedy if not step.choice]
        how = AGAIN if commands.resolve_rolled_back(finding.subject) in first else RECORDED
        if any(step.startswith("psql") for step in first):
            how = BY_HAND
        elif how is RECORDED and commands.resolve_applied(finding.subject) not in first:
            how = DEPLOYED
        said.append((finding.subject, how))
    return said


@pytest.mark.parametrize(
    ("second", "third", "there", "order"),
    [
        pytest.param(
            f"{NOT_VALID} {VALID}", f"{TABLE} UPDATE a SET x = x + 1;", [NOT_VALID, TABLE],
            [("2", BY_HAND), ("3", BY_HAND)], id="the rows in the way of the first are in the way of the second",
        ),
        pytest.param(
            f"{NOT_VALID} {VALID}", TABLE, [NOT_VALID, TABLE],
            [("2", BY_HAND), ("3", RECORDED)], id="the second only has to be recorded",
        ),
        pytest.param(
            COLUMN, f"{TABLE} ALTER TABLE a ALTER COLUMN z SET DEFAULT 5;", [TABLE],
            [("2", BY_HAND), ("3", BY_HAND)], id="the second goes on with what the first makes",
        ),
        pytest.param(
            COLUMN, f"{TABLE} UPDATE a SET x = 1;", [TABLE],
            [("2", BY_HAND), ("3", BY_HAND)], id="the second changes rows of the same table",
        ),
        pytest.param(
            COLUMN, f"{TABLE} CREATE TABLE v ();", [TABLE],
            [("3", BY_HAND), ("2", AGAIN)], id="the second needs nothing of the first: it comes before the deployment",
        ),
        pytest.param(COLUMN, TABLE, [TABLE], [("3", RECORDED), ("2", AGAIN)], id="nothing of the second is missing"),
    ],
)  # fmt: skip
def test_the_order_of_two_that_block(second: str, third: str, there: list[str], order: list[tuple[str, str]]) -> None:
    """2 has failed, 3 is not known to the history."""
    assert ways(found([second, third], there, failed("2", second))) == order


USES_IT = f"{TABLE} ALTER TABLE a ALTER COLUMN z SET DEFAULT 5;"
APART = f"{TABLE} CREATE TABLE v ();"


@pytest.mark.parametrize(
    ("scripts", "there", "order"),
    [
        pytest.param([COLUMN, USES_IT], [TABLE], [("2", BY_HAND), ("3", BY_HAND)], id="the half-run one goes on with what the first makes"),
        pytest.param([COLUMN, f"{TABLE} UPDATE a SET x = 1;"], [TABLE], [("2", BY_HAND), ("3", BY_HAND)], id="it changes rows of the same table"),
        pytest.param([COLUMN, APART], [TABLE], [("3", BY_HAND), ("2", DEPLOYED)], id="it needs nothing of the first"),
        pytest.param([COLUMN, TABLE], [TABLE], [("3", RECORDED), ("2", DEPLOYED)], id="nothing of it is missing"),
        pytest.param([COLUMN, "CREATE TABLE u ();", USES_IT], [TABLE], [("2", BY_HAND), ("4", BY_HAND), ("3", DEPLOYED)], id="one between them is not needed"),
        pytest.param(
            ["CREATE TYPE k AS ENUM ('b');", "ALTER TABLE a ADD COLUMN z k;", USES_IT], [TABLE],
            [("2", BY_HAND), ("3", BY_HAND), ("4", BY_HAND)], id="the one that it needs needs another one",
        ),
        pytest.param([USES_IT, COLUMN], [TABLE], [("2", BY_HAND), ("3", DEPLOYED)], id="the half-run one is the first"),
    ],
)  # fmt: skip
def test_one_that_never_began_is_run_first_where_a_half_run_one_needs_it(
    scripts: list[str], there: list[str], order: list[tuple[str, str]]
) -> None:
    """The history knows none of them."""
    assert ways(found(scripts, there)) == order


@pytest.mark.parametrize(
    ("third", "is_offered"),
    [
        pytest.param(USES_IT, False, id="a later half-run one needs it"),
        pytest.param(APART, True, id="a later half-run one needs nothing of it"),
    ],
)
def test_a_half_run_failed_one_is_not_left_to_a_deploy_that_comes_after_one_that_needs_it(
    third: str, is_offered: bool
) -> None:
    second = "CREATE TABLE n (); ALTER TABLE a ADD COLUMN z int;"
    findings = found([second, third], [TABLE, "CREATE TABLE n ();"], failed("2", second))
    assert ways(findings) == [("2", BY_HAND), ("3", BY_HAND)]
    assert any(step.choice for step in findings[0].remedy) is is_offered


RENAMED = "ALTER TABLE a RENAME TO b;"


def test_a_deploy_runs_none_that_names_a_table_by_an_older_name() -> None:
    second = "INSERT INTO a VALUES (1, 1); CREATE TABLE w ();"
    findings = found([second, RENAMED], [RENAMED])
    assert ways(findings) == [("2", BY_HAND), ("3", RECORDED)]
    printed = commands.psql(["INSERT INTO b VALUES (1, 1);", "CREATE TABLE w ();"], "public")
    (step,) = (step for step in findings[0].remedy if step.command == printed)
    assert (step.choice, "A table was renamed since, and is called b now." in step.text) == (False, True)


@pytest.mark.parametrize(
    ("second", "third", "there", "commands_of_the_second"),
    [
        pytest.param(
            "INSERT INTO a VALUES (1, 1); CREATE TABLE w ();", f"{RENAMED} CREATE TABLE v ();", ["CREATE TABLE w ();", RENAMED],
            ["INSERT INTO b VALUES (1, 1);"], id="by a later migration, in part by hand",
        ),
        pytest.param(
            f"CREATE TABLE w (); UPDATE a SET x = 1; {RENAMED}", "SELECT 1;", ["CREATE TABLE w ();", RENAMED],
            ["UPDATE b SET x = 1;"], id="by a later statement of its own",
        ),
        pytest.param(
            "INSERT INTO a VALUES (1, 1); CREATE TABLE w ();", RENAMED, ["CREATE TABLE w ();"],
            ["INSERT INTO a VALUES (1, 1);"], id="not yet",
        ),
    ],
)  # fmt: skip
def test_a_table_that_was_renamed_since_is_named_as_it_is_called_now(
    second: str, third: str, there: list[str], commands_of_the_second: list[str]
) -> None:
    findings = found([second, third], there, failed("2", second))
    (finding,) = (each for each in findings if each.subject == "2")
    asked = [step for step in finding.remedy if step.asks]
    assert [step.command for step in asked] == [commands.psql([sql], "public") for sql in commands_of_the_second]
    assert ["is called b now" in step.text for step in asked] == [" b " in sql for sql in commands_of_the_second]
