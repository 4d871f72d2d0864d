"""Reading what may fail, several sources at a time, without one spoiling another."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Generic, TypeVar

from ..model.knowledge import Unavailable
from ..model.value import dataclass
from ..net.background import Started

T = TypeVar("T")


class GatherError(Exception):
    """Something outside could not be read; the text says what was attempted, on what, and what came back.

    *lasting*: waiting does not help, as with a wrong password; a network or a server may come back. *server* is set
    where the reason is that this server, ``HOST:PORT``, could not be reached.
    """

    def __init__(self, because: str, *, lasting: bool = False, server: str | None = None) -> None:
        super().__init__(because)
        self.lasting, self.server = lasting, server


def attempt(read: Callable[[], T]) -> T | Unavailable:
    """Give what *read* reads, or why it could not; anything but a `GatherError` is a bug and goes up."""
    try:
        return read()
    except GatherError as error:
        return Unavailable(str(error), error.lasting, error.server)


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What one source gave and how long it took."""

    fact: T | Unavailable
    took: timedelta


class InBackground(Generic[T]):
    """A source that is being read while others are too: start them all, then ask each for its reading.

    *on_read* is called once it has been read, from its thread.
    """

    def __init__(self, read: Callable[[], T], on_read: Callable[[], None] = lambda: None) -> None:
        self._began = time.monotonic()
        self._reading = Started(partial(self._read, read), on_read)

    def _read(self, read: Callable[[], T]) -> Reading[T]:
        fact = attempt(read)
        return Reading(fact, timedelta(seconds=time.monotonic() - self._began))

    def within(self, time_limit: timedelta) -> Reading[T]:
        """Wait until *time_limit* after the start at most; a source that is later is `Unavailable`."""
        left = timedelta(seconds=self._began - time.monotonic()) + time_limit
        if not self._reading.has_ended(left):
            return Reading(Unavailable(f"no answer within {time_limit.total_seconds():.3g} s"), time_limit)
        return self._reading.outcome()
