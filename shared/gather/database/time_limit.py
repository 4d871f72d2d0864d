"""An end to waiting for the database, whatever it or the network does."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

# How long a cancelled query may take to end.
_GRACE_SECONDS = 1.0


@contextmanager
def ended_in_time(connection: psycopg.Connection, until: float) -> Iterator[None]:
    """Have the server stop what it does when the clock is at *until*: who gives up must leave no work behind there.

    If nothing comes back even so, the connection is cut: psycopg itself would wait for ever.
    """
    finished = threading.Event()

    def end() -> None:
        if finished.wait(max(0.0, until - time.monotonic())):
            return
        with suppress(psycopg.Error):
            connection.cancel_safe(timeout=_GRACE_SECONDS)
        if not finished.wait(_GRACE_SECONDS):
            _cut(connection)

    watch = threading.Thread(target=end, daemon=True)
    watch.start()
    try:
        yield
    finally:
        finished.set()
        watch.join()


def _cut(connection: psycopg.Connection) -> None:
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.fileno())) as double:
        double.shutdown(socket.SHUT_RDWR)
