"""The live schema of a test's database, read as the monitor reads it."""

import time
from typing import Any

import psycopg

from shared.gather.database.catalog import ask_catalog, catalog
from shared.gather.database.query import from_file, unread
from shared.gather.database.session import Session
from shared.model.schema import Schema
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests.patience import SECONDS

_SETTINGS = DatabaseSettings(Secret("the test's", "postgresql://"))


def live_schema(connection: psycopg.Connection[Any]) -> Schema:
    """Read the schema over *connection*, which is in autocommit and in no transaction."""
    asked = ask_catalog()
    session = Session(connection, _SETTINGS, time.monotonic() + SECONDS)
    session.ask([session.catalog_transaction(asked, "one snapshot")])
    found = catalog(asked)
    assert isinstance(found, Schema), found
    return found


def schema_within(connection: psycopg.Connection[Any]) -> Schema:
    """Read the schema as `live_schema` does, but within the transaction that is open, which is left as it was."""
    asked = ask_catalog()
    settings = from_file("transaction_settings", unread, {"statement_timeout": "0", "lock_timeout": "0"})
    with connection.transaction(force_rollback=True):
        with connection.pipeline():
            settings.send(connection)
            cursors = [query.send(connection) for query in asked]
        for query, cursor in zip(asked, cursors, strict=True):
            query.receive(cursor)
    found = catalog(asked)
    assert isinstance(found, Schema), found
    return found
