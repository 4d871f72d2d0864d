"""A while without the garbage collector."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

# A tenth of a second every so many runs. What ended with an error is in circles with all that it had read.
RUNS_UNTIL_COLLECTED = 16
_ended = count(1)


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector away: a run makes many small values in few circles, and it would visit them all.

    It takes a quarter of the time otherwise. Of two runs at once, the first to end lets it in again. It would find
    next to nothing by itself then, so a process of many runs collects now and again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if next(_ended) % RUNS_UNTIL_COLLECTED == 0:
                gc.collect()
            # What is left becomes old, as freeze and unfreeze leave it: the collector would visit all of it at once.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
