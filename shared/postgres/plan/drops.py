"""What is dropped, and what the server locks for it: DROP, DROP COLUMN, DROP CONSTRAINT, DROP IDENTITY."""

from collections.abc import Iterator

from ...model.plan import LockMode, Relation
from ...model.schema import (
    INDEXED_CONSTRAINTS,
    RELATIONS,
    Column,
    Definition,
    ForeignKey,
    ForeignTable,
    Index,
    Kind,
    PrimaryKey,
    Statistics,
    Subject,
    Table,
)
from ..parse import Tree
from .footprint import Footprint
from .known import identity_sequence

_PARTS = {
    "OBJECT_TRIGGER": LockMode.ACCESS_EXCLUSIVE,
    "OBJECT_POLICY": LockMode.ACCESS_EXCLUSIVE,
    "OBJECT_RULE": LockMode.ACCESS_EXCLUSIVE,
}


def drop(footprint: Footprint, node: Tree) -> None:
    """DROP of anything. What goes along by CASCADE is in what the statement changes."""
    concurrent = bool(node.get("concurrent"))
    lock_dropped(footprint, LockMode.SHARE_UPDATE_EXCLUSIVE if concurrent else LockMode.ACCESS_EXCLUSIVE)
    for each in node["objects"]:
        words = [word["String"]["sval"] for word in each.get("List", {}).get("items", ()) if "String" in word]
        if node["removeType"] in _PARTS:
            footprint.lock(footprint.before.named(words[:-1]), _PARTS[node["removeType"]])
        elif words and (found := footprint.before.named(words)) is not None:
            footprint.lock(found, LockMode.SHARE_UPDATE_EXCLUSIVE if concurrent else LockMode.ACCESS_EXCLUSIVE)


def lock_dropped(footprint: Footprint, mode: LockMode = LockMode.ACCESS_EXCLUSIVE) -> None:
    """Lock all that the statement drops, and the tables that lose something by it."""
    for subject, (before, after) in footprint.changed.items():
        if before is not None and after is None:
            for relation in _locked_for(footprint, subject, before):
                footprint.lock(relation, mode)
            lost = _lost(footprint, subject, before)
            if lost is not None:
                footprint.loses(lost)
        elif isinstance(before, Column) and isinstance(after, Column) and before.default and not after.default:
            footprint.lock((subject.name[0], subject.name[1]), mode)  # its default goes along by CASCADE


def _locked_for(footprint: Footprint, subject: Subject, definition: Definition) -> Iterator[Relation]:
    name = subject.name[0], subject.name[-1]
    table = (subject.name[0], subject.name[1]) if len(subject.name) > 1 else name
    if subject.kind in (*RELATIONS, Kind.FOREIGN_TABLE, Kind.SEQUENCE):
        yield name
    if isinstance(definition, Table | ForeignTable):
        yield from _locked_with_table(footprint, name, definition)
    elif isinstance(definition, Index):
        yield name
        yield definition.table.name[0], definition.table.name[1]
        yield from _parts_of_index(footprint, subject, (definition.table.name[0], definition.table.name[1]))
    elif isinstance(definition, Statistics):
        yield definition.table.relation
    elif isinstance(definition, ForeignKey):
        yield from footprint.before.partitions(table)
        yield from footprint.before.partitions(definition.referenced_table.relation)
    elif subject.kind in INDEXED_CONSTRAINTS:
        yield table
        yield subject.name[0], definition.name if isinstance(definition, PrimaryKey) else subject.name[2]
        yield from _parts_of_index(footprint, subject, table)
    elif isinstance(definition, Column) and definition.identity is not None:
        yield identity_sequence(subject)
    if len(subject.name) > 2:
        yield table


def _locked_with_table(footprint: Footprint, name: Relation, table: Table | ForeignTable) -> Iterator[Relation]:
    yield from (index for index, _ in footprint.before.indexes(name))
    if table.partition_of is not None:
        yield table.partition_of.relation
        default = footprint.before.default_partition(table.partition_of.relation)
        if default is not None:
            yield default


def _parts_of_index(footprint: Footprint, subject: Subject, table: Relation) -> Iterator[Relation]:
    """The indexes of partitions that go with a partitioned table's."""
    for child in footprint.before.children(table):
        for below in footprint.before.family(child):
            found = [index for index, owner in footprint.before.indexes(below) if owner == subject]
            yield from (*found, *([below] if found else []))


def _lost(footprint: Footprint, subject: Subject, definition: Definition) -> str | None:
    if isinstance(definition, Table):
        is_empty = (subject.name[0], subject.name[1]) in footprint.circumstances.empty
        return None if is_empty else f"all rows of {subject.name[1]}"
    if isinstance(definition, Column):
        table = subject.name[0], subject.name[1]
        gone = footprint.changed.get(Subject(Kind.TABLE, table), (None, definition))[1] is None
        return None if gone or table in footprint.circumstances.empty else f"the values of {table[1]}.{subject.name[2]}"
    return None
