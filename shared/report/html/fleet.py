"""The page of all targets: a line each, the worst first."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from ...model.report import WORST_FIRST, Verdict
from ...model.value import dataclass
from ..fleet.summary import rows, worst_of
from ..lateness import overdue
from ..reading import NoReportError, as_report
from ..wording import problem
from .page import Remembered
from .strips import Cell, by_the_day

# So many days of each target: of 500 targets, more would be a page of megabytes.
_DAYS = 14


@dataclass(frozen=True, slots=True)
class FleetLine:
    name: str
    tone: str
    text: str
    release: str
    applied: str
    pending: str
    at: datetime | None
    since: datetime | None
    late: bool
    silenced: bool
    days: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class FleetView:
    lines: Sequence[FleetLine]
    counts: Sequence[tuple[str, int]]


def view_of(states: Sequence[Remembered], now: datetime) -> FleetView:
    lines = sorted((_line(state, now) for state in states), key=lambda line: (_rank(line.tone), _natural(line.name)))
    counted = Counter(line.tone for line in lines)
    return FleetView(lines, [(word.value, counted[word.value]) for word in WORST_FIRST if counted[word.value]])


def _natural(name: str) -> Sequence[tuple[int, str]]:
    """``tenant-2`` before ``tenant-10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,18})", name.casefold())]


def _rank(tone: str) -> int:
    return WORST_FIRST.index(Verdict(tone))


def _line(state: Remembered, now: datetime) -> FleetLine:
    memory, why, row, at, tone = state.memory, state.broken, None, None, Verdict.UNKNOWN
    if why is None and state.report is not None:
        try:
            report = as_report(state.report)
        except NoReportError as error:
            why = str(error)
        else:
            (row,), at, tone = rows([report]), report.started_at, report.verdict
            why = worst_of(report, problem) or ""
    begun = [each.since for each in memory.incidents if each.is_open] if memory is not None else []
    return FleetLine(
        state.name,
        tone.value,
        "no check has ended yet" if why is None else why,
        (row.release if row is not None else None) or "",
        "" if row is None or row.applied is None else str(row.applied),
        "" if row is None or row.pending is None else str(row.pending),
        at,
        min(begun, default=None),
        overdue(memory, now) is not None,
        memory is not None and any(each.silence.until > now for each in memory.silences),
        by_the_day(memory.runs, now)[-_DAYS:] if memory is not None else (),
    )
