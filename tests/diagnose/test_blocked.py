"""For how long a second session's SELECT and INSERT are blocked on a real server, against what is predicted.

A busy machine makes everything slower: the lower ends hold as they are, the upper ends are extended for that.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event

import psycopg
import pytest

from shared.diagnose.plan import Tools, plan_of
from shared.model.plan import Duration, TableSize
from shared.model.release import Migration
from shared.postgres.parse import parse
from shared.prisma.execution import Version
from tests.patience import SECONDS

ROWS = 300_000
TABLES = "CREATE TABLE t (id int PRIMARY KEY, n int, s text); CREATE TABLE work (id int, s text);"
FILL = f"INSERT INTO t SELECT g, g, repeat('x', 60) FROM generate_series(1, {ROWS}) g; INSERT INTO work SELECT id, s FROM t"
SIZE = "SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE relname IN ('t', 'work')"
BATCH, SPLIT = (6, 0), (7, 10)
# What other work on the machine may add to the upper end, as a factor.
BUSY = 30
# A query that waits for nothing takes less, even then.
MOMENT = 20.0
# What passes between two questions of a session.
GAP = 0.02


@pytest.fixture
def filled(database: str) -> str:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"{TABLES}{FILL}".encode())
    return database


SCRIPTS = {
    "rewrite": "ALTER TABLE t ALTER n TYPE bigint; SELECT 1",
    "index": "CREATE INDEX ON t (s, n); SELECT 1",
    "lock, then other work": "ALTER TABLE t ADD COLUMN c int; UPDATE work SET s = s || 'y'",
    "other work, then lock": "UPDATE work SET s = s || 'y'; ALTER TABLE t ADD COLUMN c int",
}


QUICK = ("lock, then other work", BATCH), ("rewrite", SPLIT)
CASES = [
    pytest.param(script, prisma, id=f"{how}-{name}", marks=() if (name, prisma) in QUICK else pytest.mark.long)
    for how, prisma in (("one batch", BATCH), ("split", SPLIT))
    for name, script in SCRIPTS.items()
]


@pytest.mark.parametrize(("script", "prisma"), CASES)
def test_others_are_blocked_for_as_long_as_predicted(script: str, prisma: Version, filled: str) -> None:
    reads, writes = predicted(filled, script, prisma)
    ids = count(ROWS + 1)
    read, written = blocked(
        filled,
        script if prisma == BATCH else [each.sql for each in parse(script)],
        lambda: "SELECT id FROM t WHERE id = 1",
        lambda: f"INSERT INTO t (id) VALUES ({next(ids)})",
    )
    for seen, expected in ((read, reads), (written, writes)):
        assert expected.low <= seen + GAP
        assert seen <= MOMENT + BUSY * expected.high, (seen, expected)


def predicted(url: str, script: str, prisma: Version) -> tuple[Duration, Duration]:
    """For how long reads and writes of t are blocked: the longest of the statements that block it."""
    with psycopg.connect(url) as connection:
        sizes = {("public", name): TableSize(ROWS, own, indexes) for name, own, indexes in connection.execute(SIZE)}
    tools = Tools(15, prisma, sizes=sizes)
    plan = plan_of([Migration("1", TABLES.encode())], [Migration("2", script.encode())], "public", tools)
    held = [(each.blocks.value, each.held) for each in plan.statements if each.held is not None]
    assert len(held) == len(plan.statements)
    return (
        longest([duration for blocks, duration in held if blocks == "reads"]),
        longest([duration for blocks, duration in held if blocks != "none"]),
    )


def longest(durations: list[Duration]) -> Duration:
    return max(durations, key=lambda each: each.high, default=Duration(0, 0))


def blocked(url: str, script: str | list[str], *queries: Callable[[], str]) -> list[float]:
    """The longest that each of *queries*, asked over and over, took while *script* ran."""
    done = Event()
    asking = [Event() for _ in queries]

    def ask(query: Callable[[], str], started: Event) -> float:
        worst = 0.0
        with psycopg.connect(url, autocommit=True) as connection:
            while not done.is_set():
                begin = time.monotonic()
                connection.execute(query().encode())
                worst = max(worst, time.monotonic() - begin) if started.is_set() else 0.0
                started.set()
        return worst

    with ThreadPoolExecutor(len(queries)) as pool, psycopg.connect(url, autocommit=True) as connection:
        answers = [pool.submit(ask, *each) for each in zip(queries, asking, strict=True)]
        try:
            for started in asking:
                assert started.wait(SECONDS)
            for each in [script] if isinstance(script, str) else script:
                connection.execute(each.encode())
        finally:
            done.set()
        return [answer.result() for answer in answers]


def test_other_work_in_the_same_transaction_lengthens_the_block(filled: str) -> None:
    batch, _ = predicted(filled, SCRIPTS["lock, then other work"], BATCH)
    split, _ = predicted(filled, SCRIPTS["lock, then other work"], SPLIT)
    late, _ = predicted(filled, SCRIPTS["other work, then lock"], BATCH)
    assert batch.high > 10 * split.high
    assert late == split
