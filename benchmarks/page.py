"""The status page: our processor time for one of 5,000 findings, for a fleet of 500, and their bytes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import process_time

from benchmarks.measured import Compared, Line, Measured
from shared.report.brief import brief_of
from shared.report.html.page import fleet_page, target_page
from tests.report.html.states import ALL_ACCESS, INCIDENT, NOW
from tests.report.html.test_page import many

_TIMES = 15
_MOST_MILLISECONDS, _MOST_KILOBYTES = 100, 150
_TARGETS = 500


def measure() -> Iterator[Line]:
    large, fleet = many(5_000), [replace(INCIDENT, name=f"tenant-{number}") for number in range(_TARGETS)]
    yield from _timed("status page of 5,000 findings", lambda: target_page(large, NOW, ALL_ACCESS))
    hundred = target_page(many(92), NOW, ALL_ACCESS)
    yield Compared("status page of 100 findings, 30 days of runs", len(hundred.encode()) / 1000, _MOST_KILOBYTES, "KB")
    taken = _taken(lambda: fleet_page(list(map(brief_of, fleet)), NOW, ALL_ACCESS))
    yield Measured(f"page of {_TARGETS} targets, processor time", taken)


def _timed(what: str, draw: Callable[[], str]) -> Iterator[Line]:
    taken = _taken(draw)
    yield Measured(f"{what}, processor time", taken)
    yield Compared(what, min(taken) * 1000, _MOST_MILLISECONDS, "ms")


def _taken(draw: Callable[[], str]) -> list[float]:
    draw()
    return [_seconds(draw) for _ in range(_TIMES)]


def _seconds(draw: Callable[[], str]) -> float:
    started = process_time()
    draw()
    return process_time() - started
