"""The garbage collector is away during a run, and a process of many runs does not keep what they leave."""

import gc
from weakref import ref

from shared.run.uncollected import RUNS_UNTIL_COLLECTED, uncollected


class _Read:
    """Something large that an error holds, and that holds the error."""

    def __init__(self) -> None:
        self.of_error = self


def _run() -> "ref[_Read]":
    with uncollected():
        assert not gc.isenabled()
        return ref(_Read())


def test_it_is_away_and_comes_back() -> None:
    _run()
    assert gc.isenabled()


def test_what_runs_leave_in_circles_is_freed() -> None:
    left = [_run() for _ in range(3 * RUNS_UNTIL_COLLECTED)]
    assert sum(each() is not None for each in left) < RUNS_UNTIL_COLLECTED


def test_it_stays_away_where_it_was_away() -> None:
    gc.disable()
    try:
        _run()
        assert not gc.isenabled()
    finally:
        gc.enable()
