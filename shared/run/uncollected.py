"""A while without the garbage collector."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector away: a run makes many small values in no circles, and it would visit them all.

    It takes a quarter of the time otherwise. Of two runs at once, the first to end lets it in again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # What is left becomes old, as freeze and unfreeze leave it: the collector would visit all of it at once.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
