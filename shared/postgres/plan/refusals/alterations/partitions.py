"""ALTER TABLE: partitions that are attached and detached, and tables that inherit."""

from collections.abc import Iterator

from .....model.plan import Relation
from .....model.schema import Kind
from ....parse import Tree
from ...footprint import Failure, Footprint

# From this version on ATTACH and DETACH look at the kind of the table first.
_KNOWS_PARTITIONED = 18


def attach(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    part = command["def"]["PartitionCmd"]
    if (refused := not_partitioned(footprint, table)) is not None:
        yield refused
        return
    added = footprint.before.find(part["name"])
    if part.get("bound", {}).get("is_default") and (default := footprint.before.default_partition(table)) is not None:
        yield Failure("42P17", f"{default[1]} is the default partition already")
    if added is None or footprint.before.kind(added) is not Kind.TABLE:
        return
    yield from _columns_of_child(footprint, table, added, is_partition=True)


def not_partitioned(footprint: Footprint, table: Relation) -> Failure | None:
    """Only a partitioned table has partitions to attach and to detach."""
    if footprint.before.is_partitioned(table):
        return None
    is_old = footprint.circumstances.version < _KNOWS_PARTITIONED
    return Failure("42P17" if is_old else "42809", f"{table[1]} is not partitioned")


def _columns_of_child(
    footprint: Footprint, parent: Relation, child: Relation, *, is_partition: bool
) -> Iterator[Failure]:
    theirs = dict(footprint.before.columns(parent))
    ours = dict(footprint.before.columns(child))
    if is_partition:
        for name in ours.keys() - theirs.keys():
            yield Failure("42804", f"{child[1]} has a column {name} that {parent[1]} lacks")
    for name, column in theirs.items():
        if name not in ours:
            yield Failure("42804", f"{child[1]} lacks the column {name} of {parent[1]}")
        elif ours[name].type != column.type:
            yield Failure("42804", f"{name} of {child[1]} is {ours[name].type}, and {column.type} in {parent[1]}")
        elif not column.nullable and ours[name].nullable:
            yield Failure("42804", f"{name} of {child[1]} must be NOT NULL")


def inherit(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    parent = footprint.before.find(command["def"]["RangeVar"])
    if parent is not None:
        yield from _columns_of_child(footprint, parent, table, is_partition=False)


def detach(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    part = command["def"]["PartitionCmd"]
    if (refused := not_partitioned(footprint, table)) is not None:
        yield refused
        return
    gone = footprint.before.find(part["name"])
    if gone is not None and gone not in footprint.before.children(table):
        yield Failure("42P01", f"{gone[1]} is not a partition of {table[1]}")
    elif part.get("concurrent") and footprint.before.default_partition(table) is not None:
        yield Failure("55000", f"{table[1]} has a default partition: no other can be detached CONCURRENTLY")
