"""RENAME and SET SCHEMA. Everything else refers by oid, so that one record changes, or a few."""

from ..parse import Tree
from . import records
from .catalog import UnknownError
from .names import words
from .records import Oid
from .world import World

_PARTS = {
    "OBJECT_TRIGGER": "trigger",
    "OBJECT_POLICY": "policy",
    "OBJECT_RULE": "rule",
    "OBJECT_TABCONSTRAINT": "constraint",
}
_ROUTINES = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"}


def rename(world: World, node: Tree) -> None:
    kind, new = node["renameType"], node["newname"]
    if "relation" in node and world.names.find_relation(node["relation"]) is None and node.get("missing_ok"):
        return
    if kind in ("OBJECT_COLUMN", "OBJECT_ATTRIBUTE"):
        _rename_column(world, world.names.relation(node["relation"]), node["subname"], new)
    elif kind in _PARTS:
        _rename_part(world, _PARTS[kind], world.names.relation(node["relation"]), node["subname"], new)
    elif kind == "OBJECT_SCHEMA":
        world.catalog.change(world.names.schema(node["subname"]), name=new)
    elif kind == "OBJECT_DOMCONSTRAINT":
        domain = world.names.type(words(node["object"]["List"]["items"]))
        _rename_part(world, "constraint", domain, node["subname"], new)
    elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        world.catalog.change(world.names.type(words(node["object"]["List"]["items"])), name=new)
    elif kind in _ROUTINES:
        oid = world.names.routine(node["object"]["ObjectWithArgs"])
        world.catalog.change(oid, name=new)
    elif "relation" in node:
        world.catalog.change(world.names.relation(node["relation"]), name=new)


def _rename_column(world: World, relation: Oid, old: str, new: str) -> None:
    record = world.catalog[relation]
    if isinstance(record, records.View):
        columns = tuple(records.ViewColumn(new, each.type) if each.name == old else each for each in record.columns)
        world.catalog.change(relation, columns=columns)
    elif isinstance(record, records.Composite):
        attributes = tuple((new, *each[1:]) if each[0] == old else each for each in record.attributes)
        world.catalog.change(relation, attributes=attributes)
    else:
        world.catalog.change(world.names.column(relation, old), name=new)
        for child, _ in list(world.children(relation)):
            if world.catalog.find("column", child, old) is not None:
                _rename_column(world, child, old, new)


def _rename_part(world: World, space: str, owner: Oid, old: str, new: str) -> None:
    oid = world.catalog.find(space, owner, old)
    if oid is None:
        raise UnknownError(f"{space} {old}")
    world.catalog.change(oid, name=new)
    for child, record in list(world.children(owner)):
        below = world.catalog.find(space, child, old)
        part = world.catalog.get(below, records.Record)
        inherited = isinstance(part, records.Check) and oid in part.parents
        cloned = isinstance(part, records.Trigger) and part.parent == oid and record.partition_of == owner
        if below is not None and (inherited or cloned):
            _rename_part(world, space, child, old, new)


def set_schema(world: World, node: Tree) -> None:
    kind = node["objectType"]
    if "relation" in node:
        oid = world.names.find_relation(node["relation"])
        if oid is None:
            if node.get("missing_ok"):
                return
            oid = world.names.relation(node["relation"])
    elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        oid = world.names.type(words(node["object"]["List"]["items"]))
    elif kind in _ROUTINES:
        oid = world.names.routine(node["object"]["ObjectWithArgs"])
    elif kind == "OBJECT_EXTENSION":
        found = world.catalog.find("extension", 0, node["object"]["String"]["sval"])
        if found is None:
            raise UnknownError("extension")
        oid = found
    else:
        return
    schema = world.schema_to_create_in(node["newschema"])
    _move(world, oid, schema)


def _move(world: World, oid: Oid, schema: Oid) -> None:
    """Move *oid*, and what lives in its schema only because it does."""
    world.catalog.change(oid, schema=schema)
    for each, part in list(world.catalog.held(oid, records.Record)):
        of_extension = isinstance(part, records.OtherType) and part.extension == oid
        if of_extension or (
            isinstance(part, records.AnyIndex | records.Check | records.ForeignKey) and part.table == oid
        ):
            world.catalog.change(each, schema=schema)
        elif isinstance(part, records.Column) and part.table == oid:
            for sequence, _ in list(world.catalog.held(each, records.Sequence)):
                world.catalog.change(sequence, schema=schema)
