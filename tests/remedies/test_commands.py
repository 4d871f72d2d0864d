"""What is printed to be pasted into a shell."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.errors import LockNotAvailable

from shared.postgres.transactions import blocks_others
from shared.remedies.commands import psql
from tests.patience import until

LOCAL, SHORT = "SET LOCAL lock_timeout = '3s';", "SET lock_timeout = '3s';"
LONG, SHORT_AGAIN = "SET lock_timeout = 0; SET statement_timeout = 0;", f"{SHORT} RESET statement_timeout;"
AGAIN = "-- If this ends with 55P03 (lock timeout), nothing was changed: run it again."
FROM_THERE = "-- If this ends with 55P03 (lock timeout), run it again from the statement that failed."
WAITS = (
    "-- CONCURRENTLY waits for open transactions of other sessions, and lets everybody work meanwhile.",
    "-- If it is stopped, something half-done may stay, such as an INVALID index: check again before you repeat it.",
)
TABLE, INDEX, ROWS = "CREATE TABLE t ();", "CREATE INDEX CONCURRENTLY i ON t (a);", "UPDATE t SET a = 1;"


@pytest.mark.parametrize("begin", ["BEGIN;", "begin isolation level serializable;", "START TRANSACTION;"])
def test_what_failed_within_a_transaction_is_repeated_with_it(begin: str) -> None:
    assert f"{FROM_THERE[:-1]}, or from the BEGIN before it." in psql([begin, TABLE, "COMMIT;"], "app")


@pytest.mark.parametrize(
    ("statements", "printed"),
    [
        pytest.param([ROWS], [ROWS], id="rows"),
        pytest.param([TABLE, ROWS], [AGAIN, LOCAL, TABLE, ROWS], id="one transaction"),
        pytest.param([INDEX], [*WAITS, LONG, INDEX], id="concurrently"),
        pytest.param([TABLE, INDEX, ROWS, TABLE], [FROM_THERE, *WAITS, SHORT, TABLE, LONG, INDEX, ROWS, SHORT_AGAIN, TABLE], id="one by one"),
        pytest.param(["NO SQL"], [AGAIN, LOCAL, "NO SQL;"], id="not parsed"),
    ],
)  # fmt: skip
def test_a_lock_that_excludes_others_is_waited_for_just_shortly(statements: list[str], printed: list[str]) -> None:
    first, path, *lines, last = psql(statements, "app").splitlines()
    assert first.startswith("psql ")
    assert ("-1" in first) is (INDEX not in statements)
    local = "LOCAL " if INDEX not in statements else ""
    assert (path, lines, last) == (f'SET {local}search_path TO "app";', printed, "SQL")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1", "SELECT setval('s', 5)", "SELECT pg_catalog.set_config('a.b', 'c', false)", "SELECT count(*) FROM t", "INSERT INTO t VALUES (1)", "UPDATE t SET a = 1", "DELETE FROM t", "COMMENT ON TABLE t IS 'x'",
        "SET TRANSACTION READ ONLY", "COPY t FROM STDIN", "BEGIN", "VACUUM t", "ANALYZE t", "REINDEX INDEX CONCURRENTLY i",
        "CREATE INDEX CONCURRENTLY k ON t (a)", "DROP INDEX CONCURRENTLY i", "REINDEX (CONCURRENTLY) TABLE t",
        "ALTER TABLE t DETACH PARTITION k CONCURRENTLY", "VACUUM (FULL off) t", "SELECT lower(a), count(*) FROM t GROUP BY 1",
        "INSERT INTO t SELECT pg_catalog.random() FROM generate_series(1, 3)",
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
        "SELECT make(n) FROM names", "SELECT count(make(n)) FROM names", "SELECT * FROM make('z')", "VALUES (make('z'))",
        "WITH made AS (SELECT make(n) FROM names) SELECT count(*) FROM made", "SELECT public.count('z')",
        "INSERT INTO names SELECT make('z')::text", "UPDATE names SET n = 'x' WHERE make(n) IS NULL",
        "DELETE FROM names WHERE make(n) IS NULL", "COPY (SELECT make(n) FROM names) TO '/dev/null'",
        "REINDEX (CONCURRENTLY false) INDEX i",
    ],
)  # fmt: skip
def test_what_waits_for_writers_excludes_others(statement: str, database: str) -> None:
    assert blocks_others([statement])
    with psycopg.connect(database, autocommit=True) as connection, psycopg.connect(database) as writer:
        if "REINDEX (" in statement and connection.info.server_version < 14_00_00:
            pytest.skip("PostgreSQL 14 and later")
        connection.execute(
            "CREATE TABLE t (a int); CREATE INDEX i ON t (a); INSERT INTO t VALUES (1);"
            "CREATE TABLE names (n text); INSERT INTO names VALUES ('z');"
            "CREATE FUNCTION make(text) RETURNS text LANGUAGE sql AS 'ALTER TABLE t ADD z int; SELECT $1';"
            "CREATE FUNCTION count(text) RETURNS text LANGUAGE sql AS 'ALTER TABLE t ADD z int; SELECT $1';"
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        )
        writer.execute("UPDATE t SET a = 2")
        connection.execute("SET lock_timeout = '50ms'")
        with pytest.raises(LockNotAvailable):
            connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX CONCURRENTLY k ON t (a)", "DROP INDEX CONCURRENTLY i", "REINDEX TABLE CONCURRENTLY t",
        "REINDEX SCHEMA app", "REINDEX TABLE parts", "REINDEX INDEX parts_i", "VACUUM t", "CLUSTER", "DISCARD ALL",
        "ALTER TABLE parts DETACH PARTITION part CONCURRENTLY",
    ],
)  # fmt: skip
def test_what_no_transaction_takes_is_sent_without_one(statement: str, database: str) -> None:
    """With -1 each ends with 25001; that parts are partitioned, the text does not show."""
    with psycopg.connect(database, autocommit=True) as connection:
        if "part" in statement and connection.info.server_version < 14_00_00:
            pytest.skip("PostgreSQL 14 and later")
        connection.execute(
            "CREATE SCHEMA app; SET search_path TO app; CREATE TABLE t (a int); CREATE INDEX i ON t (a);"
            "CREATE TABLE parts (a int) PARTITION BY LIST (a); CREATE TABLE part PARTITION OF parts FOR VALUES IN (1);"
            "CREATE INDEX parts_i ON parts (a)"
        )
    done = run([statement], database)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_pool_in_transaction_mode_keeps_nothing_of_one_transaction(database: str) -> None:
    """Another client gets its session next: it would use another schema, and end after three seconds at a lock."""
    sql = psql(["CREATE TABLE t ()"], "public").split("\n", 1)[1].removesuffix("SQL")
    with psycopg.connect(database) as connection:
        connection.execute(sql.encode())
        connection.commit()
        found = [connection.execute(f"SHOW {each}".encode()).fetchone() for each in ("lock_timeout", "search_path")]
    assert found == [("0",), ('"$user", public',)]


def test_a_concurrent_build_is_not_ended_by_the_limits_of_the_role(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection, psycopg.connect(database) as writer:
        connection.execute("CREATE SCHEMA app; CREATE TABLE app.t (a int); INSERT INTO app.t VALUES (1)")
        writer.execute("UPDATE app.t SET a = 2")
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE %'"

        def let_go() -> None:
            until(lambda: connection.execute(waiting).fetchone() == (1,))
            connection.execute("SELECT pg_sleep(0.2)")  # longer than either limit
            writer.commit()

        with ThreadPoolExecutor(1) as pool:
            letting_go = pool.submit(let_go)
            limits = "-c lock_timeout=50ms -c statement_timeout=50ms"
            done = run(["CREATE INDEX CONCURRENTLY k ON t (a)"], database, PGOPTIONS=limits)
            letting_go.result()
    assert (done.returncode, done.stderr) == (0, "")


def run(statements: list[str], database: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", psql(statements, "app")],
        env={**os.environ, "DATABASE_URL": f"{database}?schema=app", "PSQLRC": os.devnull, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
