"""Trying again what fails for a passing reason, and not for ever."""

import time
from collections.abc import Callable
from typing import TypeVar

from ...net.pause import pause_after
from .error import DeliveryError

T = TypeVar("T")

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


def persistently(send: Callable[[], T], tries: int, sleep: Callable[[float], None], *, until: float) -> T:
    """Give what *send* gives, at the latest after *tries*; raises the last `DeliveryError`.

    Pauses double, and half of each is chance, so that several monitors do not come back all at once.
    Who asks for a longer pause than `LONGEST_PAUSE` is not waited for: the message goes out with a
    later run. No try begins after *until* (`time.monotonic`): who waits for this has gone by then.
    """
    tried = 0
    while True:
        if time.monotonic() > until:
            raise DeliveryError("there was no time left for a try", passing=True)
        tried += 1
        try:
            return send()
        except DeliveryError as error:
            pause = _pause(error, tried)
            if tried == tries or pause is None or time.monotonic() + pause > until:
                raise
        sleep(pause)


def _pause(error: DeliveryError, tried: int) -> float | None:
    return pause_after(tried, FIRST_PAUSE, LONGEST_PAUSE, error.retry_after) if error.passing else None
