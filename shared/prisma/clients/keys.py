"""What a client suffers from keys that it knows otherwise: unique ones and foreign ones."""

from collections.abc import Iterator

from shared.model.clients import ClientEffect, Operation, Suffers
from shared.model.schema import ForeignKey, Index, PrimaryKey, Unique
from shared.prisma.clients.mentioned import mentioned_columns
from shared.prisma.clients.tables import Relation, Tables
from shared.prisma.clients.types import in_memory

_Columns = tuple[str, ...]
_Link = tuple[_Columns, Relation, _Columns]


def unique_effects(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """A native upsert needs a unique index of just its columns; a new one refuses duplicates."""
    now, columns = live.conflict_targets(table), live.columns(table)
    for target in sorted(map(sorted, client.conflict_targets(table) - now)):
        if all(name in columns for name in target):
            yield ClientEffect(table, (Operation.UPSERT_ON,), tuple(target), Suffers.FAILS, "P2039", "42P10")
    known = set(_unique(table, client))
    for key in _unique(table, live):
        if key not in known and not client.columns(table).keys().isdisjoint(key):
            may = "where another row holds the same values"
            yield ClientEffect(
                table, (Operation.WRITE,), key, Suffers.FAILS, "P2002", "23505", certain=False, because=may
            )


def _unique(table: Relation, tables: Tables) -> Iterator[_Columns]:
    for _, each in tables.parts(table):
        if isinstance(each, PrimaryKey | Unique):
            yield tuple(sorted(each.columns))
        elif isinstance(each, Index) and each.unique:
            expressions = [key.expression for key in each.keys if key.expression is not None]
            named = [key.column for key in each.keys if key.column is not None]
            yield tuple(sorted({*named, *(name for found in expressions for name in mentioned_columns(found))}))


def foreign_key_effects(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """Those of *table*, and those that refer to it."""
    yield from _includes(table, client, live)
    links = {_link(each) for each in client.foreign_keys(table)}
    # One that follows a table to its new name is the same.
    links |= {(link[0], _followed(link, table, live), link[2]) for link in links}
    columns = client.columns(table).keys()
    for each in live.foreign_keys(table):
        if each.enforced and _link(each) not in links and not columns.isdisjoint(each.columns):
            may = f"where {_name(each.referenced_table.name[:2])} has no such row"
            yield ClientEffect(
                table, (Operation.WRITE,), each.columns, Suffers.FAILS, "P2003", "23503", certain=False, because=may
            )
    yield from _deletes(table, client, live)


def _includes(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """The client puts records together by comparing their keys in memory."""
    for each in client.foreign_keys(table):
        other = (each.referenced_table.name[0], each.referenced_table.name[1])
        for name, referenced in zip(each.columns, each.referenced_columns, strict=True):
            here, there = live.column(table, name), live.column(other, referenced)
            was, were = client.column(table, name), client.column(other, referenced)
            if was is None or were is None:
                continue
            if (here is None and live.columns(table)) or (there is None and live.columns(other)):
                yield ClientEffect(table, (Operation.INCLUDE,), each.columns, Suffers.FAILS, "P2022", "42703")
            elif here is not None and there is not None:
                differ = in_memory(here.type) != in_memory(there.type)
                if differ and in_memory(was.type) == in_memory(were.type):
                    because = f"they turn empty: {here.type} is never equal to {there.type}"
                    yield ClientEffect(table, (Operation.INCLUDE,), each.columns, Suffers.CHANGES, because=because)


def _deletes(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    known = {(relation, _link(each), each.on_delete) for relation, each in client.referencing(table)}
    for relation, each in live.referencing(table):
        if not each.enforced:
            continue
        code, sqlstate = "P2003", "23503"
        where = f"where rows of {_name(relation)} refer to them"
        is_new = (relation, _link(each), each.on_delete) not in known
        if each.on_delete == "cascade":
            if is_new:
                because = f"rows of {_name(relation)} that refer to them are deleted, too"
                yield ClientEffect(table, (Operation.DELETE,), (), Suffers.CHANGES, certain=False, because=because)
            continue
        if each.on_delete == "set null":
            columns = each.on_delete_columns or each.columns
            if not any(_is_newly_required(relation, name, client, live) for name in columns):
                continue
            code, sqlstate = "P2011", "23502"
        elif not is_new or each.on_delete == "set default":
            continue
        yield ClientEffect(table, (Operation.DELETE,), (), Suffers.FAILS, code, sqlstate, certain=False, because=where)


def _is_newly_required(relation: Relation, name: str, client: Tables, live: Tables) -> bool:
    now, before = live.column(relation, name), client.column(relation, name)
    return now is not None and not now.nullable and (before is None or before.nullable)


def _followed(link: _Link, table: Relation, live: Tables) -> Relation:
    """What the columns of *link* refer to where the table of the client's name is gone."""
    if live.kind(link[1]) is not None:
        return link[1]
    return next((_link(each)[1] for each in live.foreign_keys(table) if each.columns == link[0]), link[1])


def _link(key: ForeignKey) -> _Link:
    referenced = (key.referenced_table.name[0], key.referenced_table.name[1])
    return key.columns, referenced, key.referenced_columns


def _name(relation: tuple[str, ...]) -> str:
    return relation[1]
