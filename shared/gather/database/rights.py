"""Owners and privileges, asked for along with the catalog, in the same snapshot: only where they are compared."""

import json
from collections.abc import Iterable

import psycopg

from ...model.knowledge import Unavailable
from ...model.privileges import Rights
from ...postgres.rights import live
from .catalog import CatalogRow, row_of
from .query import Query, statements_of
from .refusal import refused


def ask_rights(schema: str) -> list[Query[CatalogRow]]:
    """Ask for them; the role that deploys is the one that owns the history in *schema*."""
    deployer, *others = statements_of("rights")
    return [Query(deployer, row_of, {"schema": schema}), *(Query(text, row_of) for text in others)]


def rights(queries: Iterable[Query[CatalogRow]]) -> Rights | Unavailable:
    """Give them, whole or not at all: what is not read would look like something revoked."""
    try:
        found = live.rights((kind, json.loads(fields)) for query in queries for kind, fields in query.take())
    except psycopg.Error as error:
        return refused("owners and privileges cannot be read", error)
    if found is None:
        return Unavailable("no table _prisma_migrations shows which role deploys")
    return found
