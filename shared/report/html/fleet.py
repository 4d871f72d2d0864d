"""The page of all targets: a line each, the worst first."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from ...model.report import WORST_FIRST, Verdict
from ...model.value import dataclass
from ..brief import Brief
from ..figures import last_days
from .strips import Cell, of_days

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


def view_of(briefs: Sequence[Brief], now: datetime) -> FleetView:
    days = last_days(now)[-_DAYS:]
    lines = sorted(
        (_line(each, days, now) for each in briefs), key=lambda line: (_rank(line.tone), _natural(line.name))
    )
    counted = Counter(line.tone for line in lines)
    return FleetView(lines, [(word.value, counted[word.value]) for word in WORST_FIRST if counted[word.value]])


def _natural(name: str) -> Sequence[tuple[int, str]]:
    """``tenant-2`` before ``tenant-10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,18})", name.casefold())]


def _rank(tone: str) -> int:
    return WORST_FIRST.index(Verdict(tone))


def _line(brief: Brief, days: Sequence[date], now: datetime) -> FleetLine:
    report = brief.report
    return FleetLine(
        brief.name,
        (Verdict.UNKNOWN if report is None else report.verdict).value,
        brief.why or ("no check has ended yet" if report is None else report.worst or ""),
        (report.release if report is not None else None) or "",
        "" if report is None or report.applied is None else str(report.applied),
        "" if report is None or report.pending is None else str(report.pending),
        None if report is None else report.at,
        brief.begun,
        brief.overdue(now) is not None,
        brief.silenced_until is not None and brief.silenced_until > now,
        of_days(brief.days, days) if brief.is_remembered else (),
    )
