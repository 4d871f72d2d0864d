"""The tables that pg_partman divides while the application runs."""

import time
from contextlib import closing
from datetime import timedelta

import psycopg
from psycopg import sql

from ...model.settings import DatabaseSettings
from ...model.value import dataclass
from ..attempt import GatherError
from .access import enter
from .query import from_file
from .session import Session


@dataclass(frozen=True, slots=True)
class _Row:
    parent: str


def divided_tables(settings: DatabaseSettings, schema: str, within: timedelta) -> tuple[str, ...]:
    """Give ``schema.table`` for each; *schema* has pg_partman's own tables. Raises `GatherError`."""
    until = time.monotonic() + within.total_seconds()
    query = from_file("partman", _Row, config=sql.Identifier(schema, "part_config"))
    _, connection = enter(settings, until)
    with closing(connection):
        session = Session(connection, settings, until)
        session.ask([session.catalog_transaction([query], "current")])
    try:
        return tuple(row.parent for row in query.rows())
    except psycopg.Error as error:
        reason = error.diag.message_primary or type(error).__name__
    raise GatherError(f"the settings of pg_partman cannot be read: {reason}", lasting=True)
