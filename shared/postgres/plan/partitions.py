"""Partitions that are made, attached and detached."""

from collections.abc import Iterator

from shared.model.plan import LockMode, Relation
from shared.model.schema import ForeignKey
from shared.postgres.parse import Tree
from shared.postgres.plan.footprint import Footprint

# From this version on DETACH PARTITION takes ACCESS EXCLUSIVE on the partition, too (and knows CONCURRENTLY).
_DETACH_LOCKS_ALL = 14


def add_partition(footprint: Footprint, parent: Relation, mode: LockMode) -> None:
    """A new partition of *parent*: the default partition is searched for rows that belong there."""
    footprint.lock(parent, mode)
    for index, _ in footprint.before.indexes(parent):
        footprint.lock(index, LockMode.SHARE_UPDATE_EXCLUSIVE)
    for end in _other_ends(footprint, parent):
        footprint.lock_all(footprint.before.family(end), LockMode.SHARE_ROW_EXCLUSIVE)
    default = footprint.before.default_partition(parent)
    if default is not None:
        for each in footprint.before.family(default):
            footprint.lock(each, LockMode.ACCESS_EXCLUSIVE)
            footprint.scan(each)
        footprint.depends("23514", f"it fails where {default[1]} holds rows of the new partition", default)


def _other_ends(footprint: Footprint, table: Relation) -> Iterator[Relation]:
    """The tables at the other end of the foreign keys of *table*, which its partitions have too."""
    for _, definition in footprint.before.parts(table):
        if isinstance(definition, ForeignKey):
            yield definition.referenced_table.name[0], definition.referenced_table.name[1]
    for subject, _ in footprint.before.referencing(table):
        yield subject.name[0], subject.name[1]


def attach(footprint: Footprint, table: Relation, command: Tree) -> None:
    add_partition(footprint, table, LockMode.SHARE_UPDATE_EXCLUSIVE)
    added = footprint.before.find(command["name"])
    if added is not None:
        for each in footprint.before.family(added):
            footprint.lock(each, LockMode.ACCESS_EXCLUSIVE)
            footprint.scan(each)
        footprint.depends("23514", f"it fails where rows of {added[1]} are outside of its bounds", added)


def detach(footprint: Footprint, table: Relation, command: Tree) -> None:
    gone = footprint.before.find(command["name"])
    default = footprint.before.default_partition(table)
    if default is not None and default != gone:
        footprint.lock(default, LockMode.ACCESS_EXCLUSIVE)
    for end in _other_ends(footprint, table):
        footprint.lock(end, LockMode.SHARE_ROW_EXCLUSIVE)
    if gone is None:
        return
    is_weak = footprint.circumstances.version < _DETACH_LOCKS_ALL
    footprint.lock(gone, LockMode.SHARE_UPDATE_EXCLUSIVE if is_weak else LockMode.ACCESS_EXCLUSIVE)
    for index, subject in footprint.before.indexes(gone):
        # Those that are parts of the parent's indexes become indexes of their own.
        if subject.name[:2] != gone:
            footprint.lock(index, LockMode.ACCESS_EXCLUSIVE)
