"""How long a test waits: no test says how fast the machine is.

What must come is waited for with a limit that only a failure reaches. Where a limit itself is the subject, and something
has to happen before it is reached, the limit grows until that happened.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

# Hundreds of times what anything takes here.
SECONDS = 300.0
LONG = timedelta(seconds=SECONDS)
# Where a message is to be tried again: with a longer timeout no second try begins, since it might not end in time.
HALF_A_MINUTE = timedelta(seconds=30)


def until(holds: Callable[[], object], seen: Callable[[], object] = lambda: None) -> None:
    """Ask over and over whether it *holds*; a failure shows what was *seen* last."""
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, seen()
        # What is waited for may need this processor.
        time.sleep(0.001)


def growing(first: float) -> Iterator[float]:
    """Limits in seconds, each twice as long as the last; the test fails where none was long enough."""
    seconds = first
    while seconds < SECONDS:
        yield seconds
        seconds *= 2
    raise AssertionError(f"{SECONDS} s were not enough")
