"""Values that do not fit, or that cannot be computed: generated columns, UPDATE, INSERT … SELECT, dates out of range."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from shared.postgres.parse import read
from tests.postgres.plan.over_rows import Database, verdict

SETUP = """
CREATE TABLE s (id int PRIMARY KEY, txt text, big bigint, n int, d date, ts timestamp, tz timestamptz, num numeric, z int);
INSERT INTO s VALUES (1,'abc',3000000000,1,'2025-01-01','2025-01-01','2025-01-01',1e20,0), (2,'7',5,NULL,'5874897-12-31','294276-12-31','2025-01-01',1.5,1);
CREATE TABLE d (id int PRIMARY KEY, n int NOT NULL, v varchar(3), s smallint, dd date, ref int REFERENCES s (id), c int CHECK (c > 0));
INSERT INTO d VALUES (1, 1, 'a', 1, '2025-01-01', 1, 1);
CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a * 2) STORED); INSERT INTO g (a) VALUES (2000000000 / 2), (1);
CREATE TABLE uq (k int UNIQUE, t text); INSERT INTO uq VALUES (1,'a');
"""
STATEMENTS = [
    "ALTER TABLE s ADD COLUMN x int GENERATED ALWAYS AS (txt::int) STORED",
    "ALTER TABLE s ADD COLUMN x int GENERATED ALWAYS AS (1 / z) STORED",
    "ALTER TABLE s ADD COLUMN x int GENERATED ALWAYS AS (big::int) STORED",
    "ALTER TABLE s ADD COLUMN x int GENERATED ALWAYS AS (n) STORED NOT NULL",
    "ALTER TABLE s ADD COLUMN x varchar(2) GENERATED ALWAYS AS (txt) STORED",
    "ALTER TABLE s ADD COLUMN x smallint GENERATED ALWAYS AS (big) STORED",
    "ALTER TABLE s ADD COLUMN x int GENERATED ALWAYS AS (id * 2) STORED",
    "ALTER TABLE s ALTER COLUMN d TYPE timestamp",
    "ALTER TABLE s ALTER COLUMN d TYPE timestamptz",
    "ALTER TABLE s ALTER COLUMN ts TYPE date",
    "ALTER TABLE s ALTER COLUMN d TYPE timestamp USING d + interval '1 day'",
    "ALTER TABLE s ALTER COLUMN ts TYPE timestamp USING ts + interval '1000 years'",
    "ALTER TABLE s ALTER COLUMN tz TYPE timestamp USING tz + interval '1 year'",
    "UPDATE s SET ts = ts + interval '1000 years'",
    "UPDATE s SET n = txt::int",
    "UPDATE s SET n = big",
    "UPDATE s SET txt = upper(txt)",
    "UPDATE s SET n = 1 / z",
    "UPDATE s SET d = ts::date",
    "UPDATE g SET a = 2000000000",
    "UPDATE g SET a = 5",
    "INSERT INTO g (a) VALUES (2000000000)",
    "INSERT INTO g (a) VALUES (5)",
    "ALTER TABLE s ADD COLUMN x varchar(2) GENERATED ALWAYS AS (txt::varchar(2)) STORED",
    "ALTER TABLE s ADD COLUMN x varchar(3) GENERATED ALWAYS AS (txt) STORED",
    "ALTER TABLE s ADD COLUMN x bigint GENERATED ALWAYS AS (id) STORED",
    "INSERT INTO d SELECT id + 10, n, 'a', 1, NULL, 1, 1 FROM s",
    "INSERT INTO d SELECT id + 10, 1, txt, 1, NULL, 1, 1 FROM s",
    "INSERT INTO d SELECT id + 10, 1, 'toolong', 1, NULL, 1, 1 FROM s",
    "INSERT INTO d (id, n, s) SELECT id + 10, 1, big FROM s",
    "INSERT INTO d (id, n) SELECT id, 1 FROM s",
    "INSERT INTO d (id, n) SELECT txt::int, 1 FROM s",
    "INSERT INTO d (id, n, ref) SELECT id + 10, 1, 99 FROM s",
    "INSERT INTO d (id, n, c) SELECT id + 10, 1, -1 FROM s",
    "INSERT INTO d (id, n) VALUES (1, 1)",
    "INSERT INTO d (id, n) VALUES (5, 1)",
    "INSERT INTO d (id, n) VALUES (5, NULL)",
    "INSERT INTO d (id, n, ref) VALUES (5, 1, 99)",
    "INSERT INTO d (id, n, c) VALUES (5, 1, 0)",
    "INSERT INTO d (id, n, v) VALUES (5, 1, 'toolong')",
    "INSERT INTO d (id, n, s) VALUES (5, 1, 70000)",
    "INSERT INTO d (id, n) VALUES (5, 1), (5, 2)",
    "INSERT INTO uq VALUES (1, 'b')",
    "INSERT INTO uq VALUES (1, 'b') ON CONFLICT DO NOTHING",
]


@pytest.fixture(scope="module")
def filled(new_database: Callable[..., str]) -> Iterator[Database]:
    with psycopg.connect(new_database(), autocommit=True, prepare_threshold=None) as connection:
        yield Database(connection, SETUP)


@pytest.mark.parametrize("sql", STATEMENTS)
def test_it_ends_as_predicted(filled: Database, sql: str) -> None:
    outcome, sqlstate, _ = verdict(list(filled.predicted(list(read(sql)), in_block=False)))
    met = None
    try:
        with filled.connection.transaction(force_rollback=True):
            filled.connection.execute(sql.encode())
    except psycopg.Error as error:
        met = error.sqlstate
    assert (outcome, sqlstate) == (("ok", None) if met is None else ("fails", met))
