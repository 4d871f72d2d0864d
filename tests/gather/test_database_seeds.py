import time
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from shared.gather.attempt import GatherError
from shared.gather.database.catalog import ask_catalog, catalog
from shared.gather.database.query import Query
from shared.gather.database.session import Session
from shared.model.database import History
from shared.model.knowledge import Unavailable
from shared.model.schema import Kind, Schema, Subject
from shared.model.seed import SeedExpectation, Uncountable
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests.gather.production import HISTORY, count, read, run, session, watcher
from tests.patience import SECONDS, growing

TABLES = """
    CREATE TABLE users (id int, role text, "createdAt" timestamptz);
    INSERT INTO users VALUES (1, 'ADMIN', now()), (2, 'it''s 100%', NULL), (3, NULL, NULL);
    CREATE TABLE "User" ();
    CREATE SCHEMA app;
    CREATE TABLE app.users AS SELECT 1 AS id;
    CREATE TABLE "app.things" AS SELECT n FROM generate_series(1, 4) AS n;
    CREATE TABLE app.things AS SELECT n FROM generate_series(1, 5) AS n;
    CREATE TABLE "we""ird 🎉 %s {}" AS SELECT n FROM generate_series(1, 7) AS n;
    CREATE VIEW admins AS SELECT * FROM users WHERE role = 'ADMIN';
    CREATE MATERIALIZED VIEW cached AS SELECT * FROM users;
    CREATE MATERIALIZED VIEW empty AS SELECT * FROM users WITH NO DATA;
    CREATE TABLE parts (id int) PARTITION BY RANGE (id);
    CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (10);
    INSERT INTO parts VALUES (1), (2);
    CREATE SEQUENCE numbers;
    CREATE TYPE "Role" AS ENUM ('ADMIN', 'USER');
    CREATE TABLE members (role "Role");
    INSERT INTO members VALUES ('ADMIN'), ('USER');
"""


@pytest.fixture(scope="module")
def seeded(new_database: Callable[..., str]) -> str:
    url = new_database()
    run(url, TABLES)
    return url


@pytest.mark.parametrize(
    ("table", "where", "expected"),
    [
        pytest.param("users", None, 3, id="in the watched schema"),
        pytest.param("app.users", None, 1, id="in another schema"),
        pytest.param("app.things", None, 4, id="a dot in the name, before a schema"),
        pytest.param('we"ird 🎉 %s {}', None, 7, id="an odd name"),
        pytest.param("cached", None, 3, id="a materialized view"),
        pytest.param("parts", None, 2, id="a partitioned table"),
        pytest.param("users", "role = 'it''s 100%'", 1, id="quotes and per cent"),
        pytest.param("users", '"createdAt" IS NULL -- since ever', 2, id="a comment"),
        pytest.param("users", "role = '{}' OR role = '%s' OR role = '%(x)s' OR role = '$1'", 0, id="no placeholders"),
        pytest.param("users", "false OR true", 3, id="OR"),
        pytest.param("users", "id IN (SELECT id FROM app.users)", 1, id="a subquery"),
        pytest.param("users", "EXISTS (SELECT FROM members)", 3, id="unqualified names mean the watched schema"),
        pytest.param("members", "role = 'ADMIN'::\"Role\"", 1, id="as types do"),
    ],
)
def test_counted(seeded: str, table: str, where: str | None, expected: int) -> None:
    assert count(seeded, table, where) == expected


@pytest.mark.parametrize(
    ("table", "where", "reason"),
    [
        pytest.param("rules", None, "there is no table rules in schema public", id="no table"),
        pytest.param("user", None, "there is no table user in schema public, but there is User", id="other letters"),
        pytest.param("app.rules", None, "there is no table rules in schema app", id="none in that schema"),
        pytest.param("nope.users", None, "there is no table users in schema nope", id="no schema"),
        pytest.param("numbers", None, "there is no table numbers in schema public", id="a sequence"),
        pytest.param("Role", None, "there is no table Role in schema public", id="a type"),
        pytest.param("a\0b\udcff", None, "there is no table a\ufffdb? in schema public", id="a name that cannot be"),
        pytest.param("users", "tr\0ue", 'column "tr\ufffdue" does not exist', id="a NUL"),
        pytest.param("users", "nope = 1", 'column "nope" does not exist', id="no column"),
        pytest.param("users", "id IN (SELECT 1 FROM gone)", 'relation "gone" does not exist', id="no table inside"),
    ],
)
def test_uncountable(seeded: str, table: str, where: str | None, reason: str) -> None:
    assert count(seeded, table, where) == Uncountable(reason)


WITH_WHERE = "users could not be counted with the setting's `where`: "


@pytest.mark.parametrize(
    ("table", "where", "reason"),
    [
        pytest.param("users", "id =", WITH_WHERE + 'PostgreSQL says: syntax error at or near ")"', id="syntax"),
        pytest.param("users", "id", WITH_WHERE + "PostgreSQL says: argument of WHERE must be type boolean", id="a number"),
        pytest.param("users", "fn(id)", WITH_WHERE + "PostgreSQL says: function fn(integer) does not exist", id="function"),
        pytest.param("users", "true) GROUP BY (id", "users could not be counted: the setting's `where` is more than a", id="more"),
        pytest.param("users", "role::int = 1", WITH_WHERE + "PostgreSQL refused with SQLSTATE 22P02", id="a row's content"),
        pytest.param("empty", None, "empty could not be counted: PostgreSQL refused with SQLSTATE 55000", id="no data"),
    ],
)  # fmt: skip
def test_unavailable(seeded: str, table: str, where: str | None, reason: str) -> None:
    counted = count(seeded, table, where)
    assert isinstance(counted, Unavailable)
    assert counted.because.startswith(reason)
    assert "ADMIN" not in counted.because


def test_statement_timeout(seeded: str) -> None:
    late = Unavailable(WITH_WHERE + "it took longer than the time allowed for it")

    def counted(seconds: float) -> object:
        try:
            return count(seeded, "users", "pg_sleep(999) IS NULL", statement_timeout=timedelta(seconds=seconds))
        except GatherError as error:  # the machine was too slow to read what there is
            return error

    assert any(counted(seconds) == late for seconds in growing(0.05))


def test_lock_timeout_means_busy_and_hides_nothing_else(database: str) -> None:
    run(database, HISTORY + TABLES)
    seeds = (SeedExpectation("users", exact=3), SeedExpectation("members", exact=2))
    with session(database) as deploy, deploy.transaction():
        deploy.execute("ALTER TABLE users ADD COLUMN folder int")
        reading = read(database, *seeds, lock_timeout=timedelta(milliseconds=50))
    assert [seed.count for seed in reading.seeds] == [
        Unavailable("users could not be counted: the table is locked: the database is busy, probably migrating"),
        2,
    ]
    assert isinstance(reading.history, History)


@pytest.mark.parametrize(
    ("grants", "missing"),
    [
        pytest.param(["GRANT USAGE ON SCHEMA app TO {}", "GRANT SELECT ON app.users TO {}"], [], id="all"),
        pytest.param(["GRANT USAGE ON SCHEMA app TO {}", "GRANT SELECT (id) ON app.users TO {}"], [], id="a column"),
        pytest.param(["GRANT USAGE ON SCHEMA app TO {}"], ["GRANT SELECT (id) ON app.users"], id="no SELECT"),
        pytest.param(["GRANT SELECT ON app.users TO {}"], ["GRANT USAGE ON SCHEMA app"], id="no USAGE"),
        pytest.param([], ["GRANT USAGE ON SCHEMA app", "GRANT SELECT (id) ON app.users"], id="nothing"),
    ],
)
def test_missing_rights_and_the_grant_that_gives_them(database: str, grants: list[str], missing: list[str]) -> None:
    run(database, TABLES)
    url = watcher(database, *grants)
    counted = count(url, "app.users")
    if not missing:
        assert counted == 1
        return
    role = f'"watcher of {read(url).name}"'
    commands = "; ".join(f"{grant} TO {role}" for grant in missing)
    assert counted == Unavailable(f"{role} may not count app.users; fix it with: {commands}", lasting=True)
    run(database, commands)
    assert count(url, "app.users") == 1


@pytest.mark.parametrize(
    ("where", "columns"),
    [
        pytest.param("role = 'ADMIN'", ' ("role")', id="one column"),
        pytest.param(
            "users.role IS NULL -- or id", ' ("role")', id="qualified, with a comment", marks=pytest.mark.long
        ),
        pytest.param("role = 'ADMIN' AND id > 1", ' ("role", "id")', id="two columns", marks=pytest.mark.long),
        pytest.param("role IS NOT NULL AND id NOT IN (SELECT id FROM app.users)", "", id="another table's columns"),
        pytest.param("users.* IS NOT NULL", "", id="the whole row"),
    ],
)
def test_column_of_a_condition_that_may_not_be_read(where: str, columns: str, database: str) -> None:
    run(database, TABLES)
    url = watcher(
        database,
        "GRANT SELECT (id) ON users TO {}",
        "GRANT USAGE ON SCHEMA app TO {}",
        "GRANT SELECT ON app.users TO {}",
    )
    counted = count(url, "users", where)
    assert isinstance(counted, Unavailable)
    before, _, command = counted.because.partition("; fix it with: ")
    assert before.endswith("PostgreSQL says: permission denied for table users")
    assert command == f'GRANT SELECT{columns} ON public.users TO "watcher of {read(url).name}"'
    run(database, command)
    assert isinstance(count(url, "users", where), int)


def test_rows_hidden_by_a_policy_are_not_missing(database: str) -> None:
    run(database, TABLES + "ALTER TABLE users ENABLE ROW LEVEL SECURITY; ALTER VIEW admins OWNER TO pg_monitor;")
    run(database, "GRANT SELECT ON users TO pg_monitor")
    url = watcher(database, "GRANT SELECT ON users, admins TO {}")
    counted = count(url, "users")
    assert isinstance(counted, Unavailable)
    assert counted.because.startswith("row-level security hides rows of users from")
    hidden = "row-level security hides rows behind admins: give the role BYPASSRLS"
    (admins,) = read(url, SeedExpectation("admins", min=0, view=True)).seeds
    assert admins.count == Unavailable(hidden, lasting=True)


@pytest.mark.parametrize(
    "code", ["raise_exception", "undefined_table", "undefined_column", "insufficient_privilege", "syntax_error"]
)
def test_what_a_function_raises_is_not_repeated(code: str, seeded: str) -> None:
    run(
        seeded,
        "CREATE FUNCTION reveals(role text) RETURNS bool LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'role %', role USING ERRCODE = '{code}'; END $$",
    )
    try:
        trusted = SeedExpectation("users", min=0, where="reveals(role::text)", view=True)
        counted = read(seeded, trusted).seeds[0].count
    finally:
        run(seeded, "DROP FUNCTION reveals")
    assert isinstance(counted, Unavailable)
    assert "ADMIN" not in counted.because
    assert "refused with SQLSTATE" in counted.because


def test_one_condition_does_not_change_what_the_next_means(seeded: str) -> None:
    changed = SeedExpectation("users", min=0, where="set_config('search_path', 'app', false) = 'app'")
    local = SeedExpectation("members", min=0, where="set_config('row_security', 'on', true) = 'on'")
    looked = SeedExpectation(
        "cached", min=0, where="EXISTS (SELECT FROM members) AND current_setting('row_security') = 'off'"
    )
    alone, together = read(seeded, looked).seeds, read(seeded, changed, local, looked).seeds
    assert together[0].count == 3
    assert together[2].count == alone[0].count == 3


@pytest.mark.parametrize(
    ("where", "lasting"),
    [
        pytest.param("id =", True, id="no condition at all"),
        pytest.param("fn(id)", False, id="a function that a migration may make"),
        pytest.param("pg_sleep(10) IS NULL", False, id="too slow"),
    ],
)
def test_whether_waiting_may_help(where: str, lasting: bool, seeded: str) -> None:
    for seconds in growing(0.2):
        counted = count(seeded, "users", where, statement_timeout=timedelta(seconds=seconds))
        assert isinstance(counted, Unavailable)
        if counted.lasting is lasting:
            break


def test_each_count_has_a_transaction_of_its_own(seeded: str) -> None:
    locks = SeedExpectation("app.things", min=0, where="pg_advisory_xact_lock_shared(7) IS NOT NULL")
    own = SeedExpectation(
        "users",
        min=0,
        where="NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
        " AND current_setting('transaction_isolation') = 'read committed'"
        " AND current_setting('max_parallel_workers_per_gather') = '0' AND current_setting('lock_timeout') = '100ms'",
    )
    assert [seed.count for seed in read(seeded, locks, own).seeds] == [4, 3]


def test_a_temporary_table_stands_in_for_none(database: str) -> None:
    """Behind a pool, another client's temporary tables may be left in the session that we are given."""
    run(database, HISTORY + TABLES)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE pg_class AS SELECT * FROM pg_catalog.pg_class LIMIT 0")
        connection.execute("CREATE TEMP TABLE users (id int)")
        session = Session(
            connection, DatabaseSettings(Secret("env:DATABASE_URL", database)), time.monotonic() + SECONDS
        )
        asked = ask_catalog()
        counted: Query[dict[str, int]] = Query(b"SELECT count(*) AS count FROM users", dict)
        session.ask([session.catalog_transaction(asked, "one snapshot"), session.count_transaction(counted, "public")])
    found = catalog(asked)
    assert isinstance(found, Schema)
    assert Subject(Kind.TABLE, ("public", "users")) in found.objects
    assert counted.rows() == [{"count": 3}]
