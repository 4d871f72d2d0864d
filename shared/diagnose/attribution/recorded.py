"""Which migration was recorded next after a transaction began, by the order of the numbers of transactions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from ...model.attribution import OwnRuns
from ...model.database import History, HistoryRow
from ...model.knowledge import Unavailable
from ...model.value import dataclass
from ...model.xids import NEVER_WRAPPED, newest


@dataclass(frozen=True, slots=True)
class Recorded:
    """A migration that finished *at*, and the transaction that last wrote its row."""

    name: str
    at: datetime
    xid: int


def recorded(rows: Iterable[HistoryRow], next_xid: int, own_runs: OwnRuns | None) -> Sequence[Recorded]:
    """Give the migrations whose rows stand as Prisma wrote them, in order.

    Prisma writes a row last when its migration finishes, so the order of the numbers is that of the times. A row that
    is out of that order was written again (by hand, by a load of all rows at once) and says nothing; nor does one whose
    transaction ended after an own check that came after the migration.
    """
    found = []
    for row in rows:
        if row.finished_at is None or row.rolled_back_at is not None or row.xmin is None:
            continue
        xid = newest(row.xmin, next_xid)
        if xid is None or _is_written_again(xid, row.finished_at, own_runs):
            continue
        if _means_one(xid, row.finished_at, next_xid, own_runs):
            found.append(Recorded(row.name, row.finished_at, xid))
    found.sort(key=lambda each: (each.at, each.xid))
    times = Counter(each.xid for each in found)
    in_order: list[Recorded] = []
    earliest_later: int | None = None
    for each in reversed(found):
        if times[each.xid] == 1 and (earliest_later is None or each.xid < earliest_later):
            in_order.append(each)
        earliest_later = each.xid if earliest_later is None else min(earliest_later, each.xid)
    return in_order[::-1]


def next_recorded(xid: int, migrations: Sequence[Recorded]) -> Recorded | None:
    """Give the first that was recorded after *xid* began; None where none was, or none was before it.

    A dump and load writes tables before all rows of the history: what is below all of them was no change between two.
    """
    later = [each for each in migrations if each.xid > xid]
    has_earlier = any(each.xid < xid for each in migrations)
    return later[0] if later and has_earlier else None


def has_loaded(xid: int, history: History | Unavailable, next_xid: int) -> bool:
    """Say whether *xid* wrote rows of the history beside objects: Prisma never does, a load in one transaction does."""
    rows = () if isinstance(history, Unavailable) else history.rows
    return any(row.xmin is not None and newest(row.xmin, next_xid) == xid for row in rows)


def means_one_transaction(xid: int, next_xid: int, own_runs: OwnRuns | None) -> bool:
    """Say whether a row's number can be of no older transaction: none was used twice, or own checks span it."""
    if next_xid < NEVER_WRAPPED:
        return True
    return own_runs is not None and xid >= own_runs.runs[0].next_xid


def _is_written_again(xid: int, at: datetime, own_runs: OwnRuns | None) -> bool:
    return own_runs is not None and any(run.at > at and run.next_xid <= xid for run in own_runs.runs)


def _means_one(xid: int, at: datetime, next_xid: int, own_runs: OwnRuns | None) -> bool:
    if not means_one_transaction(xid, next_xid, own_runs):
        return False
    return next_xid < NEVER_WRAPPED or (own_runs is not None and at >= own_runs.runs[0].at)
