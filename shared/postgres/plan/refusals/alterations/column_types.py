"""ALTER COLUMN … TYPE: the cast, the default that stays, and what is made again of the new type."""

from collections.abc import Iterator

from .....model.plan import Relation
from .....model.schema import Column, ForeignKey, Index, Kind
from ....parse import Tree
from ...assignment import is_assignable, is_comparable, is_enum_without_cast
from ...expressions import columns_in, expression_of
from ...footprint import Failure, Footprint
from ...kept_expressions import as_kept, meanings
from ...type_changes import blocked_by
from ..immutability import is_stable, named_type
from ..indexes import is_partitioned_by
from ..tables import is_inherited

# From this version on a column that a generated one is made of has another SQLSTATE.
_KEEPS_GENERATED = 15


def change_type(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    name = command["name"]
    before, after = footprint.before.column(table, name), footprint.column(table, name)
    if before is None or after is None:
        return
    if is_inherited(footprint, table, name):
        yield Failure("42P16", f"{name} is inherited: its type cannot be changed here")
    if is_partitioned_by(footprint, table, name):
        yield Failure("42P16", f"{name} is part of the partition key")
    using = command["def"]["ColumnDef"].get("raw_default")
    yield from _cast(footprint, table, using or {})
    if using is not None and before.generated is not None:
        yield Failure("42611", f"{name} is a generated column: USING cannot give its values")
    if using is None and is_assignable(before.type, after.type, footprint.definition) is False:
        yield Failure("42804", f"{name} cannot be cast automatically from {before.type} to {after.type}")
    for each in footprint.before.family(table):
        yield from _default_of(footprint, each, name)
    if (blocked := blocked_by(footprint.before, table, name)) is not None:
        sqlstate, because = blocked
        is_old = footprint.circumstances.version < _KEEPS_GENERATED and "generated column" in because
        yield Failure("42601" if is_old else sqlstate, because)
    for each in footprint.before.family(table):
        yield from _indexes_of_type(footprint, each, name, before)
    for each in footprint.before.family(table):
        yield from _keys_of_type(footprint, each, name, after)


def _indexes_of_type(footprint: Footprint, table: Relation, name: str, old: Column) -> Iterator[Failure]:
    """Indexes of the column are built again: of the new type their expressions may depend on settings."""
    for subject, part in footprint.before.parts(table, Kind.INDEX):
        if not isinstance(part, Index):
            continue
        for meaning in meanings(part):
            tree = expression_of(meaning)
            if tree is None or name not in columns_in(tree):
                continue
            if is_stable(footprint, table, as_kept(footprint, tree, name, old.type)):
                because = f"functions in an index must be immutable: {subject} is built again"
                yield Failure("42P17", because, behind={Kind.INDEX})


def _cast(footprint: Footprint, table: Relation, using: Tree) -> Iterator[Failure]:
    """USING that casts a column from or to an enum: the server cannot be asked while the enum is only pending."""
    cast = using.get("TypeCast", {})
    if "ColumnRef" not in cast.get("arg", {}):
        return
    name = next(iter(columns_in(cast["arg"])))
    column, target = footprint.before.column(table, name), named_type(footprint, cast["typeName"])
    if column is not None and target and is_enum_without_cast(column.type, target, footprint.definition):
        yield Failure("42846", f"{name} cannot be cast from {column.type} to {target}")


def _keys_of_type(footprint: Footprint, table: Relation, name: str, after: Column) -> Iterator[Failure]:
    """Foreign keys of the column, on either side, are made again; the table's own in turn with its checks."""
    for subject, key in footprint.before.parts(table, Kind.FOREIGN_KEY):
        if isinstance(key, ForeignKey) and name in key.columns and subject.name[2] not in footprint.dropped:
            other = key.referenced_table.name[0], key.referenced_table.name[1]
            theirs = footprint.column(other, key.referenced_columns[key.columns.index(name)])
            if theirs is not None and is_comparable(after.type, theirs.type, footprint.definition) is False:
                because = f"{subject} could not be implemented: {after.type} and {theirs.type}"
                yield Failure("42804", because, behind={Kind.INDEX})
    for subject, key in footprint.before.referencing(table):
        is_dropped = subject.name[:2] == table and subject.name[2] in footprint.dropped
        if name in key.referenced_columns and not is_dropped:
            own = footprint.column((subject.name[0], subject.name[1]), key.columns[key.referenced_columns.index(name)])
            if own is not None and is_comparable(own.type, after.type, footprint.definition) is False:
                because = f"{subject} could not be implemented: {own.type} and {after.type}"
                yield Failure("42804", because, behind={Kind.INDEX, Kind.CHECK})


def _default_of(footprint: Footprint, table: Relation, name: str) -> Iterator[Failure]:
    """A default that stays must be cast to the column's new type, from its own, where that is known."""
    before, after = footprint.before.column(table, name), footprint.column(table, name)
    if before is None or after is None or before.default_type is None or name in footprint.without_default:
        return
    if is_assignable(before.default_type, after.type, footprint.definition) is False:
        yield Failure("42804", f"the default of {name} cannot be cast automatically to {after.type}")
