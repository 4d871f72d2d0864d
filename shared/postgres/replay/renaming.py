"""RENAME and SET SCHEMA. Everything else refers by oid, so that one record changes, or a few."""

from ..object_types import DATABASE_TYPES, METHOD_TYPES, SCHEMA_TYPES
from ..parse import Tree
from . import not_null, operator_classes, operators, records, role_settings
from .catalog import UnknownError
from .database import find
from .foreign import server
from .names import words
from .others import find as find_named
from .others import follow_collation
from .records import Oid
from .state import State

_PARTS = {
    "OBJECT_TRIGGER": "trigger",
    "OBJECT_POLICY": "policy",
    "OBJECT_RULE": "rule",
    "OBJECT_TABCONSTRAINT": "constraint",
}
_ROUTINES = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE"}


def rename(state: State, node: Tree) -> None:  # noqa: C901, PLR0912  (one branch a kind, none nested)
    kind, new = node["renameType"], node["newname"]
    if "relation" in node and state.names.find_relation(node["relation"]) is None and node.get("missing_ok"):
        return
    if kind in ("OBJECT_COLUMN", "OBJECT_ATTRIBUTE"):
        _rename_column(state, state.names.relation(node["relation"]), node["subname"], new)
    elif kind in _PARTS:
        _rename_part(state, _PARTS[kind], state.names.relation(node["relation"]), node["subname"], new)
    elif kind == "OBJECT_ROLE":
        role_settings.rename_role(state, node["subname"], new)
    elif kind == "OBJECT_SCHEMA":
        state.catalog.change(state.names.schema(node["subname"]), name=new)
    elif kind in DATABASE_TYPES:
        _rename(state, find(state, DATABASE_TYPES[kind].value, node["object"]["String"]["sval"]), new)
    elif kind == "OBJECT_FOREIGN_SERVER":
        _rename(state, server(state, node["object"]["String"]["sval"]), new)
    elif kind in METHOD_TYPES:
        operator_classes.rename(state, METHOD_TYPES[kind], node["object"]["List"]["items"], new)
    elif kind in SCHEMA_TYPES:
        _rename_in_space(state, kind, words(node["object"]["List"]["items"]), new)
    elif kind == "OBJECT_DOMCONSTRAINT":
        domain = state.names.type(words(node["object"]["List"]["items"]))
        _rename_part(state, "constraint", domain, node["subname"], new)
    elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        _rename(state, state.names.type(words(node["object"]["List"]["items"])), new)
    elif kind in _ROUTINES:
        oid = state.names.routine(node["object"]["ObjectWithArgs"])
        state.catalog.change(oid, name=new)
    elif "relation" in node:
        relation = state.names.relation(node["relation"])
        not_null.keep_names(state, relation)
        _rename(state, relation, new)


def _rename(state: State, oid: Oid, new: str) -> None:
    """Rename what has *oid*. A relation may have a type of its rows, whose name must be free, too."""
    record = state.catalog[oid]
    for space, owner, _ in record.keys():  # noqa: SIM118  # a record is no mapping
        state.taken(space, owner, new)
    state.catalog.change(oid, name=new)


def _rename_in_space(state: State, kind: str, name: tuple[str, ...], new: str) -> None:
    oid = find_named(state, kind, name)
    old = state.names.full_name(oid)
    _rename(state, oid, new)
    if kind == "OBJECT_COLLATION":
        follow_collation(state, oid, old)


def _rename_column(state: State, relation: Oid, old: str, new: str) -> None:
    record = state.catalog[relation]
    if isinstance(record, records.View):
        columns = tuple(records.ViewColumn(new, each.type) if each.name == old else each for each in record.columns)
        state.catalog.change(relation, columns=columns)
    elif isinstance(record, records.Composite):
        attributes = tuple((new, *each[1:]) if each[0] == old else each for each in record.attributes)
        state.catalog.change(relation, attributes=attributes)
    else:
        column = state.names.column(relation, old)
        not_null.keep_names(state, relation, of=column)
        state.catalog.change(column, name=new)
        for child, _ in list(state.children(relation)):
            if state.catalog.find("column", child, old) is not None:
                _rename_column(state, child, old, new)


def _rename_part(state: State, space: str, owner: Oid, old: str, new: str) -> None:
    oid = state.catalog.find(space, owner, old)
    column = not_null.named(state, owner, old) if oid is None and space == "constraint" else None
    if column is not None:
        not_null.rename(state, owner, column, old, new)
        return
    if oid is None:
        raise UnknownError(f"{space} {old}")
    state.catalog.change(oid, name=new)
    for child, record in list(state.children(owner)):
        below = state.catalog.find(space, child, old)
        part = state.catalog.get(below, records.Record)
        inherited = isinstance(part, records.Check) and oid in part.parents
        cloned = isinstance(part, records.Trigger) and part.parent == oid and record.partition_of == owner
        if below is not None and (inherited or cloned):
            _rename_part(state, space, child, old, new)


def set_schema(state: State, node: Tree) -> None:  # noqa: C901  (one branch a kind, none nested)
    kind = node["objectType"]
    if "relation" in node:
        oid = state.names.find_relation(node["relation"])
        if oid is None:
            if node.get("missing_ok"):
                return
            oid = state.names.relation(node["relation"])
    elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        oid = state.names.type(words(node["object"]["List"]["items"]))
    elif kind in _ROUTINES:
        oid = state.names.routine(node["object"]["ObjectWithArgs"])
    elif kind == "OBJECT_OPERATOR":
        oid = operators.find(state, node["object"]["ObjectWithArgs"])
    elif kind in METHOD_TYPES:
        oid = operator_classes.find(state, METHOD_TYPES[kind], node["object"]["List"]["items"])
    elif kind in SCHEMA_TYPES:
        oid = find_named(state, kind, words(node["object"]["List"]["items"]))
    elif kind == "OBJECT_EXTENSION":
        found = state.catalog.find("extension", 0, node["object"]["String"]["sval"])
        if found is None:
            raise UnknownError("extension")
        oid = found
    else:
        return
    # Only an object of a schema has such a name: an extension has none.
    old = state.names.full_name(oid) if kind == "OBJECT_COLLATION" else ()
    _move(state, oid, state.schema_to_create_in(node["newschema"]))
    if old:
        follow_collation(state, oid, old)


def _move(state: State, oid: Oid, schema: Oid) -> None:
    """Move *oid*, and what lives in its schema only because it does."""
    state.catalog.change(oid, schema=schema)
    is_extension = isinstance(state.catalog[oid], records.Extension)
    for each, part in list(state.catalog.held(oid, records.Record)):
        # The multirange of a range stays where it is.
        of_extension = is_extension and isinstance(part, records.OtherType) and part.holder == oid
        of_table = isinstance(part, records.AnyIndex | records.Check | records.ForeignKey) and part.table == oid
        if of_extension or of_table:
            state.catalog.change(each, schema=schema)
        elif isinstance(part, records.Column) and part.table == oid:
            for sequence, _ in list(state.catalog.held(each, records.Sequence)):
                state.catalog.change(sequence, schema=schema)
