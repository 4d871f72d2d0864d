"""Background threads: work beside other work, and waiting for it no longer than one means to."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Started(Generic[T]):
    """Something that has begun, beside others: start them all, then wait for each.

    The libraries' own time-outs hold for one read of one try, not for all of it. The thread is a
    daemon: what hangs in it can neither be interrupted nor keep the process alive. It calls *on_end* at the end.
    """

    def __init__(self, do: Callable[[], T], on_end: Callable[[], None] = lambda: None) -> None:
        self._outcome: list[T] = []
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(do, on_end), daemon=True)
        self._thread.start()

    def _run(self, do: Callable[[], T], on_end: Callable[[], None]) -> None:
        try:
            self._outcome.append(do())
        except BaseException as failure:  # noqa: BLE001  # carried to the thread that waits, and raised there
            self._failure = failure
        on_end()

    def outcome(self, within: timedelta | None = None) -> T:
        """Give what came of it, or raise what it raised; TimeoutError if that takes longer than *within*."""
        if not self.has_ended(within):
            raise TimeoutError
        if self._failure is not None:
            raise self._failure
        return self._outcome[0]

    def has_ended(self, within: timedelta | None = None) -> bool:
        """Wait for the end, *within* at most, and say whether it came."""
        self._thread.join(None if within is None else max(0.0, within.total_seconds()))
        return self._failure is not None or bool(self._outcome)


def side_by_side(
    things: Sequence[T], do: Callable[[T], R], jobs: int, on_done: Callable[[R], None] = lambda _outcome: None
) -> list[R]:
    """Do it to each of *things*, to at most *jobs* at a time, and give what came of each in their order.

    *on_done* is called with each outcome once it is there, in this thread. What *do* raises is raised once all
    have ended: those under way may be sending messages. The threads are daemons: an interrupt does not wait for them.
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
        Started(work)
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
