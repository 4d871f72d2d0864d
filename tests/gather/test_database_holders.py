"""Who is seen to hold a lock for long, and that asking for it costs no round trip."""

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.gather.database import read_database
from shared.model.holders import HolderKind, LockHolder
from shared.model.plan import LockMode
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests.gather.production import HISTORY, run, session, watcher
from tests.patience import LONG
from tests.postgres.servers import client_program

AT_ONCE, LATER = timedelta(0), timedelta(hours=1)
TABLES = "CREATE TABLE t (id int); CREATE TABLE u (id int); INSERT INTO t VALUES (1);"


@pytest.fixture
def production(database: str) -> str:
    run(database, HISTORY + TABLES)
    return database


def holders(url: str, since: timedelta | None = AT_ONCE) -> tuple[LockHolder, ...]:
    settings = DatabaseSettings(Secret("env:DATABASE_URL", url))
    return read_database(settings, (), LONG, holders_since=since).holders


@contextmanager
def transaction(url: str, statement: str, application: str = "report") -> Iterator[psycopg.Connection]:
    with closing(psycopg.connect(f"{url}?application_name={application}")) as connection:
        connection.execute(statement.encode())
        yield connection


def seen(found: tuple[LockHolder, ...]) -> list[tuple[HolderKind, str, LockMode, str | None]]:
    return [(each.kind, ".".join(each.relation), each.mode, each.name) for each in found]


@pytest.mark.parametrize(
    ("statement", "mode"),
    [
        pytest.param("SELECT FROM t", LockMode.ACCESS_SHARE, id="a read"),
        pytest.param("UPDATE t SET id = 2", LockMode.ROW_EXCLUSIVE, id="a write"),
        pytest.param("LOCK TABLE t IN EXCLUSIVE MODE", LockMode.EXCLUSIVE, id="a lock"),
    ],
)
def test_a_session_in_a_transaction_that_is_open_for_long(production: str, statement: str, mode: LockMode) -> None:
    with transaction(production, statement) as holder:
        (found,) = holders(production)
        assert seen((found,)) == [(HolderKind.SESSION, "public.t", mode, "report")]
        assert (found.pid, found.user) == (holder.info.backend_pid, "postgres")
        assert found.open_for is not None
        assert AT_ONCE < found.open_for < LATER
        assert holders(production, LATER) == ()
        assert holders(production, None) == ()


@pytest.mark.parametrize("application", ["pg_dump", "pg_dumpall"])
def test_a_dump_counts_however_young_it_is(production: str, application: str) -> None:
    with transaction(production, "LOCK TABLE t, u IN ACCESS SHARE MODE", application):
        found = seen(holders(production, LATER))
    assert found == [(HolderKind.DUMP, f"public.{name}", LockMode.ACCESS_SHARE, application) for name in ("t", "u")]


def test_a_copy_to_the_client_counts_as_a_dump(production: str) -> None:
    with closing(psycopg.connect(production)) as copying:
        with copying.cursor().copy("COPY t TO STDOUT") as copy:
            assert list(copy) == [b"1\n"]
        assert seen(holders(production, LATER)) == [(HolderKind.DUMP, "public.t", LockMode.ACCESS_SHARE, None)]


def test_a_real_dump(production: str, postgres: PrivatePostgres) -> None:
    """Nobody reads what it writes, so it stops in the middle of a table."""
    run(production, "INSERT INTO t SELECT generate_series(1, 200000)")
    program = client_program("pg_dump", postgres.programs)
    with subprocess.Popen([program, production], stdout=subprocess.PIPE) as dump:
        while not (found := seen(holders(production, LATER))):
            assert dump.poll() is None
        dump.kill()
        assert dump.stdout is not None
        dump.stdout.read()
    assert (HolderKind.DUMP, "public.t", LockMode.ACCESS_SHARE, "pg_dump") in found


def test_a_prepared_transaction_has_no_session(production: str) -> None:
    with session(production) as connection:
        connection.execute("BEGIN; UPDATE t SET id = 3; PREPARE TRANSACTION 'transfer 7'")
    try:
        (found,) = holders(production, LATER)
    finally:
        run(production, "ROLLBACK PREPARED 'transfer 7'")
    assert seen((found,)) == [(HolderKind.PREPARED, "public.t", LockMode.ROW_EXCLUSIVE, "transfer 7")]
    assert (found.pid, found.user) == (None, "postgres")


def test_without_the_right_to_see_sessions_only_what_shows_itself_counts(production: str) -> None:
    role = watcher(production)
    with transaction(production, "SELECT FROM t"), transaction(production, "SELECT FROM u", "pg_dump"):
        assert seen(holders(role)) == [(HolderKind.DUMP, "public.u", LockMode.ACCESS_SHARE, "pg_dump")]


def test_other_databases_and_the_systems_own_tables_are_left_out(production: str, postgres: PrivatePostgres) -> None:
    with transaction(postgres.url(), "SELECT FROM pg_database"), transaction(production, "SELECT FROM pg_class"):
        assert holders(production) == ()
