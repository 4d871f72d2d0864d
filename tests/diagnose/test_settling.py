"""What the server is asked about a plan, and what its answers make of it."""

import pytest

from shared.diagnose.settling import probes_of_plan, questions_of_plan, settled_plan
from shared.model.plan import (
    Access,
    Analysis,
    Blocks,
    Condition,
    Duration,
    Effects,
    Found,
    LockMode,
    NotProbed,
    Outcome,
    Plan,
    PlannedStatement,
    Prediction,
    Probe,
)
from shared.model.question import Question
from tests.builders import NOW
from tests.diagnose.test_schema import diagnosed, live, ran, shipping

BODY, REPLACED = Question("SELECT 1", ("public",)), Question("SELECT 'x'", ("public",))


def test_both_sides_of_a_comparison_are_asked_once() -> None:
    """CREATE OR REPLACE VIEW is refused where the types of two answers differ (42P16)."""
    analyses = (Analysis(BODY, "its query"), Analysis(BODY, "its columns", same_as=REPLACED))
    statement = PlannedStatement("1_view", 1, "…", Prediction(Outcome.OK, analyses=analyses), Blocks.NONE)
    assert questions_of_plan(Plan(("1_view",), (statement, statement))) == (BODY, REPLACED)


ADD = "ALTER TABLE t ADD COLUMN x int NOT NULL"
UNIQUE = "CREATE UNIQUE INDEX i ON t (x)"
QUICK, SLOW = Duration(0.0, 0.1), Duration(1.0, 60.0)


@pytest.mark.parametrize(
    ("sql", "sqlstate", "rows", "held", "is_kept"),
    [
        pytest.param(ADD, "23502", 0, QUICK, False, id="the rows rule the failure out"),
        pytest.param(ADD, "23502", 2, QUICK, True, id="it fails"),
        pytest.param(ADD, "23502", None, QUICK, True, id="the rows were not read"),
        pytest.param(ADD, "23502", 0, SLOW, True, id="it runs, and blocks for long"),
        pytest.param(UNIQUE, "23505", 0, SLOW, True, id="an index that is long to build"),
    ],
)
def test_a_safer_way_goes_with_its_reason(
    sql: str, sqlstate: str, rows: int | None, held: Duration, is_kept: bool
) -> None:
    probe = Probe('SELECT FROM "public"."t"', (("public", "t"),), Access.SCAN)
    condition = Condition(sqlstate, "it fails if t holds a row", probe)
    effects = Effects({("public", "t"): LockMode.ACCESS_EXCLUSIVE}, scans=frozenset({("public", "t")}))
    prediction = Prediction(Outcome.DEPENDS, effects, sqlstate, (condition.because,), conditions=(condition,))
    statement = PlannedStatement("1", 1, sql, prediction, Blocks.READS, held, held, safer=("Migration 1. …",))
    answer = NotProbed("no right") if rows is None else Found(rows, NOW)
    (found,) = settled_plan(Plan(("1",), (statement,), 5.0), {}, {probe: answer}).statements
    assert bool(found.safer) is is_kept


BASE = "CREATE TABLE a (id int PRIMARY KEY, x int); CREATE TABLE b (id int PRIMARY KEY, x int);"
IN_A, IN_B, AGAIN = "INSERT INTO a VALUES (1, 1);", "INSERT INTO b VALUES (1, 1);", "INSERT INTO a VALUES (2, 2);"
FILL, STRICT = "UPDATE a SET x = 1;", "ALTER TABLE a ALTER COLUMN x SET NOT NULL;"


@pytest.mark.parametrize(
    ("scripts", "outcomes"),
    [
        pytest.param([IN_A, AGAIN], "fails depends", id="rows of the same table"),
        pytest.param([IN_A, f"UPDATE a SET x = NULL; {STRICT}"], "fails ok depends", id="rows that others change, too"),
        pytest.param([IN_A, f"INSERT INTO b SELECT id + 9, x FROM a; {IN_B}"], "fails depends depends", id="rows made of them"),
        pytest.param([f"{FILL} {IN_B}", STRICT], "ok fails depends", id="rows that the same migration changes before"),
        pytest.param([f"{IN_A} {AGAIN}"], "fails depends", id="one migration"),
        pytest.param([IN_A, IN_B], "fails fails", id="another table"),
        pytest.param([IN_A, "ALTER TABLE b ADD CHECK (x > 0);"], "fails fails", id="rows that nobody changes"),
        pytest.param([STRICT, "ALTER TABLE a ADD CHECK (x > 0);"], "fails fails", id="what fails changes no rows anyway"),
    ],
)  # fmt: skip
def test_rows_after_a_statement_that_fails_are_unknown(scripts: list[str], outcomes: str) -> None:
    shipped = [("1", BASE), *((str(at), script) for at, script in enumerate(scripts, 2))]
    planned = diagnosed(shipping(*shipped), [ran("1", BASE)], live(BASE)).plan
    assert isinstance(planned, Plan)
    answers = {probe: Found(1 if probe.tables else 0, NOW) for probe in probes_of_plan(planned, {})}
    found = settled_plan(planned, {}, answers)
    assert " ".join(each.prediction.outcome for each in found.statements) == outcomes
    assert [each.prediction.because for each in found.statements if each.prediction.outcome is Outcome.DEPENDS] == [
        each.prediction.because for each in found.statements if "first" in " ".join(each.prediction.because)
    ]
