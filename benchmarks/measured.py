"""Lines of `make bench`: what something took, and how two compare."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Measured:
    """How much of *unit* (seconds, MiB, times as fast) *what* took, several times over; the median counts."""

    what: str
    taken: Sequence[float]
    note: str = ""
    unit: str = "s"

    @property
    def median(self) -> float:
        return statistics.median(self.taken)

    def __str__(self) -> str:
        digits = {"s": 3, "/s": 1, "×": 2}.get(self.unit, 0)
        spread = f"{min(self.taken):.{digits}f} to {max(self.taken):.{digits}f}, {len(self.taken)} times"
        value = f"{self.median:8.{digits}f}"
        return f"{self.what:<72} {value} {self.unit:<3} ({spread}){f'  {self.note}' if self.note else ''}"


@dataclass(frozen=True, slots=True)
class Compared:
    """A number that is to be at most *limit*, or at least, where *more_is_better*."""

    what: str
    value: float
    limit: float
    unit: str = "×"
    more_is_better: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.limit if self.more_is_better else self.value <= self.limit

    def __str__(self) -> str:
        wanted = f"{'at least' if self.more_is_better else 'at most'} {self.limit:g} {self.unit}"
        return f"{self.what:<72} {self.value:8.2f} {self.unit:<3} {'holds' if self.holds else 'FAILS'}: {wanted}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What could not be measured here, and why."""

    what: str
    because: str

    def __str__(self) -> str:
        return f"{self.what:<72} left out: {self.because}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table in Markdown."""

    cells: Sequence[str]

    def __str__(self) -> str:
        return f"| {' | '.join(self.cells)} |"


def table_head(names: Sequence[str]) -> tuple[Row, Row]:
    """The names of its columns, and the line below them: all but the first are numbers."""
    return Row(names), Row(["---", *(["---:"] * (len(names) - 1))])


Line = Measured | Compared | LeftOut | Row


def times(run: Callable[[], object], repetitions: int) -> list[float]:
    """Time *run* after one run that warms caches."""
    run()
    return [_seconds(run) for _ in range(repetitions)]


def _seconds(run: Callable[[], object]) -> float:
    started = perf_counter()
    run()
    return perf_counter() - started
