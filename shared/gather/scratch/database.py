"""A new database on a scratch server, dropped at the end."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
from psycopg import sql

from ...model.value import replace
from ..attempt import GatherError
from ..database.connect import connect
from .server import ScratchServer, insist_on_scratch

_PATIENCE = timedelta(seconds=30)
# Of one statement: on empty tables hardly any takes a second.
_LONGEST_STATEMENT_MS = 60_000


@contextmanager
def scratch_database(
    scratch: ScratchServer, schema: str, on_left: Callable[[str], None]
) -> Iterator[psycopg.Connection]:
    """Make a database beside the one that *scratch* names, and connect to it as Prisma does to *schema*.

    Nothing that is on the server is touched; what scripts make outside of their database (roles) stays. *on_left* gets
    a sentence if the database stays as well. Raises `GatherError`.
    """
    name = f"migration_monitor_scratch_{secrets.token_hex(6)}"
    url, settings = scratch.url, scratch.settings
    with connect(url, settings, _PATIENCE) as server:
        try:
            insist_on_scratch(server, scratch)
        except psycopg.Error as error:
            raise GatherError(f"{url}: what is on the server cannot be read: {_said(error)}", lasting=True) from None
        try:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.Error as error:
            raise GatherError(
                f"{url}: no scratch database can be made: {_said(error)}; the role needs CREATEDB", lasting=True
            ) from None
        try:
            with connect(replace(url, database=name), settings, _PATIENCE) as connection:
                _prepare(connection, schema)
                yield connection
        except psycopg.Error as error:
            raise GatherError(f"{url}: the scratch database cannot be used: {_said(error)}") from None
        finally:
            _drop(server, name, on_left)


def _drop(server: psycopg.Connection, name: str, on_left: Callable[[str], None]) -> None:
    try:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    except psycopg.Error as error:
        on_left(f"The scratch database {name} could not be dropped and is still on the scratch server: {_said(error)}.")


def _prepare(connection: psycopg.Connection, schema: str) -> None:
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    connection.execute("SELECT set_config('statement_timeout', %s, false)", [str(_LONGEST_STATEMENT_MS)])
    # Prisma's engine sets it so, to that schema alone.
    connection.execute("SELECT set_config('search_path', quote_ident(%s), false)", [schema])


def _said(error: psycopg.Error) -> str:
    return error.diag.message_primary or type(error).__name__
