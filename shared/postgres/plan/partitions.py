"""Partitions that are made, attached and detached."""
# SQL is what this module writes; names are quoted, all else is written from trees

from collections.abc import Iterator

from ...model.plan import Access, Condition, LockMode, Probe, Relation
from ...model.schema import ForeignKey, Trigger
from ..offending_rows import OffendingRows
from ..parse import Tree
from .bounds import holds, key_column, wrong
from .footprint import Footprint, Stage
from .own_types import insist_on_own_types
from .probed_rows import Rows
from .probing import condition
from .writing import UnwrittenError, Writer, quoted

# From this version on DETACH PARTITION takes ACCESS EXCLUSIVE on the partition, too (and knows CONCURRENTLY).
_DETACH_LOCKS_ALL = 14
# From this version on (minor releases of November 2024) each partition gets the triggers of foreign keys by itself.
_KEYS_ONE_BY_ONE = 15


def add_partition(footprint: Footprint, parent: Relation, mode: LockMode, bound: Tree) -> None:
    """A new partition of *parent*: the default partition is searched for rows that belong there."""
    footprint.lock(parent, mode)
    for index, _ in footprint.before.indexes(parent):
        footprint.lock(index, LockMode.SHARE_UPDATE_EXCLUSIVE)
    for end in _referenced(footprint, parent):
        footprint.lock_all(footprint.before.family(end), LockMode.SHARE_ROW_EXCLUSIVE)
    if footprint.circumstances.version >= _KEYS_ONE_BY_ONE:
        footprint.lock_all(_referring(footprint, parent), LockMode.SHARE_ROW_EXCLUSIVE)
    default = footprint.before.default_partition(parent)
    if default is not None:
        for each in footprint.before.family(default):
            footprint.lock(each, LockMode.ACCESS_EXCLUSIVE)
            footprint.scan(each)
        because = f"it fails where {default[1]} holds rows of the new partition"
        _search(footprint, parent, default, bound, because, outside=False)
    _bounds(footprint, parent, bound)


def _bounds(footprint: Footprint, parent: Relation, bound: Tree) -> None:
    """Bounds are compared with those of the other partitions: by the server, as constants."""
    because = f"it fails where the bounds are empty, or overlap those of another partition of {parent[1]}"
    try:
        sql = wrong(footprint.before, parent, bound)
    except (UnwrittenError, LookupError):
        footprint.depends("42P17", because)
        return
    if sql is not None:
        footprint.condition(Condition("42P17", because, Probe(f"SELECT WHERE {sql}", (), Access.INDEX)), Stage.FIRST)


def _search(  # one call for each end
    footprint: Footprint, parent: Relation, table: Relation, bound: Tree, because: str, *, outside: bool
) -> None:
    """Rows of *table* that belong within *bound*, or that do not."""
    rows = Rows(footprint, table)
    try:
        name, inside = key_column(footprint.before, parent), holds(footprint.before, parent, bound)
    except (UnwrittenError, LookupError):
        footprint.depends("23514", because, table)
        return
    where = f"({inside}) IS NOT TRUE" if outside else inside

    def write(_: Writer) -> OffendingRows:
        insist_on_own_types(footprint, table, [name])
        return OffendingRows(rows.of_family([name]), where, (quoted(name),))

    footprint.condition(condition(rows, "23514", because, [name], write), Stage.CHECK, *footprint.before.family(table))


def _referenced(footprint: Footprint, table: Relation) -> Iterator[Relation]:
    """The tables to which the foreign keys of *table* refer; those of its partitions do, too."""
    for _, definition in footprint.before.parts(table):
        if isinstance(definition, ForeignKey):
            yield definition.referenced_table.name[0], definition.referenced_table.name[1]


def _referring(footprint: Footprint, table: Relation) -> Iterator[Relation]:
    for subject, _ in footprint.before.referencing(table):
        yield subject.name[0], subject.name[1]


def attach(footprint: Footprint, table: Relation, command: Tree) -> None:
    add_partition(footprint, table, LockMode.SHARE_UPDATE_EXCLUSIVE, command["bound"])
    added = footprint.before.find(command["name"])
    if added is not None:
        for each in footprint.before.family(added):
            footprint.lock(each, LockMode.ACCESS_EXCLUSIVE)
            footprint.scan(each)
        because = f"it fails where rows of {added[1]} are outside of its bounds"
        _search(footprint, table, added, command["bound"], because, outside=True)


def detach(footprint: Footprint, table: Relation, command: Tree) -> None:
    before, version = footprint.before, footprint.circumstances.version
    gone = before.find(command["name"])
    default = before.default_partition(table)
    if default is not None and default != gone:
        footprint.lock(default, LockMode.ACCESS_EXCLUSIVE)
    for end in _referenced(footprint, table):
        # The triggers on them that are the partition's own.
        if version >= _KEYS_ONE_BY_ONE:
            footprint.lock_all(before.family(end), LockMode.SHARE_ROW_EXCLUSIVE)
        elif before.has_storage(end):
            footprint.lock(end, LockMode.SHARE_ROW_EXCLUSIVE)
    for each in _referring(footprint, table):
        # Their rows are searched for one that refers to the partition.
        footprint.lock(each, LockMode.ACCESS_EXCLUSIVE)
        footprint.scan(*before.family(each))
    if gone is None:
        return
    is_weak = version < _DETACH_LOCKS_ALL and not _drops_triggers(footprint, table, gone)
    footprint.lock(gone, LockMode.SHARE_UPDATE_EXCLUSIVE if is_weak else LockMode.ACCESS_EXCLUSIVE)
    for child in before.children(gone):
        footprint.lock_all(before.family(child), LockMode.ACCESS_EXCLUSIVE)
    for index, subject in before.indexes(gone):
        # Those that are parts of the parent's indexes become indexes of their own.
        if subject.name[:2] != gone:
            footprint.lock(index, LockMode.ACCESS_EXCLUSIVE)


def _drops_triggers(footprint: Footprint, table: Relation, part: Relation) -> bool:
    """Whether *part* has triggers that it has as a partition of *table*: dropping one takes ACCESS EXCLUSIVE."""
    before = footprint.before
    if any(isinstance(each, Trigger) and each.for_each == "row" for _, each in before.parts(table)):
        return True
    if before.has_storage(part) and any(_referring(footprint, table)):
        return True
    return any(not before.has_storage(end) for end in _referenced(footprint, table))
