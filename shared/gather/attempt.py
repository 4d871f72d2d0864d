"""Reading what may fail, several sources at a time, without one spoiling another."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

from shared.model.knowledge import Unavailable
from shared.model.value import dataclass

T = TypeVar("T")


class GatherError(Exception):
    """Something outside could not be read; the text says what was attempted, on what, and what came back.

    *lasting*: no waiting mends it, as with a wrong password; a network or a server may come back.
    """

    def __init__(self, because: str, *, lasting: bool = False) -> None:
        super().__init__(because)
        self.lasting = lasting


def attempt(read: Callable[[], T]) -> T | Unavailable:
    """Give what *read* reads, or why it could not; anything but a `GatherError` is a bug and goes up."""
    try:
        return read()
    except GatherError as error:
        return Unavailable(str(error), error.lasting)


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What one source gave and how long it took."""

    fact: T | Unavailable
    took: timedelta


class InBackground(Generic[T]):
    """A source that is being read while others are too: start them all, then ask each for its reading.

    The thread is a daemon: a name server that hangs can neither be interrupted nor keep the process alive.
    """

    def __init__(self, read: Callable[[], T], on_read: Callable[[], None] = lambda: None) -> None:
        self._started = time.monotonic()
        self._took: timedelta | None = None
        self._outcome: T | Unavailable | BaseException
        self._on_read = on_read
        self._thread = threading.Thread(target=self._run, args=(read,), daemon=True)
        self._thread.start()

    def _run(self, read: Callable[[], T]) -> None:
        try:
            self._outcome = attempt(read)
        except BaseException as bug:  # noqa: BLE001  # carried to the thread that waits, and raised there
            self._outcome = bug
        self._took = timedelta(seconds=time.monotonic() - self._started)
        self._on_read()

    def within(self, time_limit: timedelta) -> Reading[T]:
        """Wait until *time_limit* after the start at most; a source that is later is `Unavailable`."""
        self._thread.join(max(0.0, self._started + time_limit.total_seconds() - time.monotonic()))
        took = self._took
        if took is None:
            return Reading(Unavailable(f"no answer within {time_limit.total_seconds():.3g} s"), time_limit)
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return Reading(self._outcome, took)
