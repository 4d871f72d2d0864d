"""The reading as a whole: what it gives, how many round trips it takes, what it never does."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.gather.attempt import GatherError
from shared.gather.database import read_database, watched_schema
from shared.model.database import Activity, History, Privileges
from shared.model.knowledge import Unavailable
from shared.model.seed import SeedCount, SeedExpectation
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests.gather.production import HISTORY, Relay, count, read, run, session, watcher
from tests.patience import LONG, growing, until

TABLES = HISTORY + "CREATE TABLE users (id int, name text); INSERT INTO users VALUES (1, 'ada'), (2, 'bob');"


@pytest.fixture(scope="module")
def production(new_database: Callable[..., str]) -> str:
    """One for all: nothing here changes it."""
    url = new_database()
    run(url, TABLES)
    run(url, "CREATE SEQUENCE numbers; CREATE FUNCTION loud() RETURNS bool LANGUAGE sql AS 'SELECT lo_create(0) > 0'")
    return url


def test_everything_in_one_reading(production: str, postgres: PrivatePostgres) -> None:
    seeds = (SeedExpectation("users", exact=2), SeedExpectation("users", min=1, where="name LIKE 'a%'"))
    reading = read(production, *seeds)
    assert reading.name == psycopg.conninfo.conninfo_to_dict(production)["dbname"]
    assert reading.schema == "public"
    assert reading.server_version.split(".")[0].isdigit()
    assert reading.now.tzinfo is UTC
    assert abs(reading.now - datetime.now(UTC)) < timedelta(minutes=1)
    assert reading.history == History(exists=True, rows=(), logs_readable=True, schema_has_tables=True)
    assert reading.seeds == (SeedCount(seeds[0], 2), SeedCount(seeds[1], 1))
    assert reading.activity == Activity(lock=(), blocking=(), sees_all_sessions=True)
    assert reading.privileges == Privileges("postgres", True, True, ("public._prisma_migrations", "public.users"), 2)


def turns_of(postgres: PrivatePostgres, url: str, use: Callable[[str], object]) -> int:
    with Relay(postgres.port) as relay:
        use(url.replace(str(postgres.port), str(relay.port)) + "?sslmode=disable")
    return relay.turns


def just_connect(url: str) -> None:
    psycopg.connect(url).close()


def read_with_holders(url: str) -> None:
    read_database(DatabaseSettings(Secret("env:DATABASE_URL", url)), (), None, holders_since=timedelta(seconds=5))


def test_two_round_trips_when_all_is_well(production: str, postgres: PrivatePostgres) -> None:
    seeds = [SeedExpectation("users", min=1, where=f"id > {number}") for number in range(20)]
    connecting = turns_of(postgres, production, just_connect)
    assert turns_of(postgres, production, lambda url: read(url, *seeds)) - connecting == 2
    assert turns_of(postgres, production, read_with_holders) - connecting == 2


def test_a_broken_count_costs_one_more_round_trip_and_no_other_fact(
    production: str, postgres: PrivatePostgres, caplog: pytest.LogCaptureFixture
) -> None:
    wheres = ["true", "1 / 0 = 1", "true", "nonsense(", "true", "missing = 1"]
    seeds = [SeedExpectation("users", min=0, where=where) for where in wheres]
    connecting = turns_of(postgres, production, just_connect)
    assert turns_of(postgres, production, lambda url: read(url, *seeds)) - connecting == 2 + 3
    reading = read(production, *seeds)
    assert [seed.count for seed in reading.seeds if isinstance(seed.count, int)] == [2, 2, 2]
    assert isinstance(reading.history, History)
    assert caplog.text == ""


def test_nothing_is_left_open(production: str) -> None:
    read(production, SeedExpectation("users", min=0, where="nonsense("))
    with session(production) as admin:
        others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'migration-monitor' AND datname = %s"
        until(lambda: admin.execute(others, [admin.info.dbname]).fetchone() == (0,))


@pytest.mark.parametrize(
    ("setting", "query", "schema"),
    [
        pytest.param(None, "", "public", id="nothing said"),
        pytest.param(None, "?schema=app", "app", id="the URL's"),
        pytest.param("app", "?schema=other", "app", id="the setting wins"),
        pytest.param('we"ird \udcff', "", 'we"ird ?', id="a name that cannot exist"),
    ],
)
def test_watched_schema(database: str, setting: str | None, query: str, schema: str) -> None:
    run(database, "CREATE SCHEMA app; CREATE TABLE app.users ()")
    reading = read(database + query, SeedExpectation("users", min=0), schema=setting)
    foreseen = watched_schema(DatabaseSettings(Secret("env:DATABASE_URL", database + query), schema=setting))
    assert reading.schema == foreseen == schema
    assert reading.history == History(
        exists=False, schema_has_tables=schema == "app", schema_exists=schema in {"app", "public"}
    )
    assert isinstance(reading.seeds[0].count, int) == (schema == "app")


@pytest.mark.parametrize(
    ("url", "setting", "schema"),
    [
        pytest.param(None, None, None, id="not fetched yet, it may name one"),
        pytest.param(None, "app", "app", id="not fetched yet, but the setting wins"),
        pytest.param("mysql://nobody@nowhere/", None, None, id="none that can be read"),
    ],
)
def test_watched_schema_before_the_url_is_read(url: str | None, setting: str | None, schema: str | None) -> None:
    assert watched_schema(DatabaseSettings(Secret("vault:database-url", url), schema=setting)) == schema


@pytest.mark.parametrize(
    "where",
    [
        "1=1; COMMIT; CREATE TABLE written ()",
        "true); COMMIT; CREATE TABLE written (); SELECT (1",
        "set_config('transaction_read_only', 'off', false) = 'off'",
        "true) INTO written FROM (SELECT 1",
        "nextval('numbers') > 0",
        "true) FOR UPDATE --",
    ],
)
def test_a_condition_cannot_write(production: str, where: str) -> None:
    assert isinstance(count(production, "users", where), Unavailable)
    with session(production) as admin:
        assert admin.execute("SELECT to_regclass('written'), is_called FROM numbers").fetchone() == (None, False)


def test_what_a_read_only_transaction_lets_through_is_undone(production: str) -> None:
    count(production, "users", "loud()")  # refused by PostgreSQL 16 and later
    with session(production) as admin:
        assert admin.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchone() == (0,)


def test_settings_of_the_role_change_nothing(database: str) -> None:
    run(database, TABLES)
    url = watcher(
        database,
        "GRANT SELECT ON _prisma_migrations, users TO {}",
        "ALTER ROLE {} IN DATABASE {database} SET DateStyle = 'SQL, DMY'",
        "ALTER ROLE {} IN DATABASE {database} SET IntervalStyle = 'iso_8601'",
        "ALTER ROLE {} IN DATABASE {database} SET TimeZone = 'Asia/Kathmandu'",
        "ALTER ROLE {} IN DATABASE {database} SET bytea_output = 'escape'",
        "ALTER ROLE {} IN DATABASE {database} SET standard_conforming_strings = off",
        "ALTER ROLE {} IN DATABASE {database} SET default_transaction_isolation = 'serializable'",
    )
    run(
        database,
        "INSERT INTO _prisma_migrations VALUES ('1', 'c', '2025-09-05 08:00Z', 'm', NULL, NULL, '2025-09-05')",
    )
    with session(url):  # something to take an age of
        reading = read(url, SeedExpectation("users", exact=2))
    assert isinstance(reading.history, History)
    assert reading.history.rows[0].finished_at == datetime(2025, 9, 5, 8, tzinfo=UTC)
    assert abs(reading.now - datetime.now(UTC)) < timedelta(minutes=1)
    assert isinstance(reading.activity, Activity)


def test_least_privileged_role_reads_everything(database: str) -> None:
    run(database, TABLES)
    url = watcher(
        database,
        "GRANT SELECT (id, checksum, migration_name, started_at, finished_at, rolled_back_at)"
        " ON _prisma_migrations TO {}",
        "GRANT SELECT (id) ON users TO {}",
        "GRANT pg_read_all_stats TO {}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO {}",
    )
    reading = read(url, SeedExpectation("users", exact=2))
    assert reading.history == History(exists=True, logs_readable=False, schema_has_tables=True)
    assert reading.seeds[0].count == 2
    assert reading.activity == Activity((), (), sees_all_sessions=True)
    assert reading.privileges == Privileges(f"watcher of {reading.name}", False, False, (), 0)


def test_time_that_is_up_stops_the_server_too(production: str) -> None:
    slow = [SeedExpectation("users", min=0, where=f"pg_sleep(999) IS NOT NULL OR id = {n}") for n in range(3)]
    for seconds in growing(0.4):
        with suppress(GatherError):
            reading = read(production, *slow, within=timedelta(seconds=seconds), statement_timeout=LONG)
            if isinstance(reading.history, History):
                break
    assert {getattr(seed.count, "because", None) for seed in reading.seeds} == {
        "users could not be counted with the setting's `where`: it took longer than the time allowed for it"
    }
    with session(production) as admin:
        running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%%pg_sleep%%' AND state = 'active' AND datname = %s"
        assert admin.execute(running + " AND pid <> pg_backend_pid()", [admin.info.dbname]).fetchone() == (0,)


def test_server_that_falls_silent_holds_nobody(production: str, postgres: PrivatePostgres) -> None:
    connecting = turns_of(postgres, production, just_connect) - 1  # less the farewell
    for seconds in growing(0.5):
        with Relay(postgres.port, silent_after=connecting + 1) as relay, suppress(GatherError):
            url = production.replace(str(postgres.port), str(relay.port)) + "?sslmode=disable"
            reading = read(url, SeedExpectation("users", exact=2), within=timedelta(seconds=seconds))
            if isinstance(reading.privileges, Privileges):
                break
    assert reading.history == Unavailable("public._prisma_migrations cannot be read: the connection was lost")
    assert reading.seeds[0].count == Unavailable("users could not be counted: the connection was lost")


def test_connection_cut_at_the_beginning(production: str, postgres: PrivatePostgres) -> None:
    connecting = turns_of(postgres, production, just_connect) - 1
    with Relay(postgres.port, cut_after=connecting) as relay:
        url = production.replace(str(postgres.port), str(relay.port)) + "?sslmode=disable"
        with pytest.raises(GatherError) as raised:
            read(url)
    name = psycopg.conninfo.conninfo_to_dict(production)["dbname"]
    assert str(raised.value) == (f'database "{name}" at 127.0.0.1:{relay.port} cannot be read: the connection was lost')


def test_server_that_ends_the_connection_midway(production: str) -> None:
    seeds = [
        SeedExpectation("users", exact=2),
        SeedExpectation("users", min=0, where="pg_terminate_backend(pg_backend_pid())"),
        SeedExpectation("users", exact=2, where="true"),
    ]
    reading = read(production, *seeds)
    # What was answered before may be swept away with the connection: then it is not known, and nothing else.
    lost = "public._prisma_migrations cannot be read: the connection was lost"
    assert isinstance(reading.history, History) or reading.history == Unavailable(lost)
    assert reading.seeds[0].count in {2, Unavailable("users could not be counted: the connection was lost")}
    for seed in reading.seeds[1:]:
        assert isinstance(seed.count, Unavailable)
        assert "connection" in seed.count.because


def test_database_without_an_encoding(postgres: PrivatePostgres) -> None:
    run(postgres.url(), "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    url = postgres.url("ascii")
    run(url, HISTORY + "CREATE TABLE users (name text); INSERT INTO users VALUES (E'\\xff')")
    reading = read(url, SeedExpectation("users", exact=1))
    assert reading.history == History(exists=True, schema_has_tables=True)
    assert reading.seeds[0].count == 1
    run(url, "INSERT INTO _prisma_migrations VALUES ('1', 'c', now(), E'm\\xff')")
    reading = read(url, SeedExpectation("users", exact=1))
    because = "it holds text whose bytes are not what the database's encoding allows"
    assert reading.history == Unavailable(f"public._prisma_migrations cannot be read: {because}")
    assert reading.seeds[0].count == 1
    run(url, "UPDATE _prisma_migrations SET migration_name = 'm', finished_at = NULL, logs = E'ERROR: key \\xff'")
    history = read(url).history
    assert isinstance(history, History)
    assert [(row.name, row.logs) for row in history.rows] == [("m", "ERROR: key \ufffd")]
    run(url, "DO $$ BEGIN EXECUTE E'CREATE TABLE \"a\\xff\" ()'; END $$")
    reading = read(url, SeedExpectation("users", exact=1))
    assert reading.privileges == Unavailable(f"the monitor's own privileges cannot be read: {because}")
    assert reading.seeds[0].count == 1


def test_the_slot_that_holds_back_most(production: str) -> None:
    assert read(production).slot is None
    with session(production) as admin:
        admin.execute("SELECT pg_create_physical_replication_slot('cdc', true)")
        try:
            admin.execute("CREATE TABLE filler AS SELECT repeat('x', 900) FROM generate_series(1, 20000)")
            slot = read(production).slot
        finally:
            admin.execute("SELECT pg_drop_replication_slot('cdc')")
    assert slot is not None
    assert (slot.name, slot.active) == ("cdc", False)
    assert slot.held > 10_000_000
