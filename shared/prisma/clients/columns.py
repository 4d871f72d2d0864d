"""What a client suffers from columns that it knows otherwise, or does not know."""

from collections.abc import Iterator

from ...model.clients import ClientEffect, Operation, Suffers
from ...model.schema import Column, Definition, Kind, Trigger
from .tables import Relation, Tables
from .types import READS, type_effects
from .values import (
    has_default_of_database,
    is_always_written,
    is_from_sequence,
    must_be_given,
)


def column_effects(table: Relation, name: str, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """What follows from one column of *table*, which is a table on both sides."""
    column, there = client.column(table, name), live.column(table, name)
    if column is not None and there is None:
        yield from missing(table, name, column)
    elif column is None and there is not None:
        if must_be_given(there, live.domain(there)):
            yield _omitted(table, name, Operation.CREATE, _filled_by(table, live))
    elif column is not None and there is not None:
        yield from type_effects(table, name, column, there, (client, live))
        if column != there or column.hangs_on:
            yield from _null((table, name), column, there, live)
            yield from _values(table, name, column, there)


def missing(table: Relation, name: str, column: Column) -> Iterator[ClientEffect]:
    """A column that the client names and that does not exist."""
    created = (Operation.CREATE,) if is_always_written(column) else ()
    operations = (*READS, *created, Operation.WRITE)
    yield ClientEffect(table, operations, (name,), Suffers.FAILS, "P2022", "42703")


def _null(place: tuple[Relation, str], client: Column, live: Column, tables: Tables) -> Iterator[ClientEffect]:
    (table, name), domain = place, tables.domain(live)
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
        yield _omitted(table, name, Operation.CREATE_WITHOUT, _filled_by(table, tables))
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
    triggers = live.parts(table, Kind.TRIGGER)
    return next((subject.name[2] for subject, each in triggers if may_fill(each)), None)


def may_fill(definition: Definition) -> bool:
    """Say whether it is a trigger that may supply values of new rows."""
    if not isinstance(definition, Trigger) or definition.timing != "before" or definition.for_each != "row":
        return False
    return "insert" in definition.events and definition.enabled != "disabled"
