"""What the page of all targets and the metrics show of one: a few kilobytes, and the same at any moment.

It is made of the memory and the last report of a target, which are a hundred times as large: until one of these
changes, it can be kept.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, datetime, timedelta

from ..model.codes import CODES
from ..model.diagnosis import State
from ..model.report import Report, Verdict
from ..model.value import dataclass
from .figures import DAYS, Figures, figures_by_day, since_then, times_unknown
from .fleet.summary import rows, worst_of
from .html.page import Remembered
from .html.strips import Cell, cells_by_day
from .lateness import late_since
from .reading import NoReportError, as_report
from .wording import problem

_KEPT = timedelta(days=DAYS)
_WAITING = frozenset({State.PENDING, State.SKIPPED, State.ROLLED_BACK})


@dataclass(frozen=True, slots=True)
class LastReport:
    """What is kept of the last report: *worst* is its worst problem in words, *findings* are counted by code."""

    verdict: Verdict
    at: datetime
    took: timedelta
    release: str | None
    applied: int | None
    pending: int | None
    waiting: int
    worst: str | None
    findings: Sequence[tuple[str, str, int]]
    checks: Sequence[tuple[str, timedelta]]


@dataclass(frozen=True, slots=True)
class Brief:
    """One target. *why* nothing can be read of its report; None where it can, or where there is none yet.

    *begun* is when the oldest incident began that is open, *unknown* from when on checks had no result, and for how
    long: None for as long as that lasts. *is_remembered* is false where the page is made of one report alone.
    """

    name: str
    report: LastReport | None = None
    why: str | None = None
    is_remembered: bool = False
    last_run_at: datetime | None = None
    next_run_at: datetime | None = None
    begun: datetime | None = None
    silenced_until: datetime | None = None
    days: Mapping[date, Cell] = field(default_factory=dict)
    figures: Mapping[date, Figures] = field(default_factory=dict)
    unknown: Sequence[tuple[datetime, timedelta | None]] = ()

    def overdue(self, now: datetime) -> datetime | None:
        """Give when the next run was due, where it did not come."""
        return late_since(self.next_run_at, now)

    def unknown_for(self, now: datetime) -> timedelta:
        """Add up for how long some check had no result within 30 days."""
        kept = (each for each in self.unknown if now - each[0] <= _KEPT)
        return sum((since_then(since, took, now) for since, took in kept), timedelta(0))


def brief_of(state: Remembered) -> Brief:
    """Give what is shown of *state* among many."""
    report, why = None, state.broken
    if why is None and state.report is not None:
        try:
            report = _last(as_report(state.report))
        except NoReportError as error:
            why = str(error)
    if state.memory is None:
        return Brief(state.name, report, why)
    memory = state.memory
    return Brief(
        state.name,
        report,
        why,
        is_remembered=True,
        last_run_at=memory.runs[-1].at if memory.runs else None,
        next_run_at=memory.next_run_at,
        begun=min((each.since for each in memory.incidents if each.is_open), default=None),
        silenced_until=max((each.silence.until for each in memory.silences), default=None),
        days=cells_by_day(memory.runs),
        figures=figures_by_day(memory),
        unknown=tuple(times_unknown(memory.runs)),
    )


def _last(report: Report) -> LastReport:
    (row,) = rows([report])
    counts = Counter((each.code, each.severity.value) for each in report.findings if each.code in CODES)
    return LastReport(
        report.verdict,
        report.started_at,
        report.took,
        row.release,
        row.applied,
        row.pending,
        sum(each.state in _WAITING for each in report.migrations),
        worst_of(report, problem),
        tuple((code, severity, count) for (code, severity), count in sorted(counts.items())),
        tuple((check.name, check.took) for check in report.checks if check.verdict is not Verdict.SKIPPED),
    )
