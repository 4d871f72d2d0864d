"""ALTER TABLE: its commands in the server's order of passes, each passed on to partitions and inheriting tables."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from ...model.schema import Kind, Subject
from ..parse import Tree
from . import constraints, inheritance, not_null, others, records, storage, tables
from .catalog import UnknownError
from .clustering import cluster_on, without_cluster
from .dropped_parts import drop_column, drop_constraint
from .enabling import ENABLED, enable
from .foreign_options import set_column_options, set_options
from .indexes import attach_index, index_of
from .names import words
from .records import Oid, TypeRef
from .sequences import sequence_options
from .state import ExistsError, State
from .types import alter_composite
from .views import alter_view

# AlterTablePass of tablecmds.c: within one statement, drops come before additions whatever the order they stand in.
_DROP, _ALTER_TYPE, _ADD_COLUMN, _ADD_CONSTRAINT, _COLUMN_ATTRIBUTES, _ADD_INDEX, _ADD_OTHER, _MISCELLANEOUS = range(8)
_PASSES = {
    "AT_DropColumn": _DROP, "AT_DropConstraint": _DROP, "AT_DropNotNull": _DROP, "AT_DropIdentity": _DROP,
    "AT_DropExpression": _DROP, "AT_AlterColumnType": _ALTER_TYPE, "AT_AddColumn": _ADD_COLUMN,
    "AT_AddConstraint": _ADD_CONSTRAINT, "AT_SetNotNull": _COLUMN_ATTRIBUTES, "AT_SetExpression": _ALTER_TYPE,
    "AT_AddIdentity": _ADD_OTHER,
}  # fmt: skip
_TABLE_FLAGS: dict[str, dict[str, Any]] = {
    "AT_EnableRowSecurity": {"row_security": True}, "AT_DisableRowSecurity": {"row_security": False},
    "AT_ForceRowSecurity": {"forced": True}, "AT_NoForceRowSecurity": {"forced": False},
    "AT_SetUnLogged": {"unlogged": True}, "AT_SetLogged": {"unlogged": False},
}  # fmt: skip


def alter_table(state: State, node: Tree) -> None:
    oid = state.names.find_relation(node["relation"])
    if oid is None and node.get("missing_ok"):
        return
    oid = state.names.relation(node["relation"])
    commands = [each["AlterTableCmd"] for each in node["cmds"]]
    record = state.catalog[oid]
    if isinstance(record, records.Composite):
        for command in commands:
            alter_composite(state, oid, command)
    elif isinstance(record, records.View):
        for command in commands:
            alter_view(state, oid, command)
    elif isinstance(record, records.AnyIndex):
        for command in commands:
            _alter_index(state, oid, command)
    elif isinstance(record, records.Table):
        _alter(state, oid, commands, only=not node["relation"].get("inh"))


def _alter_index(state: State, index: Oid, command: Tree) -> None:
    if command["subtype"] == "AT_AttachPartition":
        attach_index(state, index, state.names.relation(command["def"]["PartitionCmd"]["name"]))
    elif command["subtype"] in storage.OF_PARAMETERS:
        storage.alter_parameters(state, index, command)


def _alter(state: State, table: Oid, commands: list[Tree], *, only: bool) -> None:
    wanted: list[Tree] = []
    for command in sorted(commands, key=_pass_of):
        if wanted and _pass_of(command) > _ADD_CONSTRAINT:
            constraints.add_all(state, table, wanted, only=only)
            wanted = []
        if command["subtype"] == "AT_AddColumn":
            wanted += _add_column(state, table, command)
        elif command["subtype"] == "AT_AddConstraint":
            wanted.append(command["def"]["Constraint"])
        else:
            _run(state, table, command, only=only)
    constraints.add_all(state, table, wanted, only=only)


def _pass_of(command: Tree) -> int:
    if command["subtype"] == "AT_ColumnDefault":
        return _ADD_OTHER if "def" in command else _DROP
    return _PASSES.get(command["subtype"], _MISCELLANEOUS)


def _add_column(state: State, table: Oid, command: Tree) -> list[Tree]:
    definition = command["def"]["ColumnDef"]
    if state.catalog.find("column", table, definition["colname"]) is not None:
        if command.get("missing_ok"):
            return []
        raise ExistsError(definition["colname"])
    wanted = tables.add_column(state, table, definition)
    column = state.names.column(table, definition["colname"])
    _pass_column_on(state, table, column)
    return wanted


def _pass_column_on(state: State, table: Oid, column: Oid) -> None:
    record = state.catalog.expect(column, records.Column)
    for child, _ in list(state.children(table)):
        mine = inheritance.take_column(state, column, record, child)
        if record.not_null:  # even where it is written with NO INHERIT
            not_null.require(state, mine, not_null.name_of(state, column))
        _pass_column_on(state, child, mine)


class _Command(NamedTuple):
    """A command for a table, or for the column or constraint *name* of it; *only*: not for the tables below."""

    state: State
    table: Oid
    name: str
    definition: Tree
    missing_ok: bool
    only: bool

    @property
    def column(self) -> Oid:
        return self.state.names.column(self.table, self.name)

    @property
    def columns(self) -> Iterator[tuple[Oid, Oid]]:
        return self.state.column_family(self.table, self.name, only=self.only)

    @property
    def other(self) -> Oid:
        return self.state.names.relation(self.definition["RangeVar"])


def _run(state: State, table: Oid, command: Tree, *, only: bool) -> None:
    kind, name, definition = command["subtype"], command.get("name", ""), command.get("def", {})
    if kind in _TABLE_FLAGS:
        state.catalog.change(table, **_TABLE_FLAGS[kind])
    elif kind in ENABLED:
        enable(state, table, kind, name)
    elif kind in storage.OF_PARAMETERS:
        storage.alter_parameters(state, table, command)
    elif kind in storage.OF_COLUMNS:
        storage.alter_column(state, table, command, only=only)
    elif kind in _RUNNERS:
        _RUNNERS[kind](_Command(state, table, name, definition, bool(command.get("missing_ok")), only))


def _change_types(it: _Command) -> None:
    for table, column in it.columns:
        _change_type(it.state, table, column, it.definition["ColumnDef"])


def _set_not_null(it: _Command) -> None:
    if it.only:
        not_null.require(it.state, it.column)
    else:
        not_null.require_all(it.state, [it.column])
    not_null.validate(it.state, it.column, only=it.only)


def _allow_nulls(it: _Command) -> None:
    is_here = it.state.catalog.expect(it.column, records.Column).required_here
    for _, column in it.state.column_family(it.table, it.name, only=it.only or is_here):
        not_null.allow_null(it.state, column)


def _set_defaults(it: _Command) -> None:
    for _, column in it.columns:
        tables.set_default(it.state, column, it.state.names.bind(it.definition) if it.definition else None)


def _set_expressions(it: _Command) -> None:
    for table, column in it.columns:
        tables.set_expression(it.state, table, column, it.definition)


def _drop_expressions(it: _Command) -> None:
    for _, column in it.columns:
        tables.set_default(it.state, column, None)


def _change_type(state: State, table: Oid, column: Oid, definition: Tree) -> None:
    type_: TypeRef = state.names.type_ref(definition["typeName"])
    state.catalog.change(column, type=type_, collation=tables.collation_of(definition))
    state.know(column, tables.TYPE)
    storage.forget(state, column)
    others.column_retyped(state, column)
    if type_.oid is None and not tables.built_in(definition["typeName"]):
        tables.unknown_type(state, table, column, words(definition["typeName"]["names"]))
    for oid, sequence in list(state.catalog.held(column, records.Sequence)):
        if sequence.identity:
            wanted = [{"DefElem": {"defname": "as", "arg": {"TypeName": definition["typeName"]}}}]
            state.catalog.change(oid, options=sequence_options(wanted, sequence.options))


def _identity_sequence(state: State, column: Oid) -> tuple[Oid, records.Sequence] | None:
    return next(((oid, each) for oid, each in state.catalog.held(column, records.Sequence) if each.identity), None)


def _set_identity(state: State, column: Oid, given: list[Tree]) -> None:
    for option in given:
        if option["DefElem"]["defname"] == "generated":
            always = option["DefElem"]["arg"]["Integer"]["ival"] == ord("a")
            state.catalog.change(column, identity="always" if always else "by default")
    if (found := _identity_sequence(state, column)) is not None:
        oid, sequence = found
        others = [each for each in given if each["DefElem"]["defname"] != "generated"]
        state.catalog.change(oid, options=sequence_options(others, sequence.options))


def _drop_identity(state: State, column: Oid) -> None:
    state.catalog.change(column, identity="")
    if (found := _identity_sequence(state, column)) is not None:
        state.catalog.remove(found[0])


def _validate(state: State, table: Oid, name: str) -> None:
    constraint = state.catalog.find("constraint", table, name)
    if constraint is None:
        column = not_null.named(state, table, name)
        if column is not None:
            not_null.validate(state, column)
        return
    if isinstance(state.catalog[constraint], records.KeyConstraint):
        return
    state.catalog.change(constraint, validated=True)
    for child, _ in list(state.children(table)):
        _validate(state, child, name)


def _alter_constraint(state: State, table: Oid, definition: Tree) -> None:
    constraint = state.catalog.find("constraint", table, definition["conname"])
    if constraint is None:
        column = not_null.named(state, table, definition["conname"])
        if column is None:
            raise UnknownError(f"constraint {definition['conname']}")
        if definition.get("alterInheritability"):
            not_null.set_inherited(state, column, here=bool(definition.get("noinherit")))
        return
    if not isinstance(state.catalog[constraint], records.ForeignKey):
        return  # the server refuses it
    if definition.get("alterDeferrability"):
        state.catalog.change(constraint, deferral=constraints.deferral(definition))
    if definition.get("alterEnforceability"):
        enforced = bool(definition.get("is_enforced"))
        state.catalog.change(constraint, enforced=enforced, validated=enforced)


def _detach(state: State, parent: Oid, command: Tree) -> None:
    child = state.names.relation(command["name"])
    if command.get("concurrent"):
        table = state.catalog.get(parent, records.Table)
        keys = table.partition_by[1] if table is not None and table.partition_by is not None else ()
        columns = [state.names.full_name(key.column)[-1] for key in keys if key.column is not None]
        name = state.catalog.free_constraint_name(
            table.schema if table else 0,
            state.names.full_name(child)[-1],
            columns[0] if len(columns) == 1 else None,
            "check",
        )
        subject = Subject(Kind.CHECK, (*state.names.full_name(child), name))
        state.opaque(subject, "DETACH PARTITION CONCURRENTLY keeps the bounds as a check")
    inheritance.detach(state, parent, child)


_REPLICA_MODES: Mapping[str, Literal["full", "nothing", "index"]] = {"f": "full", "n": "nothing", "i": "index"}


def _set_replica_identity(it: _Command) -> None:
    wanted = it.definition["ReplicaIdentityStmt"]
    index = index_of(it.state, it.table, wanted["name"]) if "name" in wanted else None
    there = it.state.catalog.find("replica identity", it.table, "")
    if there is not None:
        it.state.catalog.remove(there)
    if (mode := _REPLICA_MODES.get(wanted["identity_type"])) is not None:
        it.state.catalog.add(records.ReplicaIdentity(it.table, mode, index))


# Without owner, tablespace, access method: nothing that the model holds.
_RUNNERS: Mapping[str, Callable[[_Command], None]] = {
    "AT_AddIdentity": lambda it: tables.set_identity(it.state, it.column, it.definition["Constraint"]),
    "AT_AddIndexConstraint": lambda it: constraints.add_all(it.state, it.table, [it.definition["IndexStmt"]]),
    "AT_AddInherit": lambda it: inheritance.inherit(it.state, it.other, it.table),
    "AT_AlterColumnGenericOptions": lambda it: set_column_options(it.state, it.column, it.definition),
    "AT_AlterColumnType": _change_types,
    "AT_AlterConstraint": lambda it: _alter_constraint(it.state, it.table, it.definition["ATAlterConstraint"]),
    "AT_AttachPartition": lambda it: inheritance.attach(it.state, it.table, it.definition["PartitionCmd"]),
    "AT_ClusterOn": lambda it: cluster_on(it.state, it.table, it.name),
    "AT_ColumnDefault": _set_defaults,
    "AT_DetachPartition": lambda it: _detach(it.state, it.table, it.definition["PartitionCmd"]),
    "AT_DropCluster": lambda it: without_cluster(it.state, it.table),
    "AT_DropColumn": lambda it: drop_column(it.state, it.table, it.name, missing_ok=it.missing_ok, only=it.only),
    "AT_DropConstraint": lambda it: drop_constraint(
        it.state, it.table, it.name, missing_ok=it.missing_ok, only=it.only
    ),
    "AT_DropExpression": _drop_expressions,
    "AT_DropIdentity": lambda it: _drop_identity(it.state, it.column),
    "AT_DropInherit": lambda it: inheritance.detach(it.state, it.other, it.table),
    "AT_DropNotNull": _allow_nulls,
    "AT_ReAddIndex": lambda it: constraints.add_all(it.state, it.table, [it.definition["IndexStmt"]]),
    "AT_GenericOptions": lambda it: set_options(it.state, it.table, it.definition),
    "AT_ReplicaIdentity": _set_replica_identity,
    "AT_SetExpression": _set_expressions,
    "AT_SetIdentity": lambda it: _set_identity(it.state, it.column, it.definition["List"]["items"]),
    "AT_SetNotNull": _set_not_null,
    "AT_ValidateConstraint": lambda it: _validate(it.state, it.table, it.name),
}
