"""Whether an expression gives the same value at any time: those of indexes and of generated columns must.

From pg_proc.provolatile of the functions that read and write values of a type, equal on PostgreSQL 13 to 18.
"""

import re
from typing import Any

from ....model.plan import Relation
from ....model.schema import Enum
from ...parse import Tree, name_called, nodes_with
from ..assignment import base_of
from ..footprint import Footprint
from .tables import is_immutable

# What settings decide of how a value is written: DateStyle, TimeZone, a label's name that may change.
_WRITTEN_BY_SETTINGS = frozenset(
    {"date", "timestamp without time zone", "timestamp with time zone", "money", "regclass", "regtype", "regproc",
     "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange"}
)  # fmt: skip
_READ_BY_SETTINGS = frozenset(
    {*_WRITTEN_BY_SETTINGS, "time without time zone", "time with time zone", "interval"}
)  # fmt: skip
_TEXTS = frozenset({"text", "character varying", "character", "bpchar", "name"})
_ZONED = "timestamp with time zone"
_BY_ZONE = frozenset(
    {("timestamp without time zone", _ZONED), (_ZONED, "timestamp without time zone"), (_ZONED, "date"),
     (_ZONED, "time without time zone"), (_ZONED, "time with time zone"), ("date", _ZONED)}
)  # fmt: skip
_SPELLED = {
    "int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean", "varchar": "character varying",
    "timestamptz": _ZONED, "timestamp": "timestamp without time zone", "timetz": "time with time zone",
    "time": "time without time zone", "float8": "double precision", "float4": "real",
}  # fmt: skip
_PARTS = frozenset({"date_part", "extract", "date_trunc"})
_MODIFIER = re.compile(r"\([^)]*\)")


def is_stable(footprint: Footprint, table: Relation, tree: Tree) -> bool:
    """Say whether the server certainly refuses *tree*, over the columns of *table*, since settings decide its value."""
    if not is_immutable(tree):
        return True
    for node in nodes_with(tree, "typeName"):
        source, target = _type(footprint, table, node["arg"]), named_type(footprint, node["typeName"])
        if source is not None and target is not None and _depends(footprint, source, target):
            return True
    for node in nodes_with(tree, "funcname"):
        arguments = node.get("args", ())
        if name_called(node) in _PARTS and len(arguments) > 1:
            source = _type(footprint, table, arguments[1])
            if source == _ZONED or (source == "date" and name_called(node) == "date_trunc"):
                return True
    return False


def _depends(footprint: Footprint, source: str, target: str) -> bool:
    if (source, target) in _BY_ZONE:
        return True
    if target in _TEXTS and source not in _TEXTS:
        return source.endswith("[]") or source in _WRITTEN_BY_SETTINGS or _is_enum(footprint, source)
    if source in _TEXTS and target not in _TEXTS:
        return target.endswith("[]") or target in _READ_BY_SETTINGS or _is_enum(footprint, target)
    return False


def _is_enum(footprint: Footprint, type_: str) -> bool:
    found = footprint.type(type_)
    return found is not None and isinstance(footprint.definition(found), Enum)


def _type(footprint: Footprint, table: Relation, tree: Any) -> str | None:
    if "ColumnRef" in tree:
        fields = tree["ColumnRef"]["fields"]
        column = footprint.column(table, fields[-1].get("String", {}).get("sval", ""))
        return _MODIFIER.sub("", base_of(column.type, footprint.definition)) if column is not None else None
    if "TypeCast" in tree:
        return named_type(footprint, tree["TypeCast"]["typeName"])
    return None


def named_type(footprint: Footprint, type_: Tree) -> str | None:
    """The type that a statement names, beneath domains, without its modifier."""
    words = [each["String"].get("sval", "") for each in type_.get("names", ())]
    array = "[]" if type_.get("arrayBounds") else ""
    own = footprint.before.own_type(words)
    if own is not None:
        return base_of(".".join(own), footprint.definition) + array
    return _SPELLED.get(words[-1], words[-1]) + array if words else None
