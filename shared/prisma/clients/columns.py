"""What a client suffers from columns that it knows otherwise, or does not know."""

from collections.abc import Iterator

from shared.model.clients import ClientEffect, Operation, Suffers
from shared.model.schema import Column, Domain, Trigger
from shared.prisma.clients.tables import Relation, Tables
from shared.prisma.clients.types import READS, type_effects
from shared.prisma.clients.values import (
    has_default_of_database,
    is_always_written,
    is_from_sequence,
    must_be_given,
)


def column_effects(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """What follows from the columns of *table*, which is a table on both sides."""
    known, now = client.columns(table), live.columns(table)
    filled = _filled_by(table, live)
    for name, column in known.items():
        there = now.get(name)
        if there is None:
            yield from missing(table, name, column)
        else:
            yield from type_effects(table, name, column, there, (client, live))
            if column == there and not column.hangs_on:
                continue
            yield from _null((table, name), column, there, live.domain(there), filled)
            yield from _values(table, name, column, there)
    for name, column in now.items():
        if name not in known and must_be_given(column, live.domain(column)):
            yield _omitted(table, name, Operation.CREATE, filled)


def missing(table: Relation, name: str, column: Column) -> Iterator[ClientEffect]:
    """A column that the client names and that is not there."""
    created = (Operation.CREATE,) if is_always_written(column) else ()
    operations = (*READS, *created, Operation.WRITE)
    yield ClientEffect(table, operations, (name,), Suffers.FAILS, "P2022", "42703")


def _null(
    place: tuple[Relation, str], client: Column, live: Column, domain: Domain | None, filled: str | None
) -> Iterator[ClientEffect]:
    table, name = place
    was_required, is_required = not client.nullable, not live.nullable or (domain is not None and not domain.nullable)
    is_omitted = not is_always_written(client) and client.generated is None
    if is_required and not was_required and live.generated is None:
        yield ClientEffect(table, (Operation.WRITE_NULL,), (name,), Suffers.FAILS, "P2011", "23502")
    if was_required and not is_required:
        because = "where a row holds null, which the client does not expect"
        yield ClientEffect(table, (Operation.READ,), (name,), Suffers.CHANGES, certain=False, because=because)
    if not is_omitted:
        return
    if must_be_given(live, domain) and (not was_required or has_default_of_database(client)):
        yield _omitted(table, name, Operation.CREATE_WITHOUT, filled)
    elif has_default_of_database(client) and live.default is None and live.identity is None and live.generated is None:
        because = "null is stored: the default of the database is gone"
        yield ClientEffect(table, (Operation.CREATE_WITHOUT,), (name,), Suffers.CHANGES, because=because)


def _omitted(table: Relation, name: str, operation: Operation, filled: str | None) -> ClientEffect:
    may = "" if filled is None else f"where the trigger {filled} does not supply a value"
    return ClientEffect(table, (operation,), (name,), Suffers.FAILS, "P2011", "23502", not may, may)


def _values(table: Relation, name: str, client: Column, live: Column) -> Iterator[ClientEffect]:
    """Who supplies the value: the client, a sequence, an expression."""
    if live.generated is not None and client.generated is None:
        created = (Operation.CREATE,) if is_always_written(client) else ()
        yield ClientEffect(table, (*created, Operation.WRITE), (name,), Suffers.FAILS, "P2039", "428C9")
    was_always = client.identity is not None and client.identity.always
    if live.identity is not None and live.identity.always and not was_always:
        yield ClientEffect(table, (Operation.WRITE,), (name,), Suffers.FAILS, "P2039", "428C9")
    if client.identity is None and live.identity is not None and is_from_sequence(client):
        may = "while the new sequence is behind the largest value"
        yield ClientEffect(
            table, (Operation.CREATE_WITHOUT,), (name,), Suffers.FAILS, "P2002", "23505", certain=False, because=may
        )


def _filled_by(table: Relation, live: Tables) -> str | None:
    """A trigger that may supply values of new rows."""
    for subject, each in live.parts(table):
        is_row = isinstance(each, Trigger) and each.timing == "before" and each.for_each == "row"
        if is_row and isinstance(each, Trigger) and "insert" in each.events and each.enabled != "disabled":
            return subject.name[2]
    return None
