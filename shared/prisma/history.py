"""What the rows of ``_prisma_migrations`` say of each name."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum, auto

from ..model.database import HistoryRow
from ..model.value import dataclass


class Status(Enum):
    """How ``migrate deploy`` takes a name: done, in its way, or to be run again."""

    APPLIED = auto()
    UNFINISHED = auto()
    ROLLED_BACK = auto()


@dataclass(frozen=True, slots=True)
class Record:
    """All that the history says of one name: *row* is the one that counts, of as many as *attempts*.

    *also_finished*: another one finished. *failed* is the newest that was rolled back with an error
    in its logs, of one that was applied since.
    """

    name: str
    status: Status
    row: HistoryRow
    also_finished: bool
    attempts: int
    failed: HistoryRow | None = None


def records(rows: Iterable[HistoryRow]) -> dict[str, Record]:
    """Sum up the rows, oldest first, by name.

    Any unfinished row blocks every deploy (P3009), even if another row of that name finished. A row
    both finished and rolled back is run again by deploy. Among equals the newest counts: it is the
    script that ran last.
    """
    by_name: dict[str, list[HistoryRow]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    return {name: _record(name, rows_of_name) for name, rows_of_name in by_name.items()}


# How far the clock of the machine that deployed may be ahead of the server's.
_CLOCK_SKEW = timedelta(minutes=5)


def is_young(row: HistoryRow, now: datetime, patience: timedelta) -> bool:
    """Say whether *row* began less than *patience* ago. What claims to begin in the future is not young, but absurd."""
    return row.started_at is not None and -_CLOCK_SKEW < now - row.started_at < patience


def _record(name: str, rows: list[HistoryRow]) -> Record:
    not_rolled_back = [row for row in rows if row.rolled_back_at is None]
    finished = [row for row in not_rolled_back if row.finished_at is not None]
    unfinished = [row for row in not_rolled_back if row.finished_at is None]
    if unfinished:
        return Record(name, Status.UNFINISHED, unfinished[-1], bool(finished), len(rows))
    if finished:
        failed = next((row for row in reversed(rows) if row.rolled_back_at is not None and row.logs), None)
        return Record(name, Status.APPLIED, finished[-1], True, len(rows), failed)
    return Record(name, Status.ROLLED_BACK, rows[-1], False, len(rows))
