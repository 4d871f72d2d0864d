"""What a client suffers from keys that it knows otherwise: unique ones and foreign ones."""

from collections.abc import Iterator

from ...model.clients import ClientEffect, Operation, Suffers
from ...model.schema import ForeignKey, Subject
from .tables import Relation, Tables, link, unique_columns
from .types import in_memory


def target_effects(table: Relation, target: frozenset[str], client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """A native upsert needs a unique index of just its columns."""
    if not client.says(("is a target", table, target)) or live.says(("is a target", table, target)):
        return
    if all(live.column(table, name) is not None for name in target):
        yield ClientEffect(table, (Operation.UPSERT_ON,), tuple(sorted(target)), Suffers.FAILS, "P2039", "42P10")


def unique_effects(table: Relation, subject: Subject, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """A new unique key refuses duplicates."""
    key = unique_columns(live.find(subject))
    if key is None or client.says(("is unique", table, key)):
        return
    if any(client.column(table, name) is not None for name in key):
        may = "where another row holds the same values"
        yield ClientEffect(table, (Operation.WRITE,), key, Suffers.FAILS, "P2002", "23505", certain=False, because=may)


def link_effects(table: Relation, subject: Subject, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """A new foreign key of *table* refuses what refers to nothing."""
    key = live.foreign_key(subject)
    if key is None or not key.enforced or _is_known(table, key, client, live):
        return
    if any(client.column(table, name) is not None for name in key.columns):
        may = f"where {_name(key.referenced_table.name[:2])} has no such row"
        yield ClientEffect(
            table, (Operation.WRITE,), key.columns, Suffers.FAILS, "P2003", "23503", certain=False, because=may
        )


def _is_known(table: Relation, key: ForeignKey, client: Tables, live: Tables) -> bool:
    """Say whether the client knows such a key. One that follows a table to its new name is the same."""
    if client.says(("links", table, link(key))):
        return True
    first = next(iter(live.saying(("links from", table, key.columns))), None)
    followed = live.foreign_key(first) if first is not None else None
    if followed is None or followed.referenced_table != key.referenced_table:
        return False
    return any(
        each.referenced_columns == key.referenced_columns and live.kind(link(each)[1]) is None
        for each in map(client.foreign_key, client.saying(("links from", table, key.columns)))
        if each is not None
    )


def include_effects(table: Relation, subject: Subject, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """The client puts records together by comparing their keys in memory."""
    each = client.foreign_key(subject)
    if each is None:
        return
    _, other, _ = link(each)
    for name, referenced in zip(each.columns, each.referenced_columns, strict=True):
        here, there = live.column(table, name), live.column(other, referenced)
        was, were = client.column(table, name), client.column(other, referenced)
        if was is None or were is None:
            continue
        if (here is None and live.has_columns(table)) or (there is None and live.has_columns(other)):
            yield ClientEffect(table, (Operation.INCLUDE,), each.columns, Suffers.FAILS, "P2022", "42703")
        elif here is not None and there is not None:
            differ = in_memory(here.type) != in_memory(there.type)
            if differ and in_memory(was.type) == in_memory(were.type):
                because = f"they turn empty: {here.type} is never equal to {there.type}"
                yield ClientEffect(table, (Operation.INCLUDE,), each.columns, Suffers.CHANGES, because=because)


def delete_effects(table: Relation, subject: Subject, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """A foreign key that refers to *table* has a say where rows of it are deleted."""
    each, relation = live.foreign_key(subject), (subject.name[0], subject.name[1])
    if each is None or not each.enforced or link(each)[1] != table:
        return
    code, sqlstate = "P2003", "23503"
    where = f"where rows of {_name(relation)} refer to them"
    is_new = not client.says(("deletes", table, (relation, link(each), each.on_delete)))
    if each.on_delete == "cascade":
        if is_new:
            because = f"rows of {_name(relation)} that refer to them are deleted, too"
            yield ClientEffect(table, (Operation.DELETE,), (), Suffers.CHANGES, certain=False, because=because)
        return
    if each.on_delete == "set null":
        columns = each.on_delete_columns or each.columns
        if not any(_is_newly_required(relation, name, client, live) for name in columns):
            return
        code, sqlstate = "P2011", "23502"
    elif not is_new or each.on_delete == "set default":
        return
    yield ClientEffect(table, (Operation.DELETE,), (), Suffers.FAILS, code, sqlstate, certain=False, because=where)


def _is_newly_required(relation: Relation, name: str, client: Tables, live: Tables) -> bool:
    now, before = live.column(relation, name), client.column(relation, name)
    return now is not None and not now.nullable and (before is None or before.nullable)


def _name(relation: tuple[str, ...]) -> str:
    return relation[1]
