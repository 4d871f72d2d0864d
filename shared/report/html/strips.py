"""Runs as strips of cells: the last day by the hour, the last 30 days by the day. Each cell is its worst run."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from ...model.memory import Run
from ...model.report import WORST_FIRST, Verdict
from ...model.value import dataclass
from ..figures import last_days

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Cell:
    """*tone* is the worst verdict, or ``none`` where nothing ran; *text* says when, what, and how long it took."""

    tone: str
    text: str


def by_the_hour(runs: Sequence[Run], now: datetime) -> Sequence[Cell]:
    begins = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - 23 * _HOUR
    return list(_cells(runs, begins, _HOUR, 24, "%H:%M"))


def by_the_day(runs: Sequence[Run], now: datetime) -> Sequence[Cell]:
    return of_days(cells_by_day(runs), last_days(now))


def cells_by_day(runs: Sequence[Run]) -> Mapping[date, Cell]:
    """Give the cell of each day on which something ran."""
    found: dict[date, list[Run]] = {}
    for run in runs:
        found.setdefault(run.at.astimezone(UTC).date(), []).append(run)
    return {day: _cell(ran, f"{day:%Y-%m-%d}") for day, ran in found.items()}


def of_days(cells: Mapping[date, Cell], days: Sequence[date]) -> Sequence[Cell]:
    """Give the cells of *days*, also of those on which nothing ran."""
    return [cells.get(day) or _cell((), f"{day:%Y-%m-%d}") for day in days]


def _cells(runs: Sequence[Run], begins: datetime, width: timedelta, count: int, when: str) -> Iterator[Cell]:
    slots: list[list[Run]] = [[] for _ in range(count)]
    for run in runs:
        number = (run.at - begins) // width
        if 0 <= number < count:
            slots[number].append(run)
    for number, found in enumerate(slots):
        yield _cell(found, f"{begins + number * width:{when}}")


def _cell(runs: Sequence[Run], when: str) -> Cell:
    if not runs:
        return Cell("none", f"{when}: no run")
    worst = min(runs, key=lambda run: WORST_FIRST.index(run.verdict))
    took = max(run.took for run in runs).total_seconds()
    number = sum(run.count for run in runs)
    if number == 1:
        return Cell(worst.verdict.value, f"{worst.at.astimezone(UTC):%H:%M} {worst.verdict}, took {took:.1f} s")
    worst_of = f"worst {worst.verdict}" if worst.verdict is not Verdict.PASSED else "all passed"
    return Cell(worst.verdict.value, f"{when}: {number} runs, {worst_of}, took up to {took:.1f} s")
