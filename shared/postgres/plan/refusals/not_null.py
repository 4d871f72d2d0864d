"""NOT NULL by its name: since PostgreSQL 18 it is a constraint that can be dropped, renamed and validated."""

from collections.abc import Iterator

from ....model.plan import Relation
from ....model.schema import Kind, PrimaryKey, Subject, Table
from ..footprint import Circumstances, Failure, Footprint
from .tables import parents

# From this version on NOT NULL is a constraint with a name.
_NAMED = 18


def has_names(circumstances: Circumstances) -> bool:
    return circumstances.version >= _NAMED


def required_as(footprint: Footprint, table: Relation, constraint: str) -> str | None:
    """The column whose NOT NULL the server knows by this name."""
    return footprint.before.required_column(table, constraint) if has_names(footprint.circumstances) else None


def may_be_not_null(circumstances: Circumstances, constraint: str) -> bool:
    """Say whether it may be one where no server says its names: an upgrade gives those that a new table would get."""
    return has_names(circumstances) and not circumstances.is_live and constraint.endswith("_not_null")


def drop(footprint: Footprint, table: Relation, name: str, *, of_identity: str = "42601") -> Iterator[Failure]:
    """DROP NOT NULL of a column. One with an identity ends with *of_identity*."""
    column = footprint.before.column(table, name)
    if column is None or column.nullable:
        return
    if column.identity is not None:
        yield Failure(of_identity, f"{name} is an identity column")
    key = footprint.before.objects.get(Subject(Kind.PRIMARY_KEY, table))
    if isinstance(key, PrimaryKey) and name in key.columns and key.name not in footprint.dropped:
        yield Failure("42P16", f"{name} is in the primary key")
    if _requires_below(footprint, table) and (above := inherited_from(footprint, table, name)) is not None:
        yield Failure("42P16", f"{name} of {above[1]} is NOT NULL, from which {table[1]} has it")


def inherited_from(footprint: Footprint, table: Relation, name: str) -> Relation | None:
    """The table above whose column is NOT NULL, too."""
    required = ((each, footprint.before.column(each, name)) for each in parents(footprint, table))
    return next((each for each, column in required if column is not None and not column.nullable), None)


def _requires_below(footprint: Footprint, table: Relation) -> bool:
    """Servers that do not name it look only to it that partitions keep it."""
    definition = footprint.before.objects.get(Subject(Kind.TABLE, table))
    is_partition = isinstance(definition, Table) and definition.partition_of is not None
    return is_partition or has_names(footprint.circumstances)
