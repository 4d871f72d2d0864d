"""Threads beside this one: so many, waited for so long, and nothing that one of them raises is lost."""

import threading
from datetime import timedelta

import pytest

from shared.net.background import Started, side_by_side
from tests.patience import SECONDS


def test_who_is_late_is_left_behind() -> None:
    let_go, ended = threading.Event(), threading.Event()
    started = Started(lambda: let_go.wait(SECONDS), ended.set)
    with pytest.raises(TimeoutError):
        started.outcome(timedelta(milliseconds=1))
    assert not started.has_ended(timedelta(0))
    let_go.set()
    assert started.outcome() is True
    assert ended.wait(SECONDS)


def test_what_it_raises_is_raised_where_it_is_waited_for() -> None:
    def fail() -> None:
        raise KeyError("here")

    with pytest.raises(KeyError, match="here"):
        Started(fail).outcome()


def test_so_many_at_a_time_and_no_more() -> None:
    gate = threading.Barrier(3)
    at_once, most = 0, 0
    lock = threading.Lock()

    def do(number: int) -> int:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        gate.wait(timeout=SECONDS)  # nobody passes unless three are here
        with lock:
            at_once -= 1
        return number * number

    done: list[int] = []
    assert side_by_side(range(9), do, 3, done.append) == [n * n for n in range(9)]
    assert most == 3
    assert sorted(done) == [n * n for n in range(9)]


def test_what_goes_wrong_is_raised_when_the_others_have_ended() -> None:
    ended: list[int] = []

    def do(number: int) -> None:
        if number == 0:
            raise KeyError(number)
        ended.append(number)

    with pytest.raises(KeyError):
        side_by_side(range(5), do, 2)
    assert sorted(ended) == [1, 2, 3, 4]
