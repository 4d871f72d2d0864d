"""ALTER TABLE: what the catalog does not let its commands do, pass by pass as the server runs them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ....model.plan import Relation
from ....model.schema import Column, ForeignKey, Index, Kind, PrimaryKey, Subject, Table
from ...parse import Tree
from ..assignment import is_assignable, is_comparable, is_enum_without_cast
from ..expressions import columns_in, expression_of
from ..footprint import Failure, Footprint
from ..kept_expressions import as_kept, meanings
from ..type_changes import blocked_by
from . import not_null
from .immutability import is_stable, named_type
from .indexes import is_partitioned, is_partitioned_by, of_partitioned
from .keys import foreign_key, repeated, twice
from .tables import SYSTEM_COLUMNS, expressions, is_inherited

_DROPS = ("AT_DropColumn", "AT_DropConstraint", "AT_DropNotNull", "AT_DropExpression", "AT_DropIdentity")
_PASSES = {**dict.fromkeys(_DROPS, 0), "AT_AlterColumnType": 1, "AT_AddColumn": 2, "AT_SetNotNull": 3}
_OF_TABLES = frozenset(
    {"AT_AddColumn", "AT_DropColumn", "AT_AlterColumnType", "AT_SetNotNull", "AT_DropNotNull", "AT_AddConstraint"}
)
_OF_VIEWS = frozenset({"AT_ColumnDefault"})
_INDEXED = {"CONSTR_PRIMARY", "CONSTR_UNIQUE"}
# From this version on a column that a generated one is made of has another SQLSTATE.
_KEEPS_GENERATED = 15
_LAST_PASS = 4
_EXCLUDES_IN_PARTITIONS = 17
# From this version on ATTACH and DETACH look at the kind of the table first.
_KNOWS_PARTITIONED = 18
_FILLFACTOR = (10, 100)


def alter_table(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    table = footprint.before.find(node["relation"])
    kind = footprint.before.kind(table)
    if table is None:
        return
    commands = [each["AlterTableCmd"] for each in node["cmds"]]
    for command in sorted(commands, key=lambda each: _PASSES.get(each["subtype"], _LAST_PASS)):
        if kind in (Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.SEQUENCE) and command["subtype"] in _OF_TABLES:
            yield Failure("42809", f"{table[1]} is a {kind}: the statement is for tables")
            return
        reader = _READERS.get(command["subtype"])
        if reader is not None and kind is Kind.TABLE:
            yield from reader(footprint, table, command)


def _add_column(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
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
            yield from _second_key(footprint, table)
        if constraint["contype"] in _INDEXED:
            yield from of_partitioned(footprint, table, [name])
        if constraint["contype"] == "CONSTR_FOREIGN":
            yield from foreign_key(footprint, table, constraint, [name])


def before_new_columns(footprint: Footprint, table: Relation, node: Tree) -> Iterator[Failure]:
    """What the server says before it looks whether a new column is there already."""
    for each in node["cmds"]:
        if each["AlterTableCmd"]["subtype"] == "AT_DropColumn":
            yield from _drop_column(footprint, table, each["AlterTableCmd"])
    yield from _of_partition(footprint, table)


def _is_partition(footprint: Footprint, table: Relation) -> bool:
    definition = footprint.before.objects.get(Subject(Kind.TABLE, table))
    return isinstance(definition, Table) and definition.partition_of is not None


def _of_partition(footprint: Footprint, table: Relation) -> Iterator[Failure]:
    if _is_partition(footprint, table):
        yield Failure("42809", f"{table[1]} is a partition: it gets columns from its parent")


def _of_generated(footprint: Footprint, table: Relation, expression: Tree) -> Iterator[Failure]:
    for name in columns_in(expression):
        column = footprint.before.column(table, name)
        if column is not None and column.generated is not None:
            yield Failure("42P17", f"{name} is generated itself: no other column can be generated from it")


def _second_key(footprint: Footprint, table: Relation) -> Iterator[Failure]:
    """A table has one primary key; it may be dropped by the same statement."""
    before = footprint.before.objects.get(Subject(Kind.PRIMARY_KEY, table))
    if isinstance(before, PrimaryKey) and before.name not in footprint.dropped:
        yield Failure("42P16", f"{table[1]} has a primary key already")


def _drop_column(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    name = command["name"]
    if is_inherited(footprint, table, name):
        yield Failure("42P16", f"{name} is inherited: it cannot be dropped here")
    if is_partitioned_by(footprint, table, name):
        yield Failure("42P16", f"{name} is part of the partition key")


def _drop_not_null(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    yield from not_null.drop(footprint, table, command["name"])


def _drop_expression(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    column = footprint.before.column(table, command["name"])
    if column is not None and column.generated is None and not command.get("missing_ok"):
        yield Failure("55000", f"{command['name']} is not a generated column")


def _set_default(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    column = footprint.before.column(table, command["name"])
    if column is not None and (column.generated is not None or column.identity is not None):
        yield Failure("42601", f"{command['name']} is generated: it has no default")


def _add_identity(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    column = footprint.before.column(table, command["name"])
    if column is None:
        return
    if column.nullable and "AT_SetNotNull" not in footprint.subtypes:
        yield Failure("55000", f"{command['name']} must be NOT NULL before identity is added")
    elif column.identity is not None:
        yield Failure("55000", f"{command['name']} is an identity column already")
    elif column.keeps_default and "AT_ColumnDefault" not in footprint.subtypes:
        yield Failure("55000", f"{command['name']} has a default already")


def _drop_identity(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    column = footprint.before.column(table, command["name"])
    if column is not None and column.identity is None and not command.get("missing_ok"):
        yield Failure("55000", f"{command['name']} is not an identity column")


def _change_type(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
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


def _add_constraint(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    constraint = command["def"]["Constraint"]
    kind = constraint["contype"]
    if "conname" in constraint:
        yield from _taken(footprint, table, constraint["conname"], kind)
    if "indexname" in constraint:
        yield from _using_index(footprint, table, constraint)
    yield from twice(constraint)
    if kind == "CONSTR_PRIMARY":
        yield from _second_key(footprint, table)
    yield from expressions(constraint)
    if "indexname" in constraint:
        return
    if kind == "CONSTR_EXCLUSION":
        yield from _exclusion(footprint, table)
    elif kind in _INDEXED:
        columns = [each["String"]["sval"] for each in constraint.get("keys", ())]
        for name in columns:
            if footprint.column(table, name) is None and table not in footprint.circumstances.vague:
                yield Failure("42703", f'column "{name}" named in the key does not exist')
        yield from of_partitioned(footprint, table, [*columns])
    elif kind == "CONSTR_FOREIGN":
        columns = [each["String"]["sval"] for each in constraint.get("fk_attrs", ())]
        yield from foreign_key(footprint, table, constraint, columns)


def _exclusion(footprint: Footprint, table: Relation) -> Iterator[Failure]:
    if is_partitioned(footprint, table) and footprint.circumstances.version < _EXCLUDES_IN_PARTITIONS:
        yield Failure("0A000", "exclusion constraints are not supported on partitioned tables")


def _taken(footprint: Footprint, table: Relation, name: str, kind: str) -> Iterator[Failure]:
    if name in footprint.dropped:
        return
    taken = footprint.before.constraint(table, name)
    # The replay refuses a check of that name that says something else; one that says the same joins the parent's.
    joins = kind == "CONSTR_CHECK" and footprint.before.inherited_constraint(table, name) is not None
    if taken is None and not_null.required_as(footprint, table, name) is not None:
        yield Failure("42710", f"constraint {name} of {table[1]} exists already: it is a NOT NULL")
    if taken is not None and not joins:
        is_relation = taken.kind not in (Kind.CHECK, Kind.FOREIGN_KEY) and kind in {*_INDEXED, "CONSTR_EXCLUSION"}
        yield Failure("42P07" if is_relation else "42710", f"constraint {name} of {table[1]} exists already")


def _using_index(footprint: Footprint, table: Relation, constraint: Tree) -> Iterator[Failure]:
    name = constraint["indexname"]
    found = footprint.before.objects.get(Subject(Kind.INDEX, (table[0], name)))
    if not isinstance(found, Index):
        return
    if found.table.name != table:
        yield Failure("55000", f"{name} is no index of {table[1]}")
    elif not found.valid:
        yield Failure("55000", f"{name} is not valid")
    elif not found.unique:
        yield Failure("42809", f"{name} is not a unique index")
    elif found.predicate is not None:
        yield Failure("42809", f"{name} is a partial index")
    elif any(key.expression is not None for key in found.keys):
        yield Failure("42809", f"{name} contains expressions")
    elif (name := repeated(key.column for key in found.keys)) is not None:
        yield Failure("42701", f"column {name} appears twice in the constraint")
    elif found.method != "btree" or any(key.descending for key in found.keys):
        yield Failure("42809", f"{name} has no default sorting behaviour")


def _validate(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    name = command["name"]
    found = footprint.before.constraint(table, name)
    if table in footprint.circumstances.vague or (found is not None and found.kind in (Kind.CHECK, Kind.FOREIGN_KEY)):
        return
    if found is not None:
        yield Failure("42809", f"{name} is no foreign key or check")
    elif not_null.required_as(footprint, table, name) is None:
        # A table that was attached keeps its names of what agrees with its parent's.
        is_known = not _is_partition(footprint, table) or footprint.before.required_column(table, name) is not None
        yield _no_constraint(footprint, table, name, certain=is_known)


def _drop_constraint(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    name = command["name"]
    if (found := footprint.before.inherited_constraint(table, name)) is not None:
        certain = table not in footprint.circumstances.vague
        yield Failure("42P16", f"{name} is inherited from {found.name[1]}: it cannot be dropped here", certain)
    elif footprint.before.constraint(table, name) is None and table not in footprint.circumstances.vague:
        column = not_null.required_as(footprint, table, name)
        if column is not None:
            yield from not_null.drop(footprint, table, column, of_identity="55000")
        elif not command.get("missing_ok"):
            yield _no_constraint(footprint, table, name)


def _no_constraint(footprint: Footprint, table: Relation, name: str, *, certain: bool = True) -> Failure:
    certain = certain and not not_null.may_be_not_null(footprint.circumstances, name)
    return Failure("42704", f"constraint {name} of {table[1]} does not exist", certain)


def _cluster_on(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    if not _is_index(footprint, table, command["name"]):
        yield Failure("42704", f"index {command['name']} of {table[1]} does not exist")


def _is_index(footprint: Footprint, table: Relation, name: str) -> bool:
    return (
        any(index[1] == name for index, _ in footprint.before.indexes(table)) or table in footprint.circumstances.vague
    )


def _replica_identity(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    name = command["def"]["ReplicaIdentityStmt"].get("name")
    if name is None:
        return
    found = footprint.before.objects.get(Subject(Kind.INDEX, (table[0], name)))
    if not _is_index(footprint, table, name):
        yield Failure("42704", f"index {name} of {table[1]} does not exist")
    elif isinstance(found, Index):
        columns = [footprint.column(table, key.column) if key.column is not None else None for key in found.keys]
        if not found.unique or found.predicate is not None or any(each is None or each.nullable for each in columns):
            yield Failure(
                "42809", f"{name} cannot be the replica identity: it must be unique, whole, of NOT NULL columns"
            )


def _trigger(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    if table in footprint.circumstances.vague:
        return
    if Subject(Kind.TRIGGER, (*table, command["name"])) not in footprint.before.objects:
        yield Failure("42704", f"trigger {command['name']} of {table[1]} does not exist")


def _options(_: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    for each in command["def"]["List"]["items"]:
        element = each["DefElem"]
        value = (
            element.get("arg", {}).get("Integer", {}).get("ival", 0) if "Integer" in element.get("arg", {}) else None
        )
        low, high = _FILLFACTOR
        if element["defname"] == "fillfactor" and value is not None and not low <= value <= high:
            yield Failure("22023", f"the fillfactor of {table[1]} must be between {low} and {high}")


def _attach(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
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
    if is_partitioned(footprint, table):
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


def _inherit(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    parent = footprint.before.find(command["def"]["RangeVar"])
    if parent is not None:
        yield from _columns_of_child(footprint, parent, table, is_partition=False)


def _detach(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    part = command["def"]["PartitionCmd"]
    if (refused := not_partitioned(footprint, table)) is not None:
        yield refused
        return
    gone = footprint.before.find(part["name"])
    if gone is not None and gone not in footprint.before.children(table):
        yield Failure("42P01", f"{gone[1]} is not a partition of {table[1]}")
    elif part.get("concurrent") and footprint.before.default_partition(table) is not None:
        yield Failure("55000", f"{table[1]} has a default partition: no other can be detached CONCURRENTLY")


_READERS: Mapping[str, Callable[[Footprint, Relation, Any], Iterator[Failure]]] = {
    "AT_AddColumn": _add_column,
    "AT_AddConstraint": _add_constraint,
    "AT_AddIdentity": _add_identity,
    "AT_AddInherit": _inherit,
    "AT_AlterColumnType": _change_type,
    "AT_AttachPartition": _attach,
    "AT_ClusterOn": _cluster_on,
    "AT_ColumnDefault": _set_default,
    "AT_DetachPartition": _detach,
    "AT_DisableTrig": _trigger,
    "AT_DropColumn": _drop_column,
    "AT_DropConstraint": _drop_constraint,
    "AT_DropExpression": _drop_expression,
    "AT_DropIdentity": _drop_identity,
    "AT_DropNotNull": _drop_not_null,
    "AT_EnableTrig": _trigger,
    "AT_ReplicaIdentity": _replica_identity,
    "AT_SetRelOptions": _options,
    "AT_ValidateConstraint": _validate,
}
