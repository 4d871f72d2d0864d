"""CREATE TYPE, CREATE DOMAIN, and what ALTER makes of them."""

from dataclasses import fields, is_dataclass
from typing import Any

from ...model.labels import labels, with_label
from ...model.value import replace
from ..canonical import arrays
from ..canonical.names import spelled_unless_system
from ..naming import multirange_name
from ..parse import Tree
from . import records
from .catalog import UnknownError
from .definitions import given, name_in, type_in
from .index_classes import class_of_key
from .names import words
from .records import Bound, Oid, TypeRef
from .state import ExistsError, State
from .tables import collation_named, collation_of


def create_enum(state: State, node: Tree) -> None:
    schema, name = _new_type(state, words(node["typeName"]))
    state.catalog.add(records.Enum(schema, name, labels(words(node.get("vals", ())))))


def _new_type(state: State, name: tuple[str, ...]) -> tuple[Oid, str]:
    schema, last = state.place_named(name)
    state.taken("type", schema, last)
    return schema, last


def alter_enum(state: State, node: Tree) -> None:
    oid = state.names.type(words(node["typeName"]))
    enum = state.catalog.get(oid, records.Enum)
    if enum is None:
        return
    values = enum.values
    if "oldVal" in node:
        values = labels(node["newVal"] if each == node["oldVal"] else each for each in values)
        rename_value(state, oid, node["oldVal"], node["newVal"])
    elif node["newVal"] in values:
        if not node.get("skipIfNewValExists"):
            raise ExistsError(node["newVal"])
    else:
        neighbour = node.get("newValNeighbor")
        try:
            values = with_label(values, node["newVal"], neighbour, after=bool(node.get("newValIsAfter")))
        except ValueError:
            raise UnknownError(f"value {neighbour}") from None
    state.catalog.change(oid, values=values)


def rename_value(state: State, enum: Oid, old: str, new: str) -> None:
    """Follow a renamed value into the expressions of what depends on the enum: the server stores values by oid."""
    for oid in state.catalog.with_consequences([enum]):
        if oid in state.catalog:
            record = state.catalog[oid]
            if (renamed := _with_constant(record, old, new)) is not record:
                state.catalog.put(oid, renamed)


def _with_constant(value: Any, old: str, new: str) -> Any:
    """A record, or a part of one, with every constant *old* replaced; itself if there is none."""
    if isinstance(value, Bound):
        tree = _tree_with(value.tree, old, new)
        return value if tree == value.tree else replace(value, tree=tree)
    if isinstance(value, tuple):
        parts = tuple(_with_constant(each, old, new) for each in value)
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts
    if is_dataclass(value) and not isinstance(value, type) and not isinstance(value, records.TypeRef):
        changed = {
            each.name: part
            for each in fields(value)
            if (part := _with_constant(was := getattr(value, each.name), old, new)) is not was
        }
        return replace(value, **changed) if changed else value
    return value


def _tree_with(tree: Any, old: str, new: str) -> Any:
    if isinstance(tree, list):
        return [_tree_with(each, old, new) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if "sval" in tree and isinstance(tree["sval"], dict) and "$relation" not in tree:
        text = tree["sval"].get("sval", "")
        if text == old:
            return {**tree, "sval": {"sval": new}}
        if text.startswith("{") and old in (elements := arrays.elements(text) or ()):
            inner = ",".join('"' + (new if each == old else str(each)).replace('"', '\\"') + '"' for each in elements)
            return {**tree, "sval": {"sval": "{" + inner + "}"}}
    return {key: _tree_with(value, old, new) for key, value in tree.items()}


def create_composite(state: State, node: Tree) -> None:
    schema, name = state.place(node["typevar"])
    for space in ("type", "relation"):
        state.taken(space, schema, name)
    attributes = tuple(
        (
            each["ColumnDef"]["colname"],
            state.names.type_ref(each["ColumnDef"]["typeName"]),
            collation_of(each["ColumnDef"]),
        )
        for each in node.get("coldeflist", ())
    )
    state.catalog.add(records.Composite(schema, name, attributes))


def create_range(state: State, node: Tree) -> None:
    """A range, and its multirange, which servers before 14 do not have."""
    schema, name = state.place_named(words(node["typeName"]))
    said = given(node["params"])
    named = {option: name_in(each) for option, each in said.items()}
    subtype = type_in(state, said["subtype"])
    if subtype is None:
        raise UnknownError(f"type {named['subtype'][-1]}")
    sorting = said.get("subtype_opclass", {}).get("TypeName", {}).get("names", [])
    place = (schema, multirange_name(name))
    if "multirange_type_name" in named:
        place = state.place_named(named["multirange_type_name"])
    state.taken("type", *place)
    oid = _define(
        state,
        records.Range(
            schema, name, subtype,
            operator_class=class_of_key(state, "btree", sorting, subtype),
            collation=_other_collation(state, named.get("collation"), subtype),
            canonical=_function(state, named.get("canonical")),
            subtype_diff=_function(state, named.get("subtype_diff")),
        ),
    )  # fmt: skip
    state.catalog.change(oid, multirange=state.catalog.add(records.Multirange(*place, range=oid)))


def _define(state: State, record: records.Type) -> Oid:
    """Add a type, or make one of its name that CREATE TYPE only announced into it."""
    announced = state.catalog.find("type", record.schema, record.name)
    there = state.catalog.get(announced, records.OtherType)
    if announced is None or there is None or there.is_defined:
        state.taken("type", record.schema, record.name)
        return state.catalog.add(record)
    state.catalog.put(announced, record)
    return announced


def _other_collation(state: State, name: tuple[str, ...] | None, subtype: TypeRef) -> Oid | str | None:
    """The collation *name*, where it is not what *subtype* has by itself."""
    domain, spelt = state.catalog.get(subtype.oid, records.Domain), collation_named(name)
    if name is None or (domain is not None and domain.collation == spelt):
        return None
    found = state.names.find("collation", name)
    return spelt if found is None else found


def _function(state: State, name: tuple[str, ...] | None) -> Oid | str | None:
    if name is None:
        return None
    found = state.names.routines(name) if name[0] != "pg_catalog" else []
    return found[0] if found else spelled_unless_system(name)


def create_base(state: State, node: Tree) -> None:
    """A base type: known by name, so that columns may be of it. Without a definition it is only announced."""
    schema, name = state.place_named(words(node["defnames"]))
    _define(state, records.OtherType(schema, name, is_defined="definition" in node))


def create_domain(state: State, node: Tree) -> None:
    schema, name = _new_type(state, words(node["domainname"]))
    type_ = state.names.type_ref(node["typeName"])
    base = state.catalog.get(type_.oid, records.Domain)
    domain = state.catalog.add(
        records.Domain(
            schema, name, type_, collation=collation_of(node), default=base.default if base is not None else None
        )
    )
    for each in node.get("constraints", ()):
        _constrain(state, domain, each["Constraint"])


def _domain(state: State, oid: Oid) -> records.Domain:
    domain = state.catalog.get(oid, records.Domain)
    if domain is None:
        raise UnknownError("domain")
    return domain


def _constrain(state: State, oid: Oid, node: Tree) -> None:
    domain = _domain(state, oid)
    match node["contype"]:
        case "CONSTR_NOTNULL":
            state.catalog.change(oid, not_null=True)
        case "CONSTR_DEFAULT":
            _set_default(state, oid, node["raw_expr"])
        case "CONSTR_CHECK":
            name = node.get("conname") or state.catalog.free_constraint_name(domain.schema, domain.name, None, "check")
            state.taken("constraint", oid, name)
            state.catalog.add(
                records.Check(
                    domain.schema, oid, name, state.names.bind(node["raw_expr"]),
                    validated=bool(node.get("initially_valid")), of_domain=True,
                )
            )  # fmt: skip
        case _:
            pass


def _set_default(state: State, oid: Oid, tree: Tree | None) -> None:
    none = not tree or tree.get("A_Const", {}).get("isnull")
    state.catalog.change(oid, default=None if none else state.names.bind(tree))


def alter_domain(state: State, node: Tree) -> None:
    oid = state.names.type(words(node["typeName"]))
    _domain(state, oid)
    match node["subtype"]:
        case "T":
            _set_default(state, oid, node.get("def"))
        case "N":
            state.catalog.change(oid, not_null=False)
        case "O":
            state.catalog.change(oid, not_null=True)
        case "C":
            _constrain(state, oid, node["def"]["Constraint"])
        case kind:  # X: drop, V: validate a constraint
            constraint = state.catalog.find("constraint", oid, node["name"])
            if constraint is None:
                if not node.get("missing_ok"):
                    raise UnknownError(f"constraint {node['name']}")
            elif kind == "X":
                state.catalog.remove(constraint)
            else:
                state.catalog.change(constraint, validated=True)


def alter_composite(state: State, oid: Oid, command: Tree) -> None:
    """One *command* of ALTER TYPE: an attribute is added, dropped, or of another type."""
    composite = state.catalog.expect(oid, records.Composite)
    attributes = list(composite.attributes)
    at = next((index for index, each in enumerate(attributes) if each[0] == command.get("name")), None)
    match command["subtype"]:
        case "AT_AddColumn":
            definition = command["def"]["ColumnDef"]
            type_ = state.names.type_ref(definition["typeName"])
            attributes.append((definition["colname"], type_, collation_of(definition)))
        case "AT_DropColumn" if at is not None:
            del attributes[at]
        case "AT_AlterColumnType" if at is not None:
            definition = command["def"]["ColumnDef"]
            type_ = state.names.type_ref(definition["typeName"])
            attributes[at] = (attributes[at][0], type_, collation_of(definition))
        case _:
            return
    state.catalog.change(oid, attributes=tuple(attributes))
