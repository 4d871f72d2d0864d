"""What statements with CONCURRENTLY wait for, observed on the servers here: writes what waits.tsv holds.

python -m tests.postgres.plan.observe_waits FOLDER…      folders with a ``postgres`` program
"""

import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import psycopg

from shared.demo.private_postgres import PrivatePostgres, private_postgres
from tests.throwaway import create_database

SETUP = """
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE TABLE other (id int PRIMARY KEY);
INSERT INTO t SELECT g, g FROM generate_series(1, 100) g;
CREATE INDEX t_a ON t (a);
CREATE TABLE part (id int, k int) PARTITION BY RANGE (k);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (100);
CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (100) TO (200);
"""
LOCK = 72707369
# The other session's statements, in a transaction that stays open; the database that it is in.
CASES = {
    "a query that waits for an advisory lock": ("", "same"),
    "a snapshot kept, of no table": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1", "same"),
    "a snapshot kept, in another database": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1", "another"),
    "idle in transaction, has read the table": ("SELECT count(*) FROM t; SELECT count(*) FROM part", "same"),
    "idle in transaction, has written the table": (
        "INSERT INTO t VALUES (-1, 1); INSERT INTO part VALUES (1, 100)",
        "same",
    ),
    "idle in transaction, has read another table": ("SELECT count(*) FROM other", "same"),
    "idle in transaction, has written another table": ("INSERT INTO other VALUES (1)", "same"),
}
DETACHED = 14


def statements(version: int) -> Iterator[str]:
    yield from (
        "CREATE INDEX CONCURRENTLY z ON t (a)",
        "CREATE UNIQUE INDEX CONCURRENTLY z ON t (id)",
        "DROP INDEX CONCURRENTLY t_a",
        "REINDEX INDEX CONCURRENTLY t_a",
        "REINDEX TABLE CONCURRENTLY t",
    )
    if version >= DETACHED:
        detach = "ALTER TABLE part DETACH PARTITION part1"
        yield f"{detach} CONCURRENTLY"
        yield f"{detach} FINALIZE"


def observed(url: str, another: str, sql: str, context: str) -> str:
    """``no``, ``waits`` or ``deadlock``."""
    with psycopg.connect(url, autocommit=True) as ours:
        ours.prepare_threshold = None
        ours.execute("SET lock_timeout = '300ms'; SET deadlock_timeout = '50ms'")
        if sql.endswith("FINALIZE"):
            _interrupt(url, ours)
        with open_session(url, another, context, ours):
            try:
                ours.execute(sql.encode())
            except psycopg.errors.LockNotAvailable:
                return "waits"
            except psycopg.errors.DeadlockDetected:
                return "deadlock"
            return "no"


def _interrupt(url: str, ours: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Leave a partition whose detachment has begun and not ended."""
    with psycopg.connect(url) as holder:
        holder.execute("SELECT count(*) FROM part")
        try:
            ours.execute("ALTER TABLE part DETACH PARTITION part1 CONCURRENTLY")
        except psycopg.errors.LockNotAvailable:
            return
    raise AssertionError("it did not wait")


@contextmanager
def open_session(
    url: str, another: str, context: str, ours: "psycopg.Connection[tuple[object, ...]]"
) -> Iterator[None]:
    script, place = CASES[context]
    with psycopg.connect(url if place == "same" else another, autocommit=True) as other:
        other.execute("SET deadlock_timeout = '1h'")  # ours is the victim
        if not script:
            yield from _waiting(other, ours)
            return
        other.execute("BEGIN")
        for each in script.split("; "):
            other.execute(each.encode())
        yield
        other.execute("ROLLBACK")


def _waiting(
    other: "psycopg.Connection[tuple[object, ...]]", ours: "psycopg.Connection[tuple[object, ...]]"
) -> Iterator[None]:
    ours.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    thread = threading.Thread(target=other.execute, args=(f"SELECT pg_advisory_lock({LOCK})".encode(),))
    thread.start()
    waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    while ours.execute(waits).fetchone() is None:
        pass
    yield
    ours.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
    thread.join()


def all_observed(server: PrivatePostgres, one_in: int = 1) -> Iterator[tuple[int, str, str, str]]:
    """Version, statement, context, and what was seen: of all pairs of the two, or of one in so many."""
    with psycopg.connect(create_database(server, "waits_ground", instead=True), autocommit=True) as setup:
        setup.execute(SETUP.encode())
        version = setup.info.server_version // 10000
    for sql, context in list(product(statements(version), CASES))[::one_in]:
        url = create_database(server, "waits", "waits_ground", instead=True)
        yield version, sql, context, observed(url, server.url(), sql, context)


def main() -> None:
    found: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for folder in sys.argv[1:]:
        with private_postgres(Path(folder)) as server:
            for version, name, context, seen in all_observed(server):
                found[name, context, seen].append(version)
    for (name, context, seen), versions in found.items():
        spelled = f"{versions[0]}-{versions[-1]}" if len(versions) > 1 else str(versions[0])
        sys.stdout.write(f"{spelled}\t{name}\t{context}\t{seen}\n")


if __name__ == "__main__":
    main()
