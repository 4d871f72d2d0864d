"""The type of a default as the server keeps it: before the cast to its column's type, which nobody wrote.

When the type of the column changes, it is the kept type that must have a cast to the new one (ATExecAlterColumnType in
tablecmds.c). DEFAULT NULL is dropped, but not where a cast stands around the NULL: to a length or a precision, to a
domain, to another type (AddRelationNewConstraints in heap.c).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from .names import Names, words
from .types import type_of

Tree = dict[str, Any]

_WORDS = {
    "CURRENT_DATE": "date",
    "CURRENT_TIME": "time with time zone",
    "CURRENT_TIMESTAMP": "timestamp with time zone",
    "LOCALTIME": "time without time zone",
    "LOCALTIMESTAMP": "timestamp without time zone",
}
_FUNCTIONS = {
    **dict.fromkeys(
        ("now", "clock_timestamp", "statement_timestamp", "transaction_timestamp"), "timestamp with time zone"
    ),
    "gen_random_uuid": "uuid",
    "nextval": "bigint",
}
_BIGINT = 1 << 63
_MEASURE = re.compile(r"\([^)]*\)")


def keeps_null(tree: Tree, column: str, base: str, names: Names) -> bool:
    """Say whether DEFAULT *tree*, a NULL, is kept. *column* is the column's type, *base* the one beneath domains."""
    if column != base or _is_measured(base):
        return True
    written = type_of(tree["TypeCast"]["typeName"], names) if "TypeCast" in tree else None
    return written is not None and (written != base or _is_measured(written))


def is_null(tree: Tree) -> bool:
    """Say whether a default is NULL, cast or not."""
    return bool(tree.get("TypeCast", {}).get("arg", tree).get("A_Const", {}).get("isnull"))


def kept_type(tree: Tree, base: str, names: Names) -> str | None:
    """The type, without its length, of the default *tree* of a column of type *base*; None where it is not known."""
    (kind, node), *_ = tree.items()
    reader = _READERS.get(kind)
    return reader(node, base, names) if reader is not None else None


def _constant(constant: Tree, base: str, _: Names) -> str:
    if "ival" in constant:
        return "integer"
    if "boolval" in constant:
        return "boolean"
    if "bsval" in constant:
        return "bit"
    if "fval" in constant:
        value = constant["fval"].get("fval", "")
        return "bigint" if value.lstrip("-").isdigit() and abs(int(value)) < _BIGINT else "numeric"
    return _plain(base)


def _plain(type_: str) -> str:
    element = "interval" if type_.startswith("interval") else _MEASURE.sub("", type_).removesuffix("[]")
    return ("bpchar" if element == "character" else element) + ("[]" if type_.endswith("[]") else "")


def _is_measured(type_: str) -> bool:
    """Say whether a value is cast to the type's length or precision; the server reads an interval's at once."""
    return "(" in type_ and (not type_.startswith("interval") or type_.endswith("[]"))


def _cast(node: Tree, _: str, names: Names) -> str:
    return _plain(type_of(node["typeName"], names))


def _collated(node: Tree, base: str, names: Names) -> str | None:
    return kept_type(node["arg"], base, names)


def _word(node: Tree, _: str, __: Names) -> str:
    return _WORDS.get(node["op"].removeprefix("SVFOP_").removesuffix("_N"), "name")


def _array(node: Tree, _: str, names: Names) -> str | None:
    """Constants in quotes are texts there."""
    elements = {kept_type(each, "text", names) for each in node.get("elements", ())}
    only = elements.pop() if len(elements) == 1 else None
    return f"{only.removesuffix('[]')}[]" if only is not None else None


def _call(node: Tree, _: str, __: Names) -> str | None:
    name = words(node["funcname"])
    return _FUNCTIONS.get(name[-1]) if name[:-1] in ((), ("pg_catalog",)) else None


_READERS: Mapping[str, Callable[[Any, str, Names], str | None]] = {
    "A_ArrayExpr": _array,
    "A_Const": _constant,
    "CollateClause": _collated,
    "FuncCall": _call,
    "SQLValueFunction": _word,
    "TypeCast": _cast,
}
