"""How a column's values are kept, and the storage parameters of relations: as pg_attribute and pg_class have them."""

import re
from collections.abc import Iterable

# pg_type.typstorage of 13 to 18; what has a length of its own is never stored elsewhere.
_MAIN = frozenset({"cidr", "inet", "numeric"})
_PLAIN = frozenset(
    {'"char"', "bigint", "boolean", "box", "circle", "date", "double precision", "integer", "interval", "line", "lseg",
     "macaddr", "macaddr8", "money", "name", "oid", "pg_lsn", "point", "real", "smallint", "tid", "time", "timestamp",
     "tsquery", "uuid", "xid", "xid8"}
)  # fmt: skip
_EXTENDED = frozenset(
    {"bit", "bit varying", "bytea", "character", "character varying", "daterange", "int4range", "int8range", "json",
     "jsonb", "jsonpath", "numrange", "path", "polygon", "text", "tsrange", "tstzrange", "tsvector", "xml"}
)  # fmt: skip
# `character varying(40)`, `interval day to second(3)`, `time(3) without time zone` and the like.
_MODIFIERS = re.compile(r"\([\d,-]*\)| with(?:out)? time zone")
# Storage parameters (reloptions.c) that the server reads as booleans, however they are written.
_BOOLEANS = frozenset(
    {"autosummarize", "autovacuum_enabled", "deduplicate_items", "fastupdate", "security_barrier", "security_invoker",
     "user_catalog_table", "vacuum_truncate"}
)  # fmt: skip
_TRUE, _FALSE = frozenset({"true", "on", "yes", "1", "t", "y"}), frozenset({"false", "off", "no", "0", "f", "n"})
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def own_storage(type_name: str) -> str | None:
    """The storage that a column of *type_name* (``type_of``'s) has by itself; None where only the server knows it."""
    if type_name.endswith("[]"):
        return "extended"
    name = _MODIFIERS.sub("", type_name)
    if name in _MAIN:
        return "main"
    if name in _PLAIN or name.startswith("interval "):
        return "plain"
    return "extended" if name in _EXTENDED else None


def parameter(name: str, value: str) -> str:
    """``name=value``, with one spelling for each value: the server keeps them as they were written."""
    if name.rpartition(".")[2] in _BOOLEANS and value.lower() in _TRUE | _FALSE:
        value = "true" if value.lower() in _TRUE else "false"
    elif _NUMBER.fullmatch(value):
        number = float(value)
        value = str(int(number)) if number.is_integer() else repr(number)
    return f"{name}={value}"


def parameters(kept: Iterable[str]) -> tuple[str, ...]:
    """Those of pg_class.reloptions or pg_attribute.attoptions, sorted."""
    return tuple(sorted(parameter(*each.split("=", 1)) for each in kept))
