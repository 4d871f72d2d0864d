"""ALTER TABLE: columns that are added, dropped, or get another default, identity or expression."""

from collections.abc import Iterator

from .....model.plan import Relation
from ....parse import Tree
from ...expressions import columns_in
from ...footprint import Failure, Footprint
from .. import not_null
from ..immutability import is_stable
from ..indexes import is_partitioned_by, of_partitioned
from ..keys import foreign_key, second_key
from ..tables import SYSTEM_COLUMNS, expressions, is_inherited, is_partition

_INDEXED = {"CONSTR_PRIMARY", "CONSTR_UNIQUE"}


def add_column(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    definition = command["def"]["ColumnDef"]
    name = definition["colname"]
    if command.get("missing_ok") and footprint.before.column(table, name) is not None:
        return
    yield from _of_partition(footprint, table)
    if name in SYSTEM_COLUMNS:
        yield Failure("42701", f"column name {name} is the system's own")
    for each in definition.get("constraints", ()):
        constraint = each["Constraint"]
        yield from expressions(constraint)
        if constraint["contype"] == "CONSTR_GENERATED":
            if is_stable(footprint, table, constraint["raw_expr"]):
                yield Failure("42P17", "a generation expression must be immutable")
            yield from _of_generated(footprint, table, constraint["raw_expr"])
        if constraint["contype"] == "CONSTR_PRIMARY":
            yield from second_key(footprint, table)
        if constraint["contype"] in _INDEXED:
            yield from of_partitioned(footprint, table, [name])
        if constraint["contype"] == "CONSTR_FOREIGN":
            yield from foreign_key(footprint, table, constraint, [name])


def before_new_columns(footprint: Footprint, table: Relation, node: Tree) -> Iterator[Failure]:
    """What the server says before it looks whether a new column is there already."""
    for each in node["cmds"]:
        if each["AlterTableCmd"]["subtype"] == "AT_DropColumn":
            yield from drop_column(footprint, table, each["AlterTableCmd"])
    yield from _of_partition(footprint, table)


def _of_partition(footprint: Footprint, table: Relation) -> Iterator[Failure]:
    if is_partition(footprint, table):
        yield Failure("42809", f"{table[1]} is a partition: it gets columns from its parent")


def _of_generated(footprint: Footprint, table: Relation, expression: Tree) -> Iterator[Failure]:
    for name in columns_in(expression):
        column = footprint.before.column(table, name)
        if column is not None and column.generated is not None:
            yield Failure("42P17", f"{name} is generated itself: no other column can be generated from it")


def drop_column(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    name = command["name"]
    if is_inherited(footprint, table, name):
        yield Failure("42P16", f"{name} is inherited: it cannot be dropped here")
    if is_partitioned_by(footprint, table, name):
        yield Failure("42P16", f"{name} is part of the partition key")


def drop_not_null(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    yield from not_null.drop(footprint, table, command["name"])


def drop_expression(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    column = footprint.before.column(table, command["name"])
    if column is not None and column.generated is None and not command.get("missing_ok"):
        yield Failure("55000", f"{command['name']} is not a generated column")


def set_default(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    column = footprint.before.column(table, command["name"])
    if column is not None and (column.generated is not None or column.identity is not None):
        yield Failure("42601", f"{command['name']} is generated: it has no default")


def add_identity(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    column = footprint.before.column(table, command["name"])
    if column is None:
        return
    if column.nullable and "AT_SetNotNull" not in footprint.subtypes:
        yield Failure("55000", f"{command['name']} must be NOT NULL before identity is added")
    elif column.identity is not None:
        yield Failure("55000", f"{command['name']} is an identity column already")
    elif column.keeps_default and "AT_ColumnDefault" not in footprint.subtypes:
        yield Failure("55000", f"{command['name']} has a default already")


def drop_identity(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    column = footprint.before.column(table, command["name"])
    if column is not None and column.identity is None and not command.get("missing_ok"):
        yield Failure("55000", f"{command['name']} is not an identity column")
