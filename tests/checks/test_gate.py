"""The gate before a deployment that applies migrations itself: it opens only where no statement may run a second time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.database import History, HistoryRow
from shared.model.finding import Severity
from shared.model.report import Phase
from tests.builders import facts, reading
from tests.diagnose.test_proof import OF_NOTHING, OF_PRISMA_6
from tests.diagnose.test_schema import diagnosed, live, ran, resolved, shipping
from tests.tables import hold

HISTORY = next(check for check in CHECKS if check.name == "history")
BASE, LATER = "CREATE TABLE a (id int, x int);", "CREATE TABLE later ();"
WRITE, COLUMN, NEEDS = "UPDATE a SET x = 1;", "ALTER TABLE a ADD COLUMN z int;", "UPDATE a SET z = 1;"
TABLE = "CREATE TABLE w ();"
GUARDED = "DO $$ BEGIN CREATE EXTENSION pg_trgm; EXCEPTION WHEN OTHERS THEN NULL; END $$;"
Policy = Literal["migrate-first", "deploy-migrates"]
GO, STOP = Severity.INFO, Severity.CRITICAL
NEVER, LATE, ROLLED_BACK = "never begun", "skipped", "rolled back"


@dataclass(frozen=True)
class Case:
    """A migration, what its state is by the history, and what the gate makes of it. By default none of it is there."""

    script: str
    states: Sequence[str]
    severity: Severity
    logs: str | None = OF_NOTHING


CASES = [
    # What was never begun has not run, unless the catalog shows it.
    Case(TABLE, [NEVER, LATE, ROLLED_BACK], GO),
    Case(WRITE, [NEVER], GO),
    Case(f"{TABLE} {WRITE}", [NEVER, LATE], GO),
    Case(f"{GUARDED} {TABLE}", [NEVER, LATE, ROLLED_BACK], GO),
    Case(f"{GUARDED} {TABLE} {WRITE}", [NEVER, LATE], GO),
    # A later one was deployed, and nothing of this one could show.
    Case(WRITE, [LATE], STOP),
    Case(f"{WRITE} {NEEDS}", [LATE], STOP),
    Case("SELECT f();", [LATE], STOP),
    Case(GUARDED, [LATE], STOP),
    # It was begun: Prisma may have got as far as that, or somebody has run it by hand.
    Case(WRITE, [ROLLED_BACK], STOP),
    Case(f"{WRITE} {TABLE}", [ROLLED_BACK], STOP),
    Case(f"{WRITE} {TABLE}", [ROLLED_BACK], STOP, None),
    Case(f"{WRITE} {TABLE}", [ROLLED_BACK], STOP, OF_PRISMA_6),
    Case(f"{TABLE} {WRITE}", [ROLLED_BACK], STOP),
    Case("SELECT f();", [ROLLED_BACK], STOP),
    # It needs what is missing, so that it cannot have run.
    Case(f"{COLUMN} {NEEDS}", [NEVER, LATE, ROLLED_BACK], GO),
    # A second run changes nothing.
    Case(f"COMMENT ON TABLE a IS 'one'; {TABLE}", [NEVER, LATE, ROLLED_BACK], GO),
    Case(f"SET lock_timeout = '3s'; {TABLE}", [NEVER, LATE, ROLLED_BACK], GO),
]  # fmt: skip


def severity_of(case: Case, state: str, phase: Phase | None, policy: Policy) -> Severity:
    later = [("3", LATER)] if state == LATE else []
    rows: list[HistoryRow] = [ran(name, script) for name, script in later]
    if state == ROLLED_BACK:
        rows = [ran("2", case.script, finished=False, rolled_back=True, logs=case.logs)]
    recorded = (ran("1", BASE, minutes_ago=90), *rows)
    shipped = shipping(("1", BASE), ("2", case.script), *later)
    actual = live(BASE, *(script for _, script in later))
    said = facts(shipped, reading(history=History(exists=True, rows=recorded), catalog=actual))
    said = replace(said, phase=phase, deploying=False, target=replace(said.target, policy=policy))
    (found,) = run_check(HISTORY, said, diagnosed(shipped, recorded, actual)).findings
    return found.severity


def test_the_gate_opens_only_where_nothing_may_run_twice() -> None:
    def holds(given: tuple[Case, str]) -> None:
        case, state = given
        found = severity_of(case, state, "before", "deploy-migrates")
        assert found is case.severity, f"{found} instead of {case.severity}"

    hold(holds, [(case, state) for case in CASES for state in case.states])


@pytest.mark.parametrize(
    ("there", "severity"),
    [pytest.param("CREATE INDEX k ON a (x);", GO, id="all of it"), pytest.param("", STOP, id="without its index")],
)
def test_it_stays_closed_while_one_lacks_what_was_only_recorded(there: str, severity: Severity) -> None:
    """The index alone would be a warning; but a person runs what is missing first, and a write is among it."""
    early = f"{WRITE} CREATE INDEX k ON a (x);"
    rows = (ran("1", BASE, minutes_ago=90), resolved("2", 60, early.encode()))
    shipped = shipping(("1", BASE), ("2", early), ("3", TABLE))
    actual = live(BASE, there)
    said = facts(shipped, reading(history=History(exists=True, rows=rows), catalog=actual))
    said = replace(said, phase="before", target=replace(said.target, policy="deploy-migrates"))
    found = run_check(HISTORY, said, diagnosed(shipped, rows, actual)).findings
    assert [each.severity for each in found if each.subject == "3"] == [severity]


def test_it_opens_for_nothing_where_migrations_go_first() -> None:
    cases = product(CASES, [NEVER, LATE, ROLLED_BACK])
    assert {severity_of(case, state, "before", "migrate-first") for case, state in cases} == {Severity.CRITICAL}


def test_what_is_not_deployed_yet_is_no_alarm() -> None:
    cases = product(CASES, [NEVER, LATE, ROLLED_BACK])
    assert {severity_of(case, state, None, "deploy-migrates") for case, state in cases} == {Severity.INFO}
