"""A second session that keeps watch while a probe runs: nobody is to wait for a lock of ours."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

from shared.gather.database.activity import PRISMA_LOCK
from shared.gather.database.query import from_file
from shared.model.value import dataclass

# Between two looks at pg_locks. With the time that a cancellation takes, nobody waits for longer than 150 ms.
_EVERY_SECONDS = 0.04


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
    """*connection* is the second session, in autocommit. *cancelled*: somebody needed what a probe held."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self.cancelled = False

    def why_not(self, oids: Sequence[int]) -> str | None:
        """Say why no probe of these tables may start now; raises `psycopg.Error`."""
        guard = from_file("probe_guard", _Guard, {"lock": PRISMA_LOCK, "tables": list(oids)})
        guard.receive(guard.send(self._connection))
        return guard.one().because

    @contextmanager
    def over(self, probe: Transaction) -> Iterator[None]:
        """Cancel *probe* as soon as somebody waits for a lock that it holds."""
        done = threading.Event()

        def watch() -> None:
            look = {"pid": probe.pid, "began": probe.began, "lock": PRISMA_LOCK}
            while not done.wait(_EVERY_SECONDS):
                query = from_file("probe_watch", _Cancelled, look)
                try:
                    query.receive(query.send(self._connection))
                    self.cancelled = query.one().cancelled
                except psycopg.Error:
                    return  # the probe's own timeout ends it
                if self.cancelled:
                    return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
