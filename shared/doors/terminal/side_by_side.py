"""Many targets at once, a few at a time, and what is seen of it meanwhile."""

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(
    things: Sequence[T], do: Callable[[T], R], jobs: int, on_done: Callable[[R], None] = lambda _outcome: None
) -> list[R]:
    """Do it to each of *things*, to at most *jobs* at a time, and give what came of each in their order.

    *on_done* hears of each once it is done, in this thread. What *do* raises is raised once all are
    done: those under way may be telling people. The threads are daemons, so that whoever interrupts
    need not wait for them.
    """
    waiting = SimpleQueue[int]()
    done = SimpleQueue[tuple[int, R | BaseException]]()
    for place in range(len(things)):
        waiting.put(place)

    def work() -> None:
        while True:
            try:
                place = waiting.get_nowait()
            except Empty:
                return
            try:
                done.put((place, do(things[place])))
            except BaseException as failure:  # noqa: BLE001  # carried to the thread that waits, and raised there
                done.put((place, failure))

    for _ in range(min(jobs, len(things))):
        threading.Thread(target=work, daemon=True).start()
    outcomes: dict[int, R] = {}
    failures: list[BaseException] = []
    for _ in things:
        place, outcome = done.get()
        if isinstance(outcome, BaseException):
            failures.append(outcome)
        else:
            outcomes[place] = outcome
            on_done(outcome)
    if failures:
        raise failures[0]
    return [outcomes[place] for place in range(len(things))]
