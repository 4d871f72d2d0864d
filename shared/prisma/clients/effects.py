"""All that a client suffers from one table."""

from collections.abc import Iterator

from shared.model.clients import ClientEffect, Operation, Suffers
from shared.model.schema import Kind
from shared.prisma.clients.columns import column_effects, missing
from shared.prisma.clients.guards import guard_effects
from shared.prisma.clients.keys import foreign_key_effects, unique_effects
from shared.prisma.clients.mentioned import is_simple
from shared.prisma.clients.tables import Relation, Tables

_WRITES = (Operation.CREATE, Operation.UPDATE, Operation.DELETE, Operation.UPSERT)


def link_effects(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """What a client that knows *client* suffers from foreign keys of *table*, and from those that refer to it.

    A table that the client does not know concerns it by them alone.
    """
    if client.kind(table) is live.kind(table) is Kind.TABLE:
        yield from foreign_key_effects(table, client, live)


def effects_on(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """What a client that knows *client* suffers on *table* where the database is *live*, but from foreign keys."""
    if client.kind(table) is None:
        return
    kind = live.kind(table)
    if kind is None:
        yield ClientEffect(table, (Operation.EVERYTHING,), (), Suffers.FAILS, "P2021", "42P01")
    elif kind is Kind.TABLE and client.kind(table) is Kind.TABLE:
        yield from column_effects(table, client, live)
        if not client.has_the_same_guards(table, live):
            yield from unique_effects(table, client, live)
            yield from guard_effects(table, client, live)
    elif kind is not Kind.TABLE:
        yield from _view(table, client, live)


def _view(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """A view: what it gives is known by the names of its columns."""
    view = live.view(table)
    there = view.columns if view is not None else ()
    for name, column in client.columns(table).items():
        if name not in there:
            yield from missing(table, name, column)
    if client.kind(table) is not Kind.TABLE:
        before = client.view(table)
        for name in before.columns if before is not None else ():
            if name not in there:
                yield ClientEffect(table, (Operation.READ, Operation.WHERE), (name,), Suffers.FAILS, "P2022", "42703")
        if before is not None and view is not None and before.body != view.body:
            because = "the query of the view is another one"
            yield ClientEffect(table, (Operation.READ,), (), Suffers.CHANGES, certain=False, because=because)
    elif live.kind(table) is Kind.MATERIALIZED_VIEW:
        yield ClientEffect(table, _WRITES, (), Suffers.FAILS, "P2039", "42809")
    elif view is not None and not is_simple(view):
        may = "where PostgreSQL cannot update the view itself"
        yield ClientEffect(table, _WRITES, (), Suffers.FAILS, "P2039", "55000", certain=False, because=may)
