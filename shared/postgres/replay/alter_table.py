"""ALTER TABLE: its commands in the server's order of passes, each passed on to partitions and inheriting tables."""

from collections.abc import Iterator
from typing import Any

from ...model.schema import Doubt, Kind, Subject
from ..parse import Tree
from . import constraints, inheritance, not_null, records, tables
from .catalog import UnknownError
from .indexes import attach_index
from .names import Scope, words
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
_ENFORCED = frozenset({"enforced"})
_ENABLED = {
    "AT_EnableTrig": "origin", "AT_EnableTrigAll": "origin", "AT_EnableTrigUser": "origin",
    "AT_EnableAlwaysTrig": "always", "AT_EnableReplicaTrig": "replica", "AT_DisableTrig": "disabled",
    "AT_DisableTrigAll": "disabled", "AT_DisableTrigUser": "disabled",
    "AT_EnableRule": "origin", "AT_EnableAlwaysRule": "always", "AT_EnableReplicaRule": "replica",
    "AT_DisableRule": "disabled",
}  # fmt: skip
# ALL, and not USER, means internal triggers too.
_SWITCHES = {"AT_DisableTrigAll": True, "AT_EnableTrigAll": False}
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
            if command["subtype"] == "AT_AttachPartition":
                attach_index(state, oid, state.names.relation(command["def"]["PartitionCmd"]["name"]))
    elif isinstance(record, records.Table):
        _alter(state, oid, commands, only=not node["relation"].get("inh"))


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
        _pass_column_on(state, child, mine)


def _family(state: State, table: Oid, name: str, *, only: bool = False) -> Iterator[tuple[Oid, Oid]]:
    """The column *name* of *table* and of all tables below it: table and column."""
    yield table, state.names.column(table, name)
    for child, _ in () if only else list(state.children(table)):
        yield from _family(state, child, name)


def _run(state: State, table: Oid, command: Tree, *, only: bool) -> None:  # noqa: C901, PLR0912  (one branch a command, none nested)
    kind = command["subtype"]
    name: str = command.get("name", "")
    definition = command.get("def", {})
    if kind in _TABLE_FLAGS:
        state.catalog.change(table, **_TABLE_FLAGS[kind])
        return
    if kind in _ENABLED:
        _enable(state, table, kind, name)
        return
    match kind:
        case "AT_DropColumn":
            _drop_column(state, table, name, missing_ok=bool(command.get("missing_ok")), only=only)
        case "AT_DropConstraint":
            _drop_constraint(state, table, name, missing_ok=bool(command.get("missing_ok")), only=only)
        case "AT_AlterColumnType":
            for each, column in _family(state, table, name, only=only):
                _change_type(state, each, column, definition["ColumnDef"])
        case "AT_SetNotNull" if not only:
            not_null.require_all(state, [state.names.column(table, name)])
        case "AT_SetNotNull":
            not_null.require(state, state.names.column(table, name))
        case "AT_DropNotNull":
            for _, column in _family(state, table, name, only=only):
                not_null.allow_null(state, column)
        case "AT_ColumnDefault":
            for _, column in _family(state, table, name, only=only):
                tables.set_default(state, column, state.names.bind(definition) if definition else None)
        case "AT_SetExpression":
            for each, column in _family(state, table, name, only=only):
                tables.set_default(state, column, state.names.bind(definition, Scope(each)), "stored")
        case "AT_DropExpression":
            for _, column in _family(state, table, name, only=only):
                tables.set_default(state, column, None)
        case "AT_AddIdentity":
            tables.set_identity(state, state.names.column(table, name), definition["Constraint"])
        case "AT_SetIdentity":
            _set_identity(state, state.names.column(table, name), definition["List"]["items"])
        case "AT_DropIdentity":
            _drop_identity(state, state.names.column(table, name))
        case "AT_ValidateConstraint":
            _validate(state, table, name)
        case "AT_AlterConstraint":
            _alter_constraint(state, table, definition["ATAlterConstraint"])
        case "AT_AddIndexConstraint" | "AT_ReAddIndex":
            constraints.add_all(state, table, [definition["IndexStmt"]])
        case "AT_AttachPartition":
            inheritance.attach(state, table, definition["PartitionCmd"])
        case "AT_DetachPartition":
            _detach(state, table, definition["PartitionCmd"])
        case "AT_AddInherit":
            inheritance.inherit(state, state.names.relation(definition["RangeVar"]), table)
        case "AT_DropInherit":
            inheritance.detach(state, state.names.relation(definition["RangeVar"]), table)
        case _:
            pass  # owner, storage, statistics, options, replica identity: nothing that the model holds


def _drop_column(state: State, table: Oid, name: str, *, missing_ok: bool, only: bool = False) -> None:
    column = state.catalog.find("column", table, name)
    if column is None:
        if not missing_ok:
            raise UnknownError(f"column {state.names.qualified(table)}.{name}")
        return
    if any(each in _partition_columns(state, below) for below, each in _family(state, table, name)):
        return  # the server refuses, with CASCADE too: the table stays as it is
    # A column below that came only from here goes along by itself; one that is its table's own as well stays.
    for child, _ in list(state.children(table)):
        mine = state.catalog.find("column", child, name)
        record = state.catalog.get(mine, records.Column)
        if record is not None and mine is not None:
            left = tuple(each for each in record.inherited_from if each != column)
            if record.local or left or only:
                state.catalog.change(mine, inherited_from=left, local=record.local or only)
            else:
                _drop_column(state, child, name, missing_ok=True)
    state.catalog.remove(column)


def _partition_columns(state: State, table: Oid) -> frozenset[Oid]:
    record = state.catalog.get(table, records.Table)
    return record.partition_columns if record is not None else frozenset()


def _drop_constraint(state: State, table: Oid, name: str, *, missing_ok: bool, only: bool) -> None:
    constraint = state.catalog.find("constraint", table, name)
    if constraint is None:
        if not missing_ok and not _drop_not_null(state, table, name, only=only):
            raise UnknownError(f"constraint {name} of {state.names.qualified(table)}")
        return
    for oid, check in list(state.catalog.held(constraint, records.Check)):
        left = tuple(each for each in check.parents if each != constraint)
        if check.local or left or only:
            state.catalog.change(oid, parents=left, local=check.local or only)
    state.catalog.remove(constraint)


def _drop_not_null(state: State, table: Oid, name: str, *, only: bool) -> bool:
    """PostgreSQL 18 drops a NOT NULL by its name. Say whether there is one."""
    column = not_null.named(state, table, name)
    if column is not None:
        for _, each in _family(state, table, state.names.full_name(column)[-1], only=only):
            not_null.allow_null(state, each)
    return column is not None


def _change_type(state: State, table: Oid, column: Oid, definition: Tree) -> None:
    type_: TypeRef = state.names.type_ref(definition["typeName"])
    state.catalog.change(column, type=type_, collation=tables.collation_of(definition))
    state.know(column, tables.TYPE)
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
    if constraint is None or isinstance(state.catalog[constraint], records.KeyConstraint):
        return
    state.catalog.change(constraint, validated=True)
    for child, _ in list(state.children(table)):
        _validate(state, child, name)


def _alter_constraint(state: State, table: Oid, definition: Tree) -> None:
    constraint = state.catalog.find("constraint", table, definition["conname"])
    if constraint is None:
        raise UnknownError(f"constraint {definition['conname']}")
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


def _switch_foreign_keys(state: State, table: Oid, *, off: bool) -> None:
    """A foreign key is checked by internal triggers on both of its tables; a partition's are its root's.

    PostgreSQL 13 and 14 have none on a partitioned table itself: there, its foreign keys stay as they are.
    """
    record = state.catalog.get(table, records.Table)
    is_partitioned = record is not None and record.partition_by is not None
    for oid, key in list(state.catalog.held(table, records.ForeignKey)):
        if table not in (key.table, key.referenced_table):
            continue
        root = oid
        while (above := state.catalog.expect(root, records.ForeignKey).parent) is not None:
            root = above
        switched = state.catalog.expect(root, records.ForeignKey).switched_off
        left_off = switched | {table} if off else switched - {table}
        state.catalog.change(root, switched_off=left_off)
        if off and is_partitioned:
            state.doubt(root, Doubt("PostgreSQL 13 and 14 leave a partitioned table's on", _ENFORCED))
        elif not left_off:
            state.know(root, _ENFORCED)


def _enable(state: State, table: Oid, kind: str, name: str) -> None:
    if kind.endswith("Rule"):
        if (rule := state.catalog.find("rule", table, name)) is not None:
            state.catalog.change(rule, enabled=_ENABLED[kind])
        return
    for oid, trigger in list(state.catalog.held(table, records.Trigger)):
        if trigger.table == table and (not name or trigger.name == name):
            state.catalog.change(oid, enabled=_ENABLED[kind])
    if kind in _SWITCHES:
        _switch_foreign_keys(state, table, off=_SWITCHES[kind])
    for child, record in list(state.children(table)):
        if record.partition_of == table:
            _enable(state, child, kind, name)
