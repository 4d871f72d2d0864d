"""DROP, of everything."""

from collections.abc import Sequence

from ..object_types import DATABASE_TYPES, METHOD_TYPES, RELATION_TYPES, SCHEMA_TYPES
from ..parse import Tree
from . import casts, operator_classes, operators, records
from .catalog import UnknownError
from .database import find
from .foreign import server
from .names import words
from .others import drop_sorted_by
from .others import find as find_named
from .records import Oid
from .state import State

_PARTS = {"OBJECT_TRIGGER": "trigger", "OBJECT_POLICY": "policy", "OBJECT_RULE": "rule"}
_TYPES = {"OBJECT_TYPE", "OBJECT_DOMAIN"}
_ROUTINES = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE"}


def drop(state: State, node: Tree) -> None:
    kind = node["removeType"]
    oids: list[Oid] = []
    missing: list[UnknownError] = []
    for each in node["objects"]:
        try:
            oid = _find(state, kind, each)
            if oid is not None:
                oids.append(oid)
        except UnknownError as error:
            missing.append(error)
    for oid in oids:
        if oid in state.catalog:  # it may have gone with one before it
            _forget_opaque(state, oid)
            operator_classes.before_drop(state, oid)
            if kind == "OBJECT_COLLATION":
                drop_sorted_by(state, oid)
            state.catalog.remove(oid)
    if missing and not node.get("missing_ok"):
        raise missing[0]


def _find(state: State, kind: str, tree: Tree) -> Oid | None:  # noqa: C901, PLR0911  (one a kind of name)
    """None for kinds that the model has no words for (conversions)."""
    if kind == "OBJECT_SCHEMA":
        return state.names.schema(tree["String"]["sval"])
    if kind in DATABASE_TYPES:
        return find(state, DATABASE_TYPES[kind].value, tree["String"]["sval"])
    if kind == "OBJECT_CAST":
        return casts.find(state, tree["List"]["items"])
    if kind == "OBJECT_OPERATOR":
        return operators.find(state, tree["ObjectWithArgs"])
    if kind in METHOD_TYPES:
        return operator_classes.find(state, METHOD_TYPES[kind], tree["List"]["items"])
    if kind in SCHEMA_TYPES:
        return find_named(state, kind, words(tree["List"]["items"]))
    if kind == "OBJECT_FOREIGN_SERVER":
        return server(state, tree["String"]["sval"])
    if kind in RELATION_TYPES:
        return state.names.relation_named(words(tree["List"]["items"]))
    if kind in _TYPES:
        return state.names.type(words(tree["TypeName"]["names"]))
    if kind in _ROUTINES:
        return state.names.routine(tree["ObjectWithArgs"])
    if kind in _PARTS:
        *relation, name = words(tree["List"]["items"])
        return _or_unknown(state.catalog.find(_PARTS[kind], state.names.relation_named(relation), name), name)
    return None


def _or_unknown(oid: Oid | None, name: str) -> Oid:
    if oid is None:
        raise UnknownError(name)
    return oid


def _forget_opaque(state: State, oid: Oid) -> None:
    """What is gone is no riddle any more, nor are its parts."""
    record = state.catalog[oid]
    if isinstance(record, records.Relation):
        forget_opaque(state, state.names.full_name(oid))
    elif isinstance(record, records.Namespace):
        forget_opaque(state, (record.name,))


def forget_opaque(state: State, name: Sequence[str]) -> None:
    for oid in state.catalog.find_all(*records.opaque_in(name)):
        state.catalog.remove(oid)
