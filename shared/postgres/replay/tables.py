"""CREATE TABLE and its columns (parser/parse_utilcmd.c, commands/tablecmds.c)."""

from collections.abc import Iterable, Sequence
from typing import Any

from ...model.schema import Doubt, Kind, Subject
from ...model.value import replace
from ..canonical import is_null, keeps_null
from ..canonical.names import AsWritten, spelled_unless_system
from ..canonical.types import SERIAL
from ..parse import Tree
from . import constraints, indexes, inheritance, not_null, records, storage
from .builtin import TYPES
from .foreign_options import changed
from .names import Scope, next_value_of, words
from .offered import Source, built_in_type, columns_of
from .others import copy_statistics
from .records import Bound, Oid, TypeRef
from .sequences import add_owned_sequence, sequence_type_of, type_of_serial
from .state import ExistsError, State

_ATTRIBUTES = {
    "CONSTR_ATTR_DEFERRABLE": {"deferrable": True},
    "CONSTR_ATTR_NOT_DEFERRABLE": {"deferrable": False},
    "CONSTR_ATTR_DEFERRED": {"deferrable": True, "initdeferred": True},
    "CONSTR_ATTR_IMMEDIATE": {"initdeferred": False},
    "CONSTR_ATTR_NOT_ENFORCED": {"is_enforced": False, "initially_valid": False},
}
# Bits of TableLikeClause.options (parsenodes.h).
_LIKE_CONSTRAINTS, _LIKE_DEFAULTS, _LIKE_GENERATED, _LIKE_IDENTITY, _LIKE_INDEXES = 4, 8, 16, 32, 64
_LIKE_STATISTICS = 128


# What goes with a type that is not known.
TYPE = frozenset({"type", "collation"})


def create_table(state: State, node: Tree, *, foreign: bool = False) -> None:
    schema, name = state.place(node["relation"])
    state.taken_by_relation(schema, name)
    parents = [state.names.relation(each["RangeVar"]) for each in node.get("inhRelations", ())]
    partition = "partbound" in node
    table = state.catalog.add(
        records.Table(
            schema,
            name,
            unlogged=node["relation"].get("relpersistence") == "u",
            partition_of=parents[0] if partition else None,
            bound=state.names.bind(node["partbound"]).tree if partition else None,
            inherits=() if partition else tuple(parents),
            foreign=foreign,
            parameters=storage.of_table(node.get("options", ())),
        )
    )
    if "ofTypename" in node:
        _add_attributes(state, table, state.names.type(words(node["ofTypename"]["names"])))
    for parent in parents:
        inheritance.take_columns(state, parent, table)
    wanted = [each for element in node.get("tableElts", ()) for each in _add_element(state, table, element)]
    if "partspec" in node:
        state.catalog.change(table, partition_by=_partition_key(state, table, node["partspec"]))
    storage.set_toast_parameters(state, table, node.get("options", ()))
    for parent in parents:
        inheritance.take_checks(state, parent, table)
    constraints.add_all(state, table, wanted, new_table=True)
    not_null.make_way(state, table, wanted)
    for element in node.get("tableElts", ()):
        _copy_indexes(state, element.get("TableLikeClause"), table)
    if partition:
        if not _is_constant(node["partbound"]):
            state.opaque(Subject(Kind.TABLE, state.names.full_name(table)), "its bounds were computed when it was made")
        inheritance.take_indexes(state, parents[0], table)
        inheritance.take_foreign_keys(state, parents[0], table)
        inheritance.take_triggers(state, parents[0], table)


def _add_element(state: State, table: Oid, element: Tree) -> list[Tree]:
    """Add a column, or those of a LIKE; give the constraints that are to follow."""
    ((kind, value),) = element.items()
    if kind == "ColumnDef":
        return add_column(state, table, value)
    if kind == "TableLikeClause":
        return _copy_columns(state, state.names.relation(value["relation"]), table, value.get("options", 0))
    return [value]


def _copy_indexes(state: State, like: Tree | None, table: Oid) -> None:
    if like is not None and like.get("options", 0) & _LIKE_INDEXES:
        for index in list(indexes.of_table(state, state.names.relation(like["relation"]))):
            indexes.clone(state, index, table, part=False)
    if like is not None and like.get("options", 0) & _LIKE_STATISTICS:
        copy_statistics(state, state.names.relation(like["relation"]), table)


def add_column(state: State, table: Oid, definition: Tree) -> list[Tree]:
    """Add a column, or what a partition says of one it has; give the constraints that come with it."""
    name = definition["colname"]
    column = state.catalog.find("column", table, name)
    given = definition.get("constraints", ())
    serial = None
    if "typeName" in definition:
        serial = type_of_serial(definition["typeName"])
        serial = serial if serial in SERIAL else None
        type_ = state.names.type_ref(
            {**definition["typeName"], "names": [{"String": {"sval": SERIAL[serial]}}]}
            if serial
            else definition["typeName"]
        )
        collation = collation_of(definition)
        if column is None:
            of_foreign = state.catalog.expect(table, records.Table).foreign
            options = changed((), definition.get("fdwoptions", ()))
            record = records.Column(table, name, type_, collation=collation, of_foreign=of_foreign, options=options)
            if definition.get("is_not_null") or serial is not None or any(map(_says_not_null, given)):
                record = not_null.required(state, record, not_null.written_name(given))
                record = replace(record, required_here=not_null.is_written_here(given))
            column = state.catalog.add(record)
        else:
            state.catalog.change(column, local=True)
        storage.declare(state, column, definition)
        if type_.oid is None and not built_in(definition["typeName"]) and not serial:
            unknown_type(state, table, column, words(definition["typeName"]["names"]))
    if column is None:
        raise ExistsError(name)
    if serial:
        sequence = add_owned_sequence(state, column, SERIAL[serial])
        not_null.require(state, column, not_null.written_name(given))
        set_default(state, column, next_value_of(sequence))
    return column_constraints(state, table, column, given) if given else []


def _says_not_null(constraint: Tree) -> bool:
    return bool(constraint["Constraint"]["contype"] == "CONSTR_NOTNULL")


def built_in(tree: Tree) -> bool:
    name = words(tree["names"])
    return name[0] == "pg_catalog" or (len(name) == 1 and name[0].removeprefix("_") in TYPES)


def unknown_type(state: State, table: Oid, column: Oid, name: tuple[str, ...]) -> None:
    if not state.is_temporary(table):
        state.doubt(column, Doubt(f"no migration makes the type {'.'.join(name)}", TYPE))


def column_constraints(  # noqa: C901  (one branch a kind, none nested)
    state: State, table: Oid, column: Oid, nodes: Iterable[Tree]
) -> list[Tree]:
    """Apply what lives in the column itself; give the rest in the form of table constraints."""
    record = state.catalog.expect(column, records.Column)
    key = [{"String": {"sval": record.name}}]
    rest: list[dict[str, Any]] = []
    for each in nodes:
        node = each["Constraint"]
        match node["contype"]:
            case "CONSTR_NOTNULL":
                if record.inherited_from:
                    not_null.allow_null(state, column)  # the table's own has a name of its own
                here = bool(node.get("is_no_inherit"))
                not_null.require_all(state, [column], node.get("conname", ""), here=here)
            case "CONSTR_NULL":
                pass
            case "CONSTR_DEFAULT":
                set_default(state, column, state.names.bind(node["raw_expr"]))
            case "CONSTR_IDENTITY":
                set_identity(state, column, node)
            case "CONSTR_GENERATED":
                kind = "virtual" if node.get("generated_kind") == "v" else "stored"
                set_default(
                    state, column, state.names.bind(node["raw_expr"], Scope(table, (_name(state, table),))), kind
                )
            case "CONSTR_PRIMARY" | "CONSTR_UNIQUE":
                rest.append({**node, "keys": key})
            case "CONSTR_FOREIGN":
                rest.append({**node, "fk_attrs": key})
            case "CONSTR_CHECK":
                rest.append(dict(node))
            case attribute if attribute in _ATTRIBUTES and rest:
                rest[-1].update(_ATTRIBUTES[attribute])
            case _:
                pass
    return rest


def _name(state: State, table: Oid) -> str:
    return state.names.full_name(table)[-1]


def collation_of(definition: Tree) -> str | None:
    clause = definition.get("collClause")
    return collation_named(words(clause["collname"])) if clause else None


def collation_named(name: Sequence[str] | None) -> str | None:
    spelt = spelled_unless_system(name) if name is not None else None
    return None if spelt == "default" else spelt


def set_default(state: State, column: Oid, expression: Bound | None, generated: str = "") -> None:
    """Give *column* a default, or take it away. DEFAULT NULL is none, unless the server keeps it as a cast."""
    current = state.catalog.find("default", column, "")
    if current is not None:
        state.catalog.remove(current)
        state.catalog.change(column, generated_from=())
    if expression is None:
        return
    record = state.catalog.expect(column, records.Column)
    if not generated and is_null(expression.tree) and not _keeps_null(state, expression, record.type):
        return
    # The server stores the value as one of the column's type, which it stays bound to.
    if record.type.holders:
        expression = replace(expression, uses=(*expression.uses, *record.type.holders))
    if generated:
        state.catalog.change(column, generated_from=expression.uses)
    made = records.Default(column, expression, record.type, generated)  # type: ignore[arg-type]  # one of three words
    state.catalog.add(made)


def set_expression(state: State, table: Oid, column: Oid, tree: Tree) -> None:
    """Give a generated column another expression; it stays stored or virtual."""
    current = _default_of(state, column)
    generated = current.generated if current is not None else ""
    set_default(state, column, state.names.bind(tree, Scope(table)), generated or "stored")


def _keeps_null(state: State, expression: Bound, type_: TypeRef) -> bool:
    base = state.names.base_type(type_)
    return keeps_null(state.names.unbound(expression.tree), state.names.spelled(type_), base, AsWritten())


def set_identity(state: State, column: Oid, node: Tree) -> None:
    record = state.catalog.expect(column, records.Column)
    state.catalog.change(column, identity="always" if node.get("generated_when") == "a" else "by default")
    not_null.require(state, column)
    add_owned_sequence(state, column, sequence_type_of(state, record), node.get("options", ()), identity=True)


def _partition_key(state: State, table: Oid, spec: Tree) -> tuple[str, tuple[records.IndexKey, ...]]:
    strategy = spec["strategy"].removeprefix("PARTITION_STRATEGY_").lower()
    keys = (indexes.index_key(state, table, each["PartitionElem"], "btree") for each in spec["partParams"])
    return strategy, tuple(keys)


def _is_constant(tree: Any) -> bool:
    """Say whether a partition's bounds stand there as they are kept."""
    if isinstance(tree, list):
        return all(map(_is_constant, tree))
    if not isinstance(tree, dict):
        return True
    if tree.keys() & {"FuncCall", "A_Expr", "SQLValueFunction"}:
        return False
    return all(map(_is_constant, tree.values()))


def _add_attributes(state: State, table: Oid, type_: Oid) -> None:
    composite = state.catalog.get(type_, records.Composite)
    for name, each, collation in composite.attributes if composite is not None else ():
        state.catalog.add(records.Column(table, name, each, collation=collation))


def _copy_columns(state: State, source: Oid, table: Oid, given: int) -> list[Tree]:
    """LIKE: the columns as they are, without ties to where they came from; the checks are still to be added."""
    if not isinstance(state.catalog[source], records.Table):  # a view, a composite type
        for each in columns_of(state.names, source):
            add_offered_column(state, table, each)
    for oid, column in list(state.catalog.columns(source)):
        there = state.catalog.find("column", table, column.name)
        copy = (
            state.catalog.add(
                records.Column(
                    table, column.name, column.type, collation=column.collation, storing=storage.copied(column, given)
                )
            )
            if there is None
            else there
        )
        if there is not None:  # from a parent, too
            state.catalog.change(there, local=True)
        if column.not_null:
            not_null.require_all(state, [copy], not_null.name_of(state, oid), here=column.required_here)
        default = _default_of(state, oid)
        if default is not None and given & (_LIKE_GENERATED if default.generated else _LIKE_DEFAULTS):
            moved = state.names.bind(state.names.unbound(default.expression.tree), Scope(table))
            set_default(state, copy, moved, default.generated)
        if column.identity and given & _LIKE_IDENTITY:
            _copy_identity(state, oid, column, copy)
    checks = []
    if given & _LIKE_CONSTRAINTS:
        for _, check in state.catalog.held(source, records.Check):
            tree = state.names.unbound(check.expression.tree)
            checks.append(
                {"contype": "CONSTR_CHECK", "conname": check.name, "raw_expr": tree, "initially_valid": True,
                 "is_no_inherit": check.no_inherit, "is_enforced": check.enforced}
            )  # fmt: skip
    return checks


def add_offered_column(state: State, table: Oid, offered: Source) -> Oid:
    """A column as a query or a view offers it. Its type is in doubt where only the server knows it."""
    column = state.catalog.add(records.Column(table, offered.name, offered.type or built_in_type("text")))
    is_known = offered.type is not None and offered.type.known
    if not is_known and not state.is_temporary(table):
        state.doubt(column, Doubt("its type is that of an expression in a query", TYPE))
    return column


def _default_of(state: State, column: Oid) -> records.Default | None:
    return state.catalog.get(state.catalog.find("default", column, ""), records.Default)


def _copy_identity(state: State, source: Oid, column: records.Column, copy: Oid) -> None:
    state.catalog.change(copy, identity=column.identity)
    for _, sequence in list(state.catalog.held(source, records.Sequence)):
        if sequence.identity:
            made = add_owned_sequence(state, copy, sequence.options.type, identity=True)
            state.catalog.change(made, options=sequence.options)
