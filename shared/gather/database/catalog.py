"""The live schema, asked for along with everything else: one snapshot, no round trip of its own."""

from collections.abc import Iterable
from typing import Any

import psycopg

from shared.gather.database.query import Query, statements_of
from shared.gather.database.refusal import refusal
from shared.model.knowledge import Unavailable
from shared.model.schema import Schema
from shared.postgres.snapshot import snapshot

# What one row describes ("table", "index"), and its fields as sql/catalog.sql names them.
CatalogRow = tuple[str, dict[str, Any]]


def ask_catalog() -> list[Query[CatalogRow]]:
    return [Query(text, _row) for text in statements_of("catalog")]


def catalog(queries: Iterable[Query[CatalogRow]]) -> Schema | Unavailable:
    """Give the schema, whole or not at all: a kind that is missing would look like drift."""
    try:
        rows = [row for query in queries for row in query.rows()]
    except psycopg.Error as error:
        return Unavailable(f"the schema cannot be read: {refusal(error)}")
    return snapshot(rows)


def _row(**columns: Any) -> CatalogRow:
    """Take the two columns, whatever the server calls them."""
    kind, fields = columns.values()
    return kind, fields
