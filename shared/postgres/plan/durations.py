"""How long statements take, and for how long their locks are held: ranges in seconds, good for orders of magnitude.

A task's time is a multiple of the time of one scan of its table. The multiples were measured on PostgreSQL 15 (2 cores,
2 million rows, a table of 277 MiB in memory, WAL on) and rounded outwards: the lower end is that of memory, the upper
end adds what a slow disk has to read and write. Waiting for a lock, or for other transactions, is not in them.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ...model.plan import Duration
from ...model.value import dataclass
from .known import Known
from .sizes_of_run import SizesOfRun
from .work import Task, Work

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


class Estimate:
    """The times of a run's statements, each after those before it: *sizes* follows what they make, rename and fill."""

    def __init__(self, sizes: SizesOfRun, pace: Pace = UNKNOWN_PACE) -> None:
        self._sizes = sizes
        self._pace = pace

    def took(self, tasks: Sequence[Task] | None, before: Known) -> Duration | None:
        """The time of a statement alone that has these *tasks*; None where they, or a size, are not known.

        *before* is the schema before it.
        """
        found = _CATALOG if tasks is not None else None
        for task in tasks or ():
            found = _sum(found, self._time(task, before))
        return found

    def _time(self, task: Task, before: Known) -> Duration | None:
        if not before.has_storage(task.table):
            return Duration(0.0, 0.0)
        size = self._sizes.of(task.table)
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
        if end == number:
            found.append(took[number])
            continue
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
