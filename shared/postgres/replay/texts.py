"""Text that a DO block puts together out of constants: what its EXECUTE will run is known in advance."""

from collections.abc import Callable, Mapping
from typing import Any

from ..canonical.names import delimited
from ..parse import ParseError, Tree, parse
from .names import words

# Stands in a text for a part that is put in from rows. Bare and quoted it is the same name, and nobody's.
UNKNOWN = "migration_monitor_any"


def constant_text(sql: str, known: Mapping[str, str]) -> str | None:
    """The value of a PL/pgSQL expression, None unless it follows from constants and *known* variables."""
    tree = _expression(sql)
    return None if tree is None else _text(tree, known)


def text_of(tree: Tree, known: Mapping[str, str]) -> str | None:
    """As ``constant_text``, of a tree."""
    return _text(tree, known)


def template_of(sql: str, known: Mapping[str, str]) -> str | None:
    """The value of a PL/pgSQL expression with `UNKNOWN` for each part that is not constant; None if nothing is."""
    tree = _expression(sql)
    text = None if tree is None else _text(tree, known, UNKNOWN)
    return None if text is None or text.strip().strip('"') == UNKNOWN else text


def constant_array(sql: str, known: Mapping[str, str]) -> list[str] | None:
    """The elements of ``ARRAY['a', 'b']``, None unless every one of them is constant."""
    tree = _expression(sql) or {}
    elements = tree.get("TypeCast", {}).get("arg", tree).get("A_ArrayExpr", {}).get("elements", ())
    texts = [text for text in (_text(each, known) for each in elements) if text is not None]
    return texts if elements and len(texts) == len(elements) else None


def _expression(sql: str) -> Tree | None:
    try:
        (statement,) = parse(f"SELECT {sql}")
        tree: Tree = statement.node["targetList"][0]["ResTarget"]["val"]
    except (ParseError, ValueError, LookupError):
        return None
    return tree


def _text(tree: Any, known: Mapping[str, str], unknown: str | None = None) -> str | None:
    """The text that an expression makes; *unknown* replaces what is not constant in it."""
    text = _constant_text(tree, known, unknown)
    return unknown if text is None else text


def _constant_text(  # noqa: PLR0911  (one a kind of expression)
    tree: Any, known: Mapping[str, str], unknown: str | None
) -> str | None:
    ((kind, node),) = tree.items()
    match kind:
        case "A_Const" if "sval" in node:
            return str(node["sval"].get("sval", ""))
        case "A_Const" if "ival" in node:
            return str(node["ival"].get("ival", 0))
        case "ColumnRef" if len(node["fields"]) == 1:
            return known.get(words(node["fields"])[0])
        case "ParamRef":
            return known.get(f"${node.get('number', 0)}")
        case "TypeCast":
            return _text(node["arg"], known, unknown)
        case "SQLValueFunction" if node.get("op") == "SVFOP_CURRENT_SCHEMA":
            return known.get("current_schema")
        case "A_Expr" if words(node["name"]) == ("||",):
            return _called("concat", [node["lexpr"], node["rexpr"]], known, unknown)
        case "FuncCall":
            return _called(words(node["funcname"])[-1], node.get("args", ()), known, unknown)
    return None


def _called(name: str, trees: Any, known: Mapping[str, str], unknown: str | None) -> str | None:
    arguments = [text for text in (_text(each, known, unknown) for each in trees) if text is not None]
    function = _FUNCTIONS.get(name)
    return function(arguments) if function is not None and arguments and len(arguments) == len(trees) else None


def _formatted(arguments: list[str]) -> str | None:
    """``format('ALTER TABLE %I …', name)``: %s, %I and %L in turn; None for anything finer."""
    parts = arguments[0].replace("%%", "\0").split("%")
    text, rest = parts[0], arguments[1:]
    for part in parts[1:]:
        if part[:1] not in _PLACES or not rest:
            return None
        text += _PLACES[part[0]](rest.pop(0)) + part[1:]
    return text.replace("\0", "%")


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


_PLACES: dict[str, Callable[[str], str]] = {"s": str, "I": delimited, "L": _literal}
_FUNCTIONS: dict[str, Callable[[list[str]], str | None]] = {
    "concat": "".join,
    "format": _formatted,
    "lower": lambda arguments: arguments[0].lower(),
    "quote_ident": lambda arguments: delimited(arguments[0]),
    "quote_literal": lambda arguments: _literal(arguments[0]),
    "upper": lambda arguments: arguments[0].upper(),
}
