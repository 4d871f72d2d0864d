"""Reading the live catalog: no privilege, nothing written, nothing seen that no release makes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.gather.database import read_database
from shared.model.knowledge import Unavailable
from shared.model.schema import Schema
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests.patience import LONG
from tests.postgres.live import live_schema

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
        # Where OpenSSL is one of FIPS, these fail for everybody.
        owner.execute("REVOKE EXECUTE ON FUNCTION md5(text), md5(bytea) FROM public")
        url = postgres.url(database.rpartition("/")[2], "onlooker", "only-looks")
        with psycopg.connect(url, autocommit=True) as onlooker:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                onlooker.execute('SELECT FROM public."User"')
            assert live_schema(onlooker) == live_schema(owner)
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
    before = live_schema(owner)
    owner.execute(f"SET {setting}")
    assert live_schema(owner) == before


def test_a_locked_catalog_is_unknown_and_leaves_no_transaction_behind(
    owner: psycopg.Connection[tuple[object, ...]], database: str
) -> None:
    settings = DatabaseSettings(Secret("the test's", database), lock_timeout=timedelta(milliseconds=50))
    with psycopg.connect(database) as migration:
        migration.execute("LOCK TABLE pg_attrdef IN ACCESS EXCLUSIVE MODE")
        reading = read_database(settings, (), LONG)
        assert isinstance(reading.catalog, Unavailable)
        assert "locked" in reading.catalog.because
        migration.rollback()
    assert isinstance(read_database(settings, (), LONG).catalog, Schema)


def test_what_no_release_makes_is_left_out(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    before = live_schema(owner)
    owner.execute("CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, started_at timestamptz DEFAULT now())")
    owner.execute("CREATE INDEX ON _prisma_migrations (started_at)")
    owner.execute("CREATE TEMPORARY TABLE passing (id serial PRIMARY KEY)")
    owner.execute("INSERT INTO bare VALUES (1, 2)")
    owner.execute("ANALYZE bare")
    owner.execute("COMMENT ON TABLE bare IS 'bare'")
    owner.execute("GRANT SELECT ON bare TO public")
    assert live_schema(owner) == before


def test_what_an_extension_owns_is_left_out(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    before = set(live_schema(owner).objects)
    owner.execute("CREATE EXTENSION citext")
    owner.execute("CREATE EXTENSION pg_trgm")
    after = set(live_schema(owner).objects)
    assert [str(subject) for subject in sorted(after - before)] == ["extension citext", "extension pg_trgm"]
