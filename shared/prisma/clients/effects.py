"""What a client suffers from a table, piece by piece: each piece is computed again only where something of it changes.

A piece is one topic (a column, a unique key, a check, a foreign key seen from either end) of one table.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

from ...model.clients import ClientEffect, Operation, Suffers
from ...model.schema import (
    Column,
    Definition,
    ForeignKey,
    Kind,
    Subject,
)
from .columns import column_effects, may_fill, missing
from .guards import check_effects, program_effects, row_security_effects
from .keys import delete_effects, include_effects, link_effects, target_effects, unique_effects
from .mentioned import is_simple
from .tables import Relation, Tables, conflict_target, link, own_tables

Topic = Callable[[Relation, Any, Tables, Tables], Iterator[ClientEffect]]
Piece = tuple[Topic, Hashable]
_WRITES = (Operation.CREATE, Operation.UPDATE, Operation.DELETE, Operation.UPSERT)
_KEYS = (Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.INDEX)
_CHECKS = (Kind.CHECK, Kind.EXCLUSION)
_PROGRAMS = (Kind.TRIGGER, Kind.RULE)
_TYPES = frozenset({Kind.ENUM, Kind.DOMAIN})
# The function that computes a part, and whether together with all of its kind.
_TOPICS: Mapping[Kind, tuple[Topic, bool]] = {
    **dict.fromkeys(_KEYS, (unique_effects, False)),
    **dict.fromkeys(_CHECKS, (check_effects, False)),
    **dict.fromkeys(_PROGRAMS, (program_effects, False)),
    Kind.POLICY: (row_security_effects, True),
    Kind.ROW_SECURITY: (row_security_effects, True),
}


def whole_effects(table: Relation, _: None, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """What follows from the kind of the relation: it is gone, or a view is there."""
    kind = live.kind(table)
    if kind is None:
        yield ClientEffect(table, (Operation.EVERYTHING,), (), Suffers.FAILS, "P2021", "42P01")
    elif kind is not Kind.TABLE:
        yield from _view(table, client, live)


# In the order in which they are said. All but the first are of what is a table on both sides.
TOPICS: tuple[Topic, ...] = (
    whole_effects, column_effects, target_effects, unique_effects, check_effects, program_effects,
    row_security_effects, include_effects, link_effects, delete_effects,
)  # fmt: skip


def pieces(table: Relation, client: Tables, live: Tables) -> Iterator[Piece]:
    """All pieces of *table* that may have effects."""
    yield whole_effects, None
    yield from _columns(table, client, live)
    for _, each in client.parts(table, *_KEYS):
        if (target := conflict_target(each)) is not None:
            yield target_effects, target
    yield from ((unique_effects, subject) for subject, _ in live.parts(table, *_KEYS))
    yield from ((check_effects, subject) for subject, _ in live.parts(table, *_CHECKS))
    yield from ((program_effects, subject) for subject, _ in live.parts(table, *_PROGRAMS))
    yield row_security_effects, None
    yield from ((include_effects, subject) for subject, _ in client.foreign_keys(table))
    yield from ((link_effects, subject) for subject, _ in live.foreign_keys(table))
    yield from ((delete_effects, subject) for subject, _ in live.referencing(table))


def concerned(
    subject: Subject, definition: Definition, client: Tables, live: Tables
) -> Iterator[tuple[Relation, Piece]]:
    """The pieces on which *subject*, which is or was *definition*, has a bearing."""
    if subject.kind in _TYPES:
        for columns in (client.of_type(subject), live.of_type(subject)):
            yield from ((each.relation, (column_effects, each.name[2])) for each in columns)
        return
    for table in own_tables(subject, definition):
        if isinstance(definition, Column):
            yield from _of_column(table, subject.name[2], client, live)
        elif isinstance(definition, ForeignKey):
            yield from _of_foreign_key(table, subject, definition, client, live)
        elif subject.kind in _TOPICS:
            topic, is_of_table = _TOPICS[subject.kind]
            yield table, (topic, None if is_of_table else subject)
        if (target := conflict_target(definition)) is not None:
            yield table, (target_effects, target)
        if may_fill(definition):
            yield from ((table, each) for each in _columns(table, client, live))


def concerned_by_name(table: Relation, client: Tables, live: Tables) -> Iterator[tuple[Relation, Piece]]:
    """Pieces of other tables on which it has a bearing whether there is a relation *table*."""
    for subject, key in client.referencing(table):
        yield subject.relation, (include_effects, subject)
        yield from _same_columns(subject.relation, key, live)


def _columns(table: Relation, client: Tables, live: Tables) -> Iterator[Piece]:
    names = dict.fromkeys((*client.columns(table), *live.columns(table)))
    return ((column_effects, name) for name in names)


def _of_column(table: Relation, name: str, client: Tables, live: Tables) -> Iterator[tuple[Relation, Piece]]:
    yield table, (column_effects, name)
    for each in client.saying(("is a target of", table, name)):
        yield table, (target_effects, conflict_target(client.find(each)))
    for sort in ("refers from", "refers to"):
        yield from ((each.relation, (include_effects, each)) for each in client.saying((sort, table, name)))
    for each in live.saying(("refers from", table, name)):
        if (key := live.foreign_key(each)) is not None and key.on_delete == "set null":
            yield link(key)[1], (delete_effects, each)


def _of_foreign_key(
    table: Relation, subject: Subject, key: ForeignKey, client: Tables, live: Tables
) -> Iterator[tuple[Relation, Piece]]:
    yield table, (link_effects, subject)
    yield link(key)[1], (delete_effects, subject)
    if any(live.kind(each) is None for each in client.targets(table, key.columns)):
        # One of them may follow a table to its new name.
        yield from _same_columns(table, key, live)


def _same_columns(table: Relation, key: ForeignKey, live: Tables) -> Iterator[tuple[Relation, Piece]]:
    return ((table, (link_effects, each)) for each in live.saying(("links from", table, key.columns)))


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
