"""What is measured during a soak: what this process holds, the memory's document, and what of them grew."""

import ctypes
import gc
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median

from shared.memory.codec import to_json
from shared.memory.document import LARGEST
from tests.soak.monitor import Monitor

# To count what is in use takes a tenth of a run.
_EVERY = 10
# Until then the memory's document grows: of its runs it keeps a month by 6 hours, before the last 8 days.
_GROWS_FOR = timedelta(days=40)
_MOST_GROWTH = 1.15
_FEWEST_POINTS = 20
_PAGE = os.sysconf("SC_PAGE_SIZE")


class _MallocInfo(ctypes.Structure):
    """What glibc's ``mallinfo2`` gives."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    )  # fmt: skip


def malloc() -> tuple[int, int]:
    """Bytes that the C library has given out, and those that it holds free; 0 where it does not say."""
    mallinfo = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if mallinfo is None:
        return 0, 0
    mallinfo.restype = _MallocInfo
    found = mallinfo()
    return int(found.uordblks + found.hblkhd), int(found.fordblks)


@dataclass(frozen=True, slots=True)
class Point:
    """*blocks* are Python's own, *malloc* the bytes in use of the C library: what has been freed is in neither.

    *resident* is all that the system counts for the process: also what is *free* and lies between what is in use, which
    grows with the largest run that each of its threads has had. *history* are the bytes of the *document* that are
    as many as there are migrations, up to a bound.
    """

    run: int
    seconds: float
    days: float
    resident: int
    blocks: int
    malloc: int
    free: int
    document: int
    history: int

    def __str__(self) -> str:
        return (
            f"after {self.run:5} runs, {self.seconds:5.0f} s, {self.days:6.1f} days: in use {self.blocks / 1000:.0f} "
            f"thousand blocks and {self.malloc / 2**20:.1f} MiB of malloc, resident {self.resident / 2**20:.1f} MiB, "
            f"of it free in malloc {self.free / 2**20:.1f} MiB, memory document {self.document / 1000:.1f} kB, of it history {self.history / 1000:.1f} kB"
        )


@dataclass
class Measured:
    monitor: Monitor
    points: list[Point] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._began, self._first = time.monotonic(), self.monitor.now

    @property
    def days(self) -> float:
        return (self.monitor.now - self._first) / timedelta(days=1)

    def take(self) -> None:
        if self.monitor.number % _EVERY:
            return
        gc.collect()
        history = self.monitor.memory.last_seen.history
        self.points.append(
            Point(
                self.monitor.number,
                time.monotonic() - self._began,
                self.days,
                int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE,
                sys.getallocatedblocks(),
                *malloc(),
                self.monitor.document_bytes,
                len(json.dumps(to_json(history), separators=(",", ":"))),
            )
        )

    def lines(self) -> Iterator[str]:
        shown = {len(self.points) * at // 10 - 1 for at in range(1, 11)}
        yield from (f"  {self.points[at]}" for at in sorted(shown) if at >= 0)

    def grown(self) -> Iterator[str]:
        yield from grown(self.points)


def grown(points: Sequence[Point]) -> Iterator[str]:
    """Say what was larger in the last quarter than it may be after the second, or than it may ever be."""
    largest = max((each.document for each in points), default=0)
    if largest > LARGEST:
        yield f"the memory's document had {largest} bytes"
    if len(points) < _FEWEST_POINTS:
        return
    for what, sizes in (
        ("thousand blocks of Python's", [each.blocks / 1000 for each in points]),
        ("MiB of malloc", [each.malloc / 2**20 for each in points]),
    ):
        second, last = _quarter(sizes, 1), _quarter(sizes, 3)
        if last > second * _MOST_GROWTH:
            yield f"the process grew from {second:.1f} to {last:.1f} {what}"
    rest = [each.document - each.history for each in points if timedelta(days=each.days) > _GROWS_FOR]
    if len(rest) >= _FEWEST_POINTS and _quarter(rest, 3) > _quarter(rest, 0) * _MOST_GROWTH:
        yield f"the memory's document grew from {_quarter(rest, 0):.0f} to {_quarter(rest, 3):.0f} bytes"


def _quarter(values: Sequence[float], which: int) -> float:
    return median(values[which * len(values) // 4 : (which + 1) * len(values) // 4])
