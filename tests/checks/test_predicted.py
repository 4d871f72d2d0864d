"""What is said of a plan: when, how badly, and what is advised."""

from dataclasses import replace

import pytest

from shared.alerts.decide.content import digest_of
from shared.checks.clients import evidence_of
from shared.checks.predicted import amount, predicted, will_fail
from shared.model.clients import ClientEffect, Operation, Suffers
from shared.model.database import History
from shared.model.finding import Finding, Severity
from shared.model.plan import (
    Access,
    Blocks,
    Condition,
    Duration,
    Effects,
    Found,
    LockMode,
    Outcome,
    Plan,
    PlannedStatement,
    Prediction,
    Probe,
    TableSize,
)
from shared.model.settings import RemedySettings
from shared.remedies.context import RemedyContext, context_of
from shared.report.impact import impact
from tests.builders import NOW, reading

T = ("public", "t")
PROBE = Probe('SELECT FROM "public"."t" WHERE "a" IS NULL', (T,), Access.SCAN)
NULLS = Condition("23502", "a of t contains NULLs", PROBE)
LOCKED = Effects({T: LockMode.ACCESS_EXCLUSIVE}, scans=frozenset({T}))
FULL = {T: TableSize(300_000, 22 * 2**20)}
EMPTY = {T: TableSize(0, 0)}


def statement(line: int = 1, **options: object) -> PlannedStatement:
    made = PlannedStatement("1_a", line, f"ALTER TABLE t {line}", Prediction(Outcome.OK, LOCKED), Blocks.READS)
    return replace(made, **options)  # type: ignore[arg-type]  # its own fields


def plan(*statements: PlannedStatement) -> Plan:
    return Plan(("1_a",), statements, max_block=5.0)


def found(each: Plan, sizes: object = FULL, severity: Severity | None = None) -> list[tuple[str, str, Severity]]:
    database = replace(reading(), sizes=sizes)  # type: ignore[arg-type]  # one of two
    return [(one.code, one.subject, one.severity) for one in predicted(each, database, severity)]


BLOCKS = statement(held=Duration(1, 20))
LOSES = statement(prediction=Prediction(Outcome.OK, LOCKED, loses=("column a of t",)))
BREAKS = statement(clients=(ClientEffect(T, (Operation.READ,), (), Suffers.FAILS, "P2022"),))
ASSUMED = statement(clients=(ClientEffect(T, (Operation.READ,), (), Suffers.FAILS, "P2022", assumed=True),))
OPEN = statement(prediction=Prediction(Outcome.DEPENDS, LOCKED, "23502", conditions=(NULLS,)))


@pytest.mark.parametrize(
    ("each", "sizes", "expected"),
    [
        pytest.param(BLOCKS, FULL, [("deploy-blocks", "1_a", Severity.WARNING)], id="blocks for long"),
        pytest.param(replace(BLOCKS, held=Duration(1, 60)), FULL, [("deploy-blocks", "1_a", Severity.CRITICAL)], id="blocks ten times as long"),
        pytest.param(replace(BLOCKS, held=Duration(1, 5)), FULL, [], id="blocks as long as it may"),
        pytest.param(BLOCKS, EMPTY, [], id="blocks an empty table"),
        pytest.param(replace(BLOCKS, blocks=Blocks.NONE), FULL, [], id="takes long, and blocks nobody"),
        pytest.param(replace(BLOCKS, held=None), FULL, [], id="how long is not known"),
        pytest.param(LOSES, FULL, [("deploy-loses-data", "1_a", Severity.WARNING)], id="loses rows"),
        pytest.param(LOSES, EMPTY, [], id="loses nothing: the table is empty"),
        pytest.param(LOSES, {}, [("deploy-loses-data", "1_a", Severity.WARNING)], id="loses what nobody could measure"),
        pytest.param(BREAKS, FULL, [("deploy-breaks-running-app", "1_a", Severity.WARNING)], id="breaks the running app"),
        pytest.param(ASSUMED, FULL, [("deploy-breaks-running-app", "1_a", Severity.INFO)], id="breaks an app that is not known"),
        pytest.param(OPEN, FULL, [("deploy-not-probed", "public", Severity.INFO)], id="the rows were not read"),
        pytest.param(statement(), FULL, [], id="nothing to say"),
        pytest.param(replace(LOSES, prediction=Prediction(Outcome.FAILS, LOCKED, "23502", loses=("column a of t",))), FULL, [], id="what fails loses nothing"),
    ],
)  # fmt: skip
def test_what_is_said(each: PlannedStatement, sizes: object, expected: list[tuple[str, str, Severity]]) -> None:
    assert found(plan(each), sizes) == expected


OFFERED = Condition("0A000", "the server must offer it", Probe("SELECT 1", (), Access.INDEX))


def unread(*conditions: Condition) -> Finding:
    statements = [
        statement(line, prediction=Prediction(Outcome.DEPENDS, LOCKED, each.sqlstate, conditions=(each,)))
        for line, each in enumerate(conditions, 1)
    ]
    (one,) = predicted(plan(*statements), replace(reading(), sizes=FULL), None)
    return one


@pytest.mark.parametrize(
    ("conditions", "summary", "steps"),
    [
        pytest.param((NULLS,), "Rows decide whether 1 pending statement can run (line 1 of 1_a), and they were not read.", ["Count the rows in the way."], id="rows"),
        pytest.param((OFFERED,), "The server decides whether 1 pending statement can run (line 1 of 1_a), and it was not asked.", ["Ask the server: 0 says that nothing is in the way."], id="what the server has"),
        pytest.param((NULLS, OFFERED), "Rows and the server decide whether 2 pending statements can run (line 1 of 1_a, line 2 of 1_a), and neither was asked.", ["Count the rows in the way.", "Ask the server: 0 says that nothing is in the way."], id="both"),
    ],
)  # fmt: skip
def test_who_decides_is_named(conditions: tuple[Condition, ...], summary: str, steps: list[str]) -> None:
    one = unread(*conditions)
    assert (one.summary, [step.text for step in one.remedy]) == (summary, steps)


def test_before_anybody_deploys_all_of_it_is_information() -> None:
    several = plan(replace(BLOCKS, held=Duration(1, 600)), LOSES, BREAKS, OPEN)
    assert {severity for *_, severity in found(several, severity=Severity.INFO)} == {Severity.INFO}


def context() -> RemedyContext:
    return replace(context_of((), RemedySettings(), reading(), History(exists=True)), conflicting=("1_a",))


def failing(*, can_deploy: bool) -> Finding:
    rows = Prediction(
        Outcome.FAILS, LOCKED, "23502", (NULLS.because,), conditions=(NULLS,), rows=Found(1204, NOW), at=NOW
    )
    catalog = Prediction(Outcome.FAILS, sqlstate="2BP01", because=("view v depends on it",))
    statements = statement(3, prediction=rows), statement(7, prediction=catalog)
    (finding,) = will_fail("1_a", plan(*statements), Severity.CRITICAL, context(), None, can_deploy=can_deploy)
    return finding


def test_a_failure_names_the_statement_and_counts_its_rows() -> None:
    finding = failing(can_deploy=False)
    assert finding.summary == (
        "1_a cannot be deployed: line 3 fails with SQLSTATE 23502: a of t contains NULLs. Rows in the way: 1,204. "
        "1 more of its statements also fails."
    )
    assert {name: finding.evidence[name] for name in ("line", "sqlstate", "rows", "tables")} == {
        "line": 3,
        "sqlstate": "23502",
        "rows": 1204,
        "tables": ["public.t"],
    }
    assert [step.text for step in finding.remedy] == [
        "Count the rows in the way of line 3 of 1_a.",
        "Change those rows, or change line 3 of 1_a.",
        "Change line 7 of 1_a, and release again: view v depends on it.",
        "Check again, and follow the steps of the new report.",
    ]
    assert PROBE.sql in (finding.remedy[0].command or "")


def test_the_deployment_comes_last_if_at_all() -> None:
    commands = [step.command for step in failing(can_deploy=True).remedy]
    assert commands[-1] == "npx prisma migrate deploy"
    assert "npx prisma migrate deploy" not in [step.command for step in failing(can_deploy=False).remedy]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        pytest.param(Found(7, NOW), "7", id="all of them"),
        pytest.param(Found(1000, NOW, more=True), "more than 1,000", id="too many to count"),
        pytest.param(Found(1, NOW, more=True), "at least 1", id="on a schedule"),
    ],
)
def test_how_many(rows: Found, words: str) -> None:
    assert amount(rows) == words


@pytest.mark.parametrize(
    ("each", "code"),
    [
        pytest.param(BLOCKS, "deploy-blocks", id="blocks"),
        pytest.param(LOSES, "deploy-loses-data", id="loses"),
        pytest.param(BREAKS, "deploy-breaks-running-app", id="breaks"),
    ],
)
def test_what_the_author_of_a_migration_accepts_is_not_said(each: PlannedStatement, code: str) -> None:
    accepted, other = replace(each, accepted=frozenset({code})), replace(each, line=2)
    assert [one[0] for one in found(plan(each))] == [code]
    assert found(plan(accepted)) == []
    (left,) = predicted(plan(accepted, other), replace(reading(), sizes=FULL), None)
    assert left.evidence["line"] == 2


def test_what_is_said_of_thousands_of_statements_is_bounded() -> None:
    (breaks,) = predicted(plan(*(replace(BREAKS, line=line) for line in range(1, 1001))), reading(), None)
    statements = breaks.evidence["statements"]
    assert isinstance(statements, list)
    assert [each["line"] for each in statements if isinstance(each, dict)] == [*range(1, 201)]
    assert breaks.evidence["statements_left_out"] == 800
    assert breaks.actual is not None
    assert breaks.actual.endswith("; and more")
    assert breaks.summary.endswith("999 more of its statements do so.")


def test_what_fails_a_thousand_times_has_steps_for_the_first_and_says_how_many_are_left() -> None:
    fails = Prediction(Outcome.FAILS, sqlstate="2BP01", because=("view v depends on it",))
    allowed = Prediction(
        Outcome.FAILS,
        sqlstate="0A000",
        because=("it is not allowed",),
        conditions=(Condition("0A000", "it is not allowed", allow="hstore"),),
    )
    several = (
        *(statement(line, prediction=allowed) for line in range(1, 6)),
        *(statement(n, prediction=fails) for n in range(6, 1001)),
    )
    (finding,) = will_fail("1_a", plan(*several), Severity.CRITICAL, context(), None, can_deploy=True)
    texts = [step.text for step in finding.remedy]
    assert texts[0] == "Allow the extension hstore: add it to the server's parameter azure.extensions."
    assert texts[1:16] == [f"Change line {n} of 1_a, and release again: view v depends on it." for n in range(6, 21)]
    assert texts[16] == "Fix 980 more statements that fail: the plan has each with its reason."
    assert finding.evidence["statements_left_out"] == 800


def test_queries_that_are_not_printed_are_counted() -> None:
    probes = (Probe(f"SELECT {n}", (T,), Access.SCAN) for n in range(25))
    opened = (
        statement(n, prediction=Prediction(Outcome.DEPENDS, LOCKED, "23502", conditions=(replace(NULLS, probe=each),)))
        for n, each in enumerate(probes)
    )
    (finding,) = predicted(plan(*opened), reading(), None)
    assert [step.command is None for step in finding.remedy] == [False] * 10 + [True]
    assert finding.remedy[-1].text == "15 more queries are not printed here."


def test_what_thousands_of_clients_suffer_is_bounded() -> None:
    effects = tuple(replace(BREAKS.clients[0], table=("public", f"t{n}")) for n in range(1000))
    evidence = evidence_of(effects)
    assert {name: len(each) if isinstance(each, list) else each for name, each in evidence.items()} == {
        "clients": 200,
        "clients_left_out": 800,
        "failing_tables": 200,
        "failing_tables_left_out": 800,
    }
    finding = Finding("migration-pending", "1_a", Severity.CRITICAL, "It is pending.", evidence=evidence)
    said = impact([finding])
    assert said is not None
    assert said.startswith("At least 200 Prisma operations are affected: ")
    assert digest_of([finding]) == digest_of([replace(finding, evidence={})])
    (breaks,) = predicted(plan(replace(BREAKS, clients=effects)), reading(), None)
    assert breaks.summary.endswith("; and 990 more.")
    assert breaks.evidence["clients_left_out"] == 800
