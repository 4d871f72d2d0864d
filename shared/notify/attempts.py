"""Trying again what fails for a passing reason, and not for ever."""

import random
from collections.abc import Callable
from typing import TypeVar

from shared.notify.error import DeliveryError

T = TypeVar("T")

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


def persistently(send: Callable[[], T], tries: int, sleep: Callable[[float], None]) -> T:
    """Give what *send* gives, at the latest after *tries*; raises the last `DeliveryError`.

    Pauses double, and half of each is chance, so that several monitors do not come back all at once.
    Who asks for a longer pause than `LONGEST_PAUSE` is not waited for: the message goes out with a
    later run.
    """
    for tried in range(1, tries + 1):
        try:
            return send()
        except DeliveryError as error:
            pause = _pause(error, tried)
            if tried == tries or pause is None:
                raise
        sleep(pause)
    raise AssertionError("at least one try is made")


def _pause(error: DeliveryError, tried: int) -> float | None:
    if not error.passing:
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= LONGEST_PAUSE else None
    doubled: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tried - 1))
    return doubled * (0.5 + random.random() / 2)
