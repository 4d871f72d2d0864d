"""A second session that keeps watch while a probe runs: nobody is to wait for a lock of ours."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psycopg

from ....model.value import dataclass
from ..activity import PRISMA_LOCK
from ..query import from_file

# Nobody waits for a probe for longer than 150 ms: that is one check of pg_locks each 40 ms, or as often as an answer
# comes, which takes 80 ms at most, and the time that a cancellation takes.
_EVERY_SECONDS = 0.04
_FARTHEST_SECONDS = 0.08
# A busy moment alone is no distance.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Transaction:
    """A probe's transaction, by its session's *pid* and the moment it *began*, as the server writes it."""

    pid: int
    began: str


@dataclass(frozen=True, slots=True)
class _Guard:
    because: str | None


@dataclass(frozen=True, slots=True)
class _Cancelled:
    cancelled: bool


class Watch:
    """*connection* is the second session, in autocommit. *stopped* says why a probe was cancelled, if one was."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._distance = float("inf")
        self.stopped: str | None = None

    def why_not(self, oids: Sequence[int]) -> str | None:
        """Say why no probe of these tables may start now; raises `psycopg.Error`."""
        for _ in range(_TRIES):
            began = time.monotonic()
            because = self._guard(oids)
            self._distance = min(self._distance, time.monotonic() - began)
            if because is not None or self._distance <= _FARTHEST_SECONDS:
                return because
        took = round(self._distance * 1000)
        return f"the database is too far away to stop a query for somebody who waits: an answer takes {took} ms"

    def _guard(self, oids: Sequence[int]) -> str | None:
        guard = from_file("probe_guard", _Guard, {"lock": PRISMA_LOCK, "tables": list(oids)})
        guard.receive(guard.send(self._connection))
        return guard.one().because

    @contextmanager
    def over(self, probe: Transaction, cancel: Callable[[], None]) -> Iterator[None]:
        """Cancel *probe* as soon as somebody waits for a lock that it holds.

        *cancel* does so without this session, for when it is lost.
        """
        done = threading.Event()

        def watch() -> None:
            look = {"pid": probe.pid, "began": probe.began, "lock": PRISMA_LOCK}
            pause = _EVERY_SECONDS
            # Also behind a cancellation: one that comes before the query is ignored.
            while not done.wait(pause):
                began = time.monotonic()
                query = from_file("probe_watch", _Cancelled, look)
                try:
                    query.receive(query.send(self._connection))
                    if query.one().cancelled:
                        self.stopped = "somebody waited for a lock on a table that was read"
                except psycopg.Error:
                    self.stopped = "the connection was lost"
                    cancel()
                    return
                pause = max(0.0, _EVERY_SECONDS - (time.monotonic() - began))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
