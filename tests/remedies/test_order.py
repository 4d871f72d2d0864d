"""In which order several migrations that block a deployment are fixed, and which of them a deployment runs again."""

from dataclasses import replace

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.database import History, HistoryRow
from shared.remedies import commands
from tests.builders import facts, reading
from tests.diagnose.test_proof import OF_NOTHING
from tests.diagnose.test_schema import diagnosed, live, ran, shipping

HISTORY = next(check for check in CHECKS if check.name == "history")
BASE = "CREATE TABLE a (id int PRIMARY KEY, x int);"
COLUMN, TABLE = "ALTER TABLE a ADD COLUMN z int NOT NULL;", "CREATE TABLE w (id int);"
NOT_VALID, VALID = "ALTER TABLE a ADD CONSTRAINT k CHECK (x > 0) NOT VALID;", "ALTER TABLE a VALIDATE CONSTRAINT k;"
AGAIN, BY_HAND, RECORDED = "run again", "by hand", "recorded"


def failed(name: str, script: str) -> HistoryRow:
    return replace(ran(name, script, finished=False), logs=OF_NOTHING)


def ways(second: str, third: str, *there: str) -> list[tuple[str, str]]:
    """Of each finding, in order, what its first way does: 2 has failed, 3 is not known to the history."""
    shipped = shipping(("1", BASE), ("2", second), ("3", third))
    rows = (ran("1", BASE, minutes_ago=90), failed("2", second))
    actual = live(BASE, *there)
    said = facts(shipped, reading(history=History(exists=True, rows=rows), catalog=actual))
    found = []
    for finding in run_check(HISTORY, said, diagnosed(shipped, rows, actual)).findings:
        first = [step.command or "" for step in finding.remedy if not step.choice]
        how = AGAIN if commands.resolve_rolled_back(finding.subject) in first else RECORDED
        if any(step.startswith("psql") for step in first):
            how = BY_HAND
        found.append((finding.subject, how))
    return found


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
    assert ways(second, third, *there) == order
