"""How long the monitor keeps a transaction open, as another session sees it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

_LOOK = b"""
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)
FROM pg_stat_activity WHERE application_name = 'migration-monitor' AND xact_start IS NOT NULL
"""
_PAUSE_SECONDS = 0.005


@dataclass
class Longest:
    seconds: float = 0.0


@contextmanager
def longest_transaction(url: str) -> Iterator[Longest]:
    """Look every 5 ms while the block runs; what was open for the longest is known when it ends."""
    longest, ended = Longest(), threading.Event()

    def watch() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not ended.wait(_PAUSE_SECONDS):
                (seconds,) = connection.execute(_LOOK).fetchone() or (0,)
                longest.seconds = max(longest.seconds, float(seconds))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield longest
    finally:
        ended.set()
        thread.join()
