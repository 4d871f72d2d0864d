"""How long statements take, and for how long their locks are held: ranges in seconds, good for orders of magnitude.

A task's time is a multiple of the time of one scan of its table. The multiples were measured on PostgreSQL 15 (2 cores,
2 million rows, a table of 277 MiB in memory, WAL on) and rounded outwards: the lower end is that of memory, the upper
end adds what a slow disk has to read and write. Waiting for a lock, or for other transactions, is not in them.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ...model.plan import Duration, Effects, Relation, Sizes
from ...model.schema import Kind
from ...model.value import dataclass
from ..parse import Statement
from .known import Changed, Known
from .work import Task, Work, work_of

_MIB = 1024 * 1024
# Bytes a second: a scan of a table in memory, and the throughput of a slow disk.
MEMORY = 1650 * _MIB
_DISK = 50 * _MIB
# A change of the catalog alone: no work but its commit.
_CATALOG = Duration(0.0, 0.05)


@dataclass(frozen=True, slots=True)
class _Cost:
    """Multiples of one scan in memory, and how often the table's size is read from and written to the disk."""

    low: float
    high: float
    moved: float


_COSTS: Mapping[Work, _Cost] = {
    Work.READ: _Cost(0.0, 10, 1),  # an index may serve it
    Work.CHECK: _Cost(0.7, 4, 1),
    Work.REFERENCE: _Cost(0.7, 10, 2),
    Work.INDEX: _Cost(1.5, 30, 3),
    Work.OTHER_INDEX: _Cost(0.1, 300, 5),  # BRIN is little more than a scan, GIN of long texts is slow
    Work.REWRITE: _Cost(3, 70, 3),
    Work.CHANGE: _Cost(0.0, 215, 6),  # any number of rows
}

# How many times slower than memory this server did a kind of work before.
Pace = Mapping[Work, float]
UNKNOWN_PACE: Pace = MappingProxyType({})
# One observation is no range.
_SPREAD = 3


@dataclass(frozen=True, slots=True)
class _Bytes:
    """How large a table is at this moment of the run, at least and at most."""

    low: float
    high: float


# No table of the server is larger (PostgreSQL's documentation, "PostgreSQL Limits"): 32 TiB.
_LARGEST = 32 * 2**40


class Estimate:
    """The times of a run's statements, each after those before it: what they make, rename and fill is followed."""

    def __init__(self, sizes: Sizes, pace: Pace = UNKNOWN_PACE) -> None:
        self._sizes = {table: _Bytes(size.bytes, size.bytes) for table, size in sizes.items()}
        self._pace = pace

    def took(self, statement: Statement, effects: Effects, before: Known, changed: Changed) -> Duration | None:
        """The time of *statement* alone; None where a size is not known, or code that is not analysed decides.

        *before* is the schema before it, *changed* what it changes in it. To be asked once for each, in order.
        """
        tasks = work_of(statement, effects, before)
        found = _CATALOG if tasks is not None else None
        for task in tasks or ():
            found = _sum(found, self._time(task, before))
        self._follow(statement, effects, before, changed)
        return found

    def _time(self, task: Task, before: Known) -> Duration | None:
        if not before.has_storage(task.table):
            return Duration(0.0, 0.0)
        size = self._sizes.get(task.table)
        if size is None:
            return None
        cost = _COSTS[task.work]
        low = task.times * cost.low * size.low / MEMORY
        high = task.times * (cost.high * size.high / MEMORY + cost.moved * size.high / _DISK)
        slower = self._pace.get(task.work)
        if slower is not None:
            seen = task.times * size.low * slower / MEMORY
            low, high = max(low, seen / _SPREAD), max(high, seen * _SPREAD)
        return Duration(low, high)

    def _follow(self, statement: Statement, effects: Effects, before: Known, changed: Changed) -> None:
        read = [self._sizes.get(each) for each in effects.scans]
        most = None if None in read else sum(each.high for each in read if each is not None)
        self._follow_tables(statement, most, changed)
        if statement.kind in ("UpdateStmt", "InsertStmt", "MergeStmt"):
            target = before.find(statement.node["relation"])
            if target is not None and target in self._sizes:
                # An update leaves each old row behind until the next vacuum.
                updated = self._sizes[target].high if statement.kind != "InsertStmt" else 0
                self._grow(target, None if most is None else max(most, updated))

    def _follow_tables(self, statement: Statement, most: float | None, changed: Changed) -> None:
        """Follow which tables *statement* makes or moves; *most* is the most that it can put into them."""
        tables = [each for each in changed.items() if each[0].kind in (Kind.TABLE, Kind.MATERIALIZED_VIEW)]
        gone = [(subject.name[0], subject.name[1]) for subject, (_, now) in tables if now is None]
        new = [(subject.name[0], subject.name[1]) for subject, (was, _) in tables if was is None]
        is_moved = statement.kind in ("RenameStmt", "AlterObjectSchemaStmt")
        for table in new:
            if is_moved and gone:
                if gone[0] in self._sizes:
                    self._sizes[table] = self._sizes.pop(gone[0])
            elif statement.kind in ("CreateTableAsStmt", "SelectStmt"):
                self._grow(table, most)
            else:
                self._sizes[table] = _Bytes(0, 0)

    def _grow(self, table: Relation, most: float | None) -> None:
        size = self._sizes.pop(table, _Bytes(0, 0))
        if most is not None:
            self._sizes[table] = _Bytes(size.low, min(size.high + most, max(size.high, _LARGEST)))


@dataclass(frozen=True, slots=True)
class Span:
    """The statements of a script, by number, in whose transaction a statement is: to *surely*, perhaps to *perhaps*."""

    surely: int
    perhaps: int


def held(took: Sequence[Duration | None], spans: Sequence[Span]) -> list[Duration | None]:
    """For how long the locks of each statement are held: from its start to the end of its transaction."""
    lows = _sums(took, [each.surely for each in spans])
    highs = _sums(took, [each.perhaps for each in spans])
    return [
        None if low is None or high is None else Duration(low.low, high.high)
        for low, high in zip(lows, highs, strict=True)
    ]


def _sums(took: Sequence[Duration | None], ends: Sequence[int]) -> list[Duration | None]:
    """From each statement to its end: those of one transaction have the same end, and the sum of the next one."""
    found: list[Duration | None] = []
    for number in reversed(range(len(took))):
        end = ends[number]
        is_next = end > number and ends[number + 1] == end
        found.append(_sum(took[number], found[-1] if is_next else total(took[number + 1 : end + 1])))
    return found[::-1]


def total(durations: Sequence[Duration | None]) -> Duration | None:
    """The sum; None where one of them is not known."""
    found: Duration | None = Duration(0.0, 0.0)
    for each in durations:
        found = _sum(found, each)
    return found


def _sum(one: Duration | None, other: Duration | None) -> Duration | None:
    if one is None or other is None:
        return None
    return Duration(one.low + other.low, one.high + other.high)
