"""The live catalog's rows, in one round trip."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import psycopg

# One kind of thing ("table", "index") and its fields, as sql/catalog.sql names them.
CatalogRow = tuple[str, dict[str, Any]]


def read_catalog(connection: psycopg.Connection[Any]) -> list[CatalogRow]:
    """Rows for ``shared.postgres.snapshot``. *connection* must be in autocommit: the message brings its transaction.

    Raises psycopg's errors, the transaction ended. A lock timeout, and a look-up of an object dropped meanwhile
    (SQLSTATE XX000), mean that a migration is probably running: try again later.
    """
    if not connection.autocommit:
        raise ValueError("reading the catalog needs a connection in autocommit")
    query = files("shared.gather").joinpath("sql", "catalog.sql").read_bytes()
    with connection.cursor() as cursor:
        try:
            cursor.execute(query)
            return list(_rows(cursor))
        finally:
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE and not connection.closed:
                connection.rollback()


def _rows(cursor: psycopg.Cursor[Any]) -> Iterator[CatalogRow]:
    """What the message's SELECTs gave; its other statements give no rows."""
    while True:
        if cursor.description is not None:
            yield from cursor
        if not cursor.nextset():
            return
