"""One line of `make bench`."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds that *what* took, several times over; the median counts."""

    what: str
    seconds: Sequence[float]
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        spread = f"{min(self.seconds):.3f} to {max(self.seconds):.3f}, {len(self.seconds)} times"
        return f"{self.what:<72} {self.median:8.3f} s  ({spread}){f'  {self.note}' if self.note else ''}"


def times(run: Callable[[], object], repetitions: int) -> list[float]:
    """Time *run* after one run that warms caches."""
    run()
    return [_seconds(run) for _ in range(repetitions)]


def _seconds(run: Callable[[], object]) -> float:
    started = perf_counter()
    run()
    return perf_counter() - started
