"""The live schema, asked for along with everything else: one snapshot, no round trip of its own."""

import json
from collections.abc import Iterable
from typing import Any

import psycopg

from ...model.knowledge import Unavailable
from ...model.schema import Schema
from ...postgres.snapshot import snapshot
from .query import Query, statements_of
from .refusal import refused

# What one row describes ("table", "index"), and in JSON its fields as sql/catalog.sql names them. That stays text until
# it is read: all rows as objects at once would weigh as much as the schema.
CatalogRow = tuple[str, str]


def ask_catalog() -> list[Query[CatalogRow]]:
    return [Query(text, row_of) for text in statements_of("catalog")]


def catalog(queries: Iterable[Query[CatalogRow]]) -> Schema | Unavailable:
    """Give the schema, whole or not at all: a kind that is missing would look like drift."""
    try:
        return snapshot((kind, json.loads(fields)) for query in queries for kind, fields in query.take())
    except psycopg.Error as error:
        return refused("the schema cannot be read", error)


def row_of(**columns: Any) -> CatalogRow:
    """Take the two columns, whatever the server calls them."""
    kind, fields = columns.values()
    return kind, fields
