"""Expressions of checks and indexes as the server keeps them from the day on which they were made: with its casts."""

from collections.abc import Iterator
from typing import Any

from ...model.schema import Check, Definition, Index, Kind, Subject
from ..naming import unquoted
from ..parse import Tree, parse
from .assignment import base_of
from .expressions import columns_in
from .footprint import Footprint

_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_OF_ONE_TYPE = frozenset({"AEXPR_OP", "AEXPR_IN", "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT"})


def meanings(part: Definition) -> Iterator[str]:
    """The expressions of a check or an index, in canonical form."""
    if isinstance(part, Check):
        yield part.expression.meaning
    elif isinstance(part, Index):
        yield from (key.expression.meaning for key in part.keys if key.expression is not None)
        if part.predicate is not None:
            yield part.predicate.meaning


def as_kept(footprint: Footprint, expression: Tree, name: str, type_: str) -> Tree:
    """The expression as the server keeps it: with a cast where the column's type has no operators of its own.

    Constants beside the column are of its type from the day on which the expression was made.
    """
    is_domain = footprint.definition(Subject(Kind.DOMAIN, unquoted(type_))) is not None
    own = base_of(type_, footprint.definition)
    has_operators = own != "character varying"
    own = own if has_operators else "text"
    cast: Tree = parse(f"SELECT NULL::{own}")[0].node["targetList"][0]["ResTarget"]["val"]["TypeCast"]["typeName"]
    found: Tree = (
        _with_constants(expression, name, cast) if has_operators and not is_domain else _cast(expression, name, cast)
    )
    return found


def _with_constants(tree: Any, name: str, type_: Tree) -> Any:
    """Cast the constants in quotes, and NULLs, that the column is compared with."""
    if isinstance(tree, list):
        return [_with_constants(each, name, type_) for each in tree]
    if not isinstance(tree, dict):
        return tree
    node = tree.get("A_Expr", {})
    if _compares(node) and any(_is_column(node.get(side), name) for side in ("lexpr", "rexpr")):
        sides = {side: _constants(node[side], type_) for side in ("lexpr", "rexpr") if side in node}
        return {"A_Expr": {**node, **sides}}
    return {key: _with_constants(value, name, type_) for key, value in tree.items()}


def _compares(node: Tree) -> bool:
    """Say whether an operator takes two values of one type."""
    return node.get("kind") in _OF_ONE_TYPE and node["name"][-1]["String"].get("sval") in _COMPARISONS


def _is_column(tree: Any, name: str) -> bool:
    return isinstance(tree, dict) and "ColumnRef" in tree and [*columns_in(tree)] == [name]


def _constants(tree: Any, type_: Tree) -> Any:
    if isinstance(tree, list):
        return [_constants(each, type_) for each in tree]
    if isinstance(tree, dict) and "List" in tree:
        return {"List": {"items": _constants(tree["List"]["items"], type_)}}
    is_untyped = isinstance(tree, dict) and not {"sval", "isnull"}.isdisjoint(tree.get("A_Const", {}))
    return {"TypeCast": {"arg": tree, "typeName": type_}} if is_untyped else tree


def _cast(tree: Any, name: str, type_: Tree) -> Any:
    if isinstance(tree, list):
        return [_cast(each, name, type_) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if "NullTest" in tree and "ColumnRef" in tree["NullTest"]["arg"]:
        return tree
    if "ColumnRef" in tree and [*columns_in(tree)] == [name]:
        return {"TypeCast": {"arg": tree, "typeName": type_}}
    return {key: _cast(value, name, type_) for key, value in tree.items()}
