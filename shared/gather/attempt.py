"""Reading what may fail, several sources at a time, without one spoiling another."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from shared.model.knowledge import Unavailable

T = TypeVar("T")


class GatherError(Exception):
    """Something outside could not be read; the text says what was attempted, on what, and what came back."""


def attempt(read: Callable[[], T]) -> T | Unavailable:
    """Give what *read* reads, or why it could not; anything but a `GatherError` is a bug and goes up."""
    try:
        return read()
    except GatherError as error:
        return Unavailable(str(error))


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What one source gave and how long it took."""

    fact: T | Unavailable
    took: timedelta


def concurrently(readers: Mapping[str, Callable[[], T]], within: timedelta) -> dict[str, Reading[T]]:
    """Read all sources at once; one that has not answered *within* the time is `Unavailable`.

    The threads are daemons: a name server that hangs can neither be interrupted nor keep the process alive.
    """
    started = time.monotonic()
    done: SimpleQueue[tuple[str, T | Unavailable | BaseException, float]] = SimpleQueue()

    def run(name: str, read: Callable[[], T]) -> None:
        try:
            outcome: T | Unavailable | BaseException = attempt(read)
        except BaseException as bug:  # noqa: BLE001  # carried to the thread that waits, and raised there
            outcome = bug
        done.put((name, outcome, time.monotonic() - started))

    for name, read in readers.items():
        threading.Thread(target=run, args=(name, read), name=f"read {name}", daemon=True).start()
    readings: dict[str, Reading[T]] = {}
    while len(readings) < len(readers):
        try:
            name, outcome, took = done.get(timeout=max(0.0, started + within.total_seconds() - time.monotonic()))
        except Empty:
            break
        if isinstance(outcome, BaseException):
            raise outcome
        readings[name] = Reading(outcome, timedelta(seconds=took))
    late = Unavailable(f"no answer within {within.total_seconds():g} s")
    return {name: readings.get(name, Reading(late, within)) for name in readers}
