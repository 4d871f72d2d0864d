"""Background threads: work beside other work, and waiting for it no longer than one means to."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

T = TypeVar("T")


class Started(Generic[T]):
    """Something that has begun, beside others: start them all, then wait for each.

    The libraries' own time-outs hold for one read of one try, not for all of it. The thread is a
    daemon: what hangs in it can neither be interrupted nor keep the process alive. It tells *on_end* once it is over.
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
