"""What is printed to be pasted into a shell."""

import psycopg
import pytest
from psycopg.errors import LockNotAvailable

from shared.postgres.transactions import blocks_others
from shared.remedies.commands import psql

SHORT, LONG = "SET lock_timeout = '3s';", "SET lock_timeout = 0;"
AGAIN = "-- If this ends with 55P03 (lock timeout), nothing was changed: run it again."
FROM_THERE = "-- If this ends with 55P03 (lock timeout), run it again from the statement that failed."
TABLE, INDEX, ROWS = "CREATE TABLE t ();", "CREATE INDEX CONCURRENTLY i ON t (a);", "UPDATE t SET a = 1;"


@pytest.mark.parametrize(
    ("statements", "printed"),
    [
        pytest.param([ROWS], [ROWS], id="rows"),
        pytest.param([TABLE, ROWS], [AGAIN, SHORT, TABLE, ROWS], id="one transaction"),
        pytest.param([INDEX], [INDEX], id="concurrently"),
        pytest.param([TABLE, INDEX, ROWS, TABLE], [FROM_THERE, SHORT, TABLE, LONG, INDEX, ROWS, SHORT, TABLE], id="one by one"),
        pytest.param(["NO SQL"], [AGAIN, SHORT, "NO SQL;"], id="not parsed"),
    ],
)  # fmt: skip
def test_a_lock_that_excludes_others_is_waited_for_just_shortly(statements: list[str], printed: list[str]) -> None:
    first, path, *lines, last = psql(statements, "app").splitlines()
    assert first.startswith("psql ")
    assert ("-1" in first) is (INDEX not in statements)
    assert (path, lines, last) == ('SET search_path TO "app";', printed, "SQL")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1", "SELECT setval('s', 5)", "SELECT pg_catalog.set_config('a.b', 'c', false)", "SELECT count(*) FROM t", "INSERT INTO t VALUES (1)", "UPDATE t SET a = 1", "DELETE FROM t", "COMMENT ON TABLE t IS 'x'",
        "SET TRANSACTION READ ONLY", "COPY t FROM STDIN", "BEGIN", "VACUUM t", "ANALYZE t", "REINDEX INDEX CONCURRENTLY i",
        "CREATE INDEX CONCURRENTLY k ON t (a)", "DROP INDEX CONCURRENTLY i",
    ],
)  # fmt: skip
def test_what_lets_others_work_may_wait(statement: str) -> None:
    assert not blocks_others([statement])


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE t ADD b int", "CREATE INDEX k ON t (a)", "DROP INDEX i", "REINDEX INDEX i", "DROP TABLE t",
        "TRUNCATE t", "CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()", "ALTER TABLE t RENAME TO k",
        "VACUUM (FULL) t", "CLUSTER t USING i", "DO $$ BEGIN DROP TABLE t; END $$", "SELECT make('z')",
    ],
)  # fmt: skip
def test_what_waits_for_writers_excludes_others(statement: str, database: str) -> None:
    assert blocks_others([statement])
    with psycopg.connect(database, autocommit=True) as connection, psycopg.connect(database) as writer:
        connection.execute(
            "CREATE TABLE t (a int); CREATE INDEX i ON t (a); INSERT INTO t VALUES (1);"
            "CREATE FUNCTION make(text) RETURNS void LANGUAGE sql AS 'ALTER TABLE t ADD z int';"
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        )
        writer.execute("UPDATE t SET a = 2")
        connection.execute("SET lock_timeout = '50ms'")
        with pytest.raises(LockNotAvailable):
            connection.execute(statement.encode())
