"""Reading the live catalog: one message, no privilege, nothing written, nothing seen that no release makes."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from demo.private_postgres import PrivatePostgres
from shared.gather.catalog import read_catalog
from shared.postgres.snapshot import snapshot

RICH = (Path(__file__).parent.parent / "postgres" / "rich.sql").read_text()


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(RICH.encode())
        yield connection


def test_a_role_that_may_only_connect_sees_all(
    owner: psycopg.Connection[tuple[object, ...]], postgres: PrivatePostgres, database: str
) -> None:
    owner.execute("CREATE ROLE onlooker LOGIN PASSWORD 'only-looks' NOINHERIT")
    try:
        owner.execute("REVOKE ALL ON SCHEMA public FROM public")
        url = postgres.url(database.rpartition("/")[2], "onlooker", "only-looks")
        with psycopg.connect(url, autocommit=True) as onlooker:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                onlooker.execute('SELECT FROM public."User"')
            assert snapshot(read_catalog(onlooker)) == snapshot(read_catalog(owner))
    finally:
        owner.execute("GRANT USAGE ON SCHEMA public TO public")
        owner.execute("DROP ROLE onlooker")


@pytest.mark.parametrize(
    "setting",
    [
        "search_path = app, public",
        "quote_all_identifiers = on",
        "TimeZone = 'Asia/Kathmandu'",
        "DateStyle = 'German'",
        "IntervalStyle = 'sql_standard'",
        "bytea_output = 'escape'",
        "extra_float_digits = -3",
    ],
)
def test_a_role_s_own_settings_change_nothing(owner: psycopg.Connection[tuple[object, ...]], setting: str) -> None:
    owner.execute(
        "CREATE TABLE moments (at timestamptz DEFAULT '2020-01-01 10:00:00+00', day date DEFAULT '2020-02-03', "
        "span interval DEFAULT '1 day 02:00', raw bytea DEFAULT '\\x00ff', ratio float8 DEFAULT '0.1'::float8 + '0.2')"
    )
    before = read_catalog(owner)
    owner.execute(f"SET {setting}")
    assert read_catalog(owner) == before


def test_one_message_leaves_no_transaction_behind(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    read_catalog(owner)
    assert owner.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert owner.execute("SHOW transaction_read_only").fetchone() == ("off",)


def test_an_error_leaves_no_transaction_behind(owner: psycopg.Connection[tuple[object, ...]], database: str) -> None:
    with psycopg.connect(database) as migration:
        migration.execute("LOCK TABLE pg_class IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            read_catalog(owner)
        assert owner.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        migration.rollback()
    assert read_catalog(owner)


def test_a_connection_with_transactions_of_its_own_is_refused(database: str) -> None:
    with psycopg.connect(database) as connection, pytest.raises(ValueError, match="autocommit"):
        read_catalog(connection)


def test_what_no_release_makes_is_left_out(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    before = snapshot(read_catalog(owner))
    owner.execute("CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, started_at timestamptz DEFAULT now())")
    owner.execute("CREATE INDEX ON _prisma_migrations (started_at)")
    owner.execute("CREATE TEMPORARY TABLE passing (id serial PRIMARY KEY)")
    owner.execute("INSERT INTO bare VALUES (1, 2)")
    owner.execute("ANALYZE bare")
    owner.execute("COMMENT ON TABLE bare IS 'bare'")
    owner.execute("GRANT SELECT ON bare TO public")
    assert snapshot(read_catalog(owner)) == before


def test_what_an_extension_owns_is_left_out(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    before = set(snapshot(read_catalog(owner)).objects)
    owner.execute("CREATE EXTENSION citext")
    owner.execute("CREATE EXTENSION pg_trgm")
    after = set(snapshot(read_catalog(owner)).objects)
    assert [str(subject) for subject in sorted(after - before)] == ["extension citext", "extension pg_trgm"]
