"""A server that goes on from an earlier point: its own checks of before bound nothing, the order of what it holds does."""

from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from shared.demo.private_postgres import PrivatePostgres
from tests.diagnose.attribution.production import Production, connected
from tests.gather.standby import standby_of
from tests.patience import until

_A, _B = "schema-changed:column public.a.n", "schema-changed:column public.b.n"


def test_a_copy_that_goes_on_by_itself(postgres: PrivatePostgres, database: str, tmp_path: Path) -> None:
    """A copy is made, the server lives on and is checked; then the copy takes its place, and has commits timed."""
    production = Production(database, tmp_path)
    for table in ("a", "b", "c"):
        production.migrate(f"CREATE TABLE {table} (id integer, n integer);")
    production.check()
    production.execute("ALTER TABLE a ALTER COLUMN n TYPE bigint")
    last = production.migrate("CREATE TABLE d (id integer);")
    assert _A in production.check()
    with (
        standby_of(postgres, "track_commit_timestamp = on") as copy,
        connected(copy.url(database.rpartition("/")[2])) as restored,
    ):
        restored.execute("SELECT pg_promote()")
        until(lambda: restored.execute("SELECT NOT pg_is_in_recovery()").fetchone() == (True,))
        production.execute("ALTER TABLE a ALTER COLUMN n TYPE integer")
        assert _A not in production.check()
        _moved(production, restored, copy.url(database.rpartition("/")[2]))
        # Checks saw it changed before the copy was made, and right again: that was another server.
        first = production.check()[_A]
        assert (first["after"], first["before"]["migration"]) == (None, last)
        restored.execute("ALTER TABLE b ALTER COLUMN n TYPE bigint")
        then = production.check()
        assert then[_A] == first
        assert then[_B]["after"] == {"check": sorted(production.checks)[-2].isoformat()}
        assert datetime.fromisoformat(then[_B]["before"]["commit"]) == _committed(restored)


def test_a_load_in_one_transaction_made_none_of_what_it_wrote(database: str, tmp_path: Path) -> None:
    """As pg_restore --single-transaction writes it: the tables, what was changed of them, and the history."""
    production = Production(database, tmp_path)
    for table in ("a", "b"):
        production.migrate(f"CREATE TABLE {table} (id integer, n integer);")
    with production.connection.transaction():
        production.execute("CREATE TABLE loaded AS SELECT * FROM _prisma_migrations; DELETE FROM _prisma_migrations")
        production.execute("ALTER TABLE a ALTER COLUMN n TYPE bigint; ALTER TABLE b ALTER COLUMN n TYPE bigint")
        production.execute("INSERT INTO _prisma_migrations SELECT * FROM loaded; DROP TABLE loaded")
    found = production.check()
    assert (found[_A], found[_B]) == (None, None)
    production.connection.close()


def _moved(production: Production, restored: "psycopg.Connection[Any]", url: str) -> None:
    """Go on with the copy, once it has used more numbers of transactions than the server that it replaces."""
    used = _number(production.connection, "pg_snapshot_xmax(pg_current_snapshot())")
    production.connection.close()
    while _number(restored, "pg_current_xact_id()") <= used:
        pass
    production.url = url


def _number(connection: "psycopg.Connection[Any]", transaction: LiteralString) -> int:
    (found,) = connection.execute(f"SELECT {transaction}::text::bigint").fetchone() or (0,)
    assert isinstance(found, int)
    return found


def _committed(connection: "psycopg.Connection[Any]") -> datetime:
    query = "SELECT pg_xact_commit_timestamp(xmin) FROM pg_attribute WHERE attrelid = 'b'::regclass AND attname = 'n'"
    (moment,) = connection.execute(query).fetchone() or (None,)
    assert isinstance(moment, datetime)
    return moment
