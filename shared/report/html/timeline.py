"""The migrations, newest first: a column an environment, each migration unfolding to its statements."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ...model.codes import row_of
from ...model.moment import moment_of
from ...model.value import dataclass
from ..fleet.summary import is_one_application
from ..unfolded import APPLIED
from .page import Remembered
from .planned import PlanView
from .trouble import Statement, Trouble

# The newest ones; of older ones those that are not simply applied everywhere.
_NEWEST = 30
_MOST = 60
_MOST_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """How one migration is in one environment: *tone* is that of a verdict, *took* None where it is not known."""

    state: str
    tone: str
    at: datetime | None
    took: timedelta | None


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    marks: tuple[Mark | None, ...]
    statements: tuple[Statement, ...]

    @property
    def is_well(self) -> bool:
        return all(mark is not None and mark.state in APPLIED for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Timeline:
    """*older* migrations are applied everywhere and not listed."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    older: int


def timeline_of(
    state: Remembered, others: Sequence[Remembered], troubles: Sequence[Trouble], plan: PlanView | None
) -> Timeline | None:
    """Give the migrations of *state*, with a column for each of *others* that has some of them too."""
    own = _marks(state)
    if not own:
        return None
    found = [(each.name, _marks(each)) for each in others if each.name != state.name]
    alike = [(name, marks) for name, marks in found if is_one_application(own.keys(), marks.keys())]
    columns = [(state.name, own), *alike][:_MOST_COLUMNS]
    names = sorted({name for _, marks in columns for name in marks}, reverse=True)
    statements = {**_applied(state), **_statements(troubles, plan)}
    rows = [Row(name, tuple(marks.get(name) for _, marks in columns), statements.get(name, ())) for name in names]
    kept = [row for number, row in enumerate(rows) if number < _NEWEST or not row.is_well][:_MOST]
    return Timeline(tuple(name for name, _ in columns), tuple(kept), len(rows) - len(kept))


def _applied(state: Remembered) -> Mapping[str, tuple[Statement, ...]]:
    found: Any = None if state.report is None else state.report.get("migrations")
    return {
        each["name"]: tuple(Statement(one["line"], "applied", one["sql"], "") for one in each["statements"])
        for each in found or ()
        if each.get("statements")
    }


def _marks(state: Remembered) -> Mapping[str, Mark]:
    found: Any = None if state.report is None else state.report.get("migrations")
    return {each["name"]: _mark(each) for each in found or ()}


def _mark(migration: Mapping[str, Any]) -> Mark:
    took, state = migration.get("took_ms"), migration["state"]
    return Mark(
        state.replace("-", " "),
        "passed" if state in APPLIED else _TONES.get(row_of(f"migration-{state}").severity or "", "unknown"),
        moment_of(migration["finished_at"]) or moment_of(migration["started_at"]),
        None if took is None else timedelta(milliseconds=took),
    )


_TONES = {"critical": "failed", "warning": "warning", "info": "info"}


def _statements(troubles: Sequence[Trouble], plan: PlanView | None) -> Mapping[str, tuple[Statement, ...]]:
    """By migration: how far it got where it did not run as a whole, else what is to be run."""
    planned = {
        migration.name: tuple(Statement(row.line, row.outcome, row.sql, row.because) for row in migration.rows)
        for migration in (plan.migrations if plan is not None else ())
    }
    found = {
        trouble.incident.removeprefix("migration "): trouble.statements
        for trouble in _all(troubles)
        if trouble.statements and trouble.incident.startswith("migration ")
    }
    return planned | found


def _all(troubles: Sequence[Trouble]) -> Iterator[Trouble]:
    for each in troubles:
        yield each
        yield from _all(each.consequences)
