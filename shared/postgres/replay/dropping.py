"""DROP, of everything."""

from collections.abc import Sequence

from ...model.schema import Kind
from ..object_types import RELATION_TYPES
from ..parse import Tree
from . import records
from .catalog import UnknownError
from .names import words
from .records import Oid
from .world import World

_PARTS = {"OBJECT_TRIGGER": "trigger", "OBJECT_POLICY": "policy", "OBJECT_RULE": "rule"}
_TYPES = {"OBJECT_TYPE", "OBJECT_DOMAIN"}
_ROUTINES = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE"}
_RELATIONS = {**RELATION_TYPES, "OBJECT_FOREIGN_TABLE": Kind.TABLE}


def drop(world: World, node: Tree) -> None:
    kind = node["removeType"]
    oids: list[Oid] = []
    missing: list[UnknownError] = []
    for each in node["objects"]:
        try:
            oid = _find(world, kind, each)
            if oid is not None:
                oids.append(oid)
        except UnknownError as error:
            missing.append(error)
    for oid in oids:
        if oid in world.catalog:  # it may have gone with one before it
            _forget_opaque(world, oid)
            world.catalog.remove(oid)
    if missing and not node.get("missing_ok"):
        raise missing[0]


def _find(world: World, kind: str, tree: Tree) -> Oid | None:  # noqa: PLR0911  (one a kind of name)
    """None for kinds that the model has no words for (operators, casts, publications)."""
    if kind == "OBJECT_SCHEMA":
        return world.names.schema(tree["String"]["sval"])
    if kind == "OBJECT_EXTENSION":
        return _or_unknown(world.catalog.find("extension", 0, tree["String"]["sval"]), tree["String"]["sval"])
    if kind in _RELATIONS:
        return world.names.relation_named(words(tree["List"]["items"]))
    if kind in _TYPES:
        return world.names.type(words(tree["TypeName"]["names"]))
    if kind in _ROUTINES:
        return world.names.routine(tree["ObjectWithArgs"])
    if kind in _PARTS:
        *relation, name = words(tree["List"]["items"])
        return _or_unknown(world.catalog.find(_PARTS[kind], world.names.relation_named(relation), name), name)
    return None


def _or_unknown(oid: Oid | None, name: str) -> Oid:
    if oid is None:
        raise UnknownError(name)
    return oid


def _forget_opaque(world: World, oid: Oid) -> None:
    """What is gone is no riddle any more, nor are its parts."""
    record = world.catalog[oid]
    if isinstance(record, records.Relation):
        forget_opaque(world, world.names.full_name(oid))
    elif isinstance(record, records.Namespace):
        forget_opaque(world, (record.name,))


def forget_opaque(world: World, name: Sequence[str]) -> None:
    for oid in world.catalog.find_all(*records.opaque_in(name)):
        world.catalog.remove(oid)
