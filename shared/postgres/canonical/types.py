"""Type names as the server's ``format_type`` spells them while search_path is pg_catalog."""

from typing import Any

from .names import Names, spelled, words

_SPELLING = {
    "bit": "bit",
    "bool": "boolean",
    "bpchar": "character",
    "char": '"char"',
    "decimal": "numeric",
    "float4": "real",
    "float8": "double precision",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "time": "time without time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone",
    "varbit": "bit varying",
    "varchar": "character varying",
}
# Of the rest, those whose arrays someone may call by their own name: _text.
_SPELT_ALIKE = frozenset(
    {"bytea", "cidr", "date", "inet", "interval", "json", "jsonb", "macaddr", "money", "name", "numeric", "oid",
     "point", "text", "tsquery", "tsvector", "uuid", "xml"}
)  # fmt: skip
SERIAL = {
    "bigserial": "bigint",
    "serial": "integer",
    "serial2": "smallint",
    "serial4": "integer",
    "serial8": "bigint",
    "smallserial": "smallint",
}

# The bits of an interval's first modifier (datetime.h), from the widest unit to the narrowest.
_INTERVAL_UNITS = (
    (1 << 2, "year"),
    (1 << 1, "month"),
    (1 << 3, "day"),
    (1 << 10, "hour"),
    (1 << 11, "minute"),
    (1 << 12, "second"),
)
_ANY_INTERVAL = 0x7FFF


def type_of(tree: dict[str, Any], names: Names, *, modified: bool = True) -> str:
    """Spell a TypeName node; arrays of any dimension get one ``[]``.

    A serial type is spelt as its integer type. Without *modified*, lengths and precisions are left out, as
    the server does for the arguments of functions.
    """
    name = words(tree["names"])
    modifiers = _modifiers(tree) if modified else []
    array = "[]" if tree.get("arrayBounds") else ""
    if len(name) == 1 and (builtin := name[0]) in SERIAL:
        return SERIAL[builtin] + array
    if len(name) == 1 and name[0].startswith("_") and is_the_servers(name[0][1:]):
        name, array = (name[0][1:],), "[]"
    if len(name) == 1 and is_the_servers(name[0]):
        return _builtin(name[0], modifiers, plain=not modified) + array
    of_percent = "%TYPE" if tree.get("pct_type") else ""
    given = f"({','.join(modifiers)})" if modifiers else ""
    return spelled(names.type(name)) + given + of_percent + array


def is_the_servers(name: str) -> bool:
    """Say whether a type of this name, alone, is one of the server's usual ones."""
    return name in _SPELLING or name in _SPELT_ALIKE


def _builtin(name: str, modifiers: list[str], *, plain: bool) -> str:
    if name == "interval":
        return _interval([int(modifier) for modifier in modifiers])
    spelling = _SPELLING.get(name, name)
    if name == "bpchar" and not modifiers and not plain:
        return "bpchar"
    if spelling == "numeric" and len(modifiers) == 1:
        modifiers = [*modifiers, "0"]
    if not modifiers:
        return spelling
    given = f"({','.join(modifiers)})"
    first, *rest = spelling.split(" ", 1)
    # "timestamp(3) without time zone", yet "character varying(40)" and "bit varying(5)".
    return f"{first}{given} {rest[0]}" if rest and rest[0].endswith("time zone") else spelling + given


def _interval(modifiers: list[int]) -> str:
    fields = modifiers[0] if modifiers else _ANY_INTERVAL
    units = [name for bit, name in _INTERVAL_UNITS if fields & bit] if fields != _ANY_INTERVAL else []
    precision = f"({modifiers[1]})" if len(modifiers) > 1 else ""
    span = " to ".join(dict.fromkeys((units[0], units[-1]))) if units else ""
    return f"interval {span}{precision}" if span else f"interval{precision}"


def _modifiers(tree: dict[str, Any]) -> list[str]:
    return [_modifier(node) for node in tree.get("typmods", ())]


def _modifier(node: dict[str, Any]) -> str:
    """A number, or a word as PostGIS has it: ``geometry(Point,4326)``."""
    if "ColumnRef" in node:
        return ".".join(words(node["ColumnRef"]["fields"]))
    constant = node.get("A_Const", {})
    if "ival" in constant:
        return str(constant["ival"].get("ival", 0))
    if "sval" in constant:
        return str(constant["sval"].get("sval", ""))
    return str(constant.get("fval", {}).get("fval", "?"))
