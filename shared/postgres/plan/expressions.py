"""Expressions of the catalog as trees, and the columns that a tree names."""

from typing import Any

from ..parse import Tree, nodes_with
from .called import catalog_tree
from .writing import UnwrittenError


def expression_of(meaning: str) -> Tree | None:
    """The tree of an expression that the catalog has in canonical form; None where it cannot be written."""
    try:
        return catalog_tree(meaning)
    except (UnwrittenError, RecursionError):
        return None


def columns_in(tree: Any) -> dict[str, None]:
    """The columns that an expression names."""
    found: dict[str, None] = {}
    for each in nodes_with(tree, "fields"):
        words = [field.get("String", {}).get("sval") for field in each["fields"]]
        if words and words[-1] is not None:
            found[words[-1]] = None
    return found


def is_columns_text(using: Tree | None, name: str) -> bool:
    """Say whether the value is the column's text: USING casts the column, through text or straight."""
    while using is not None and "TypeCast" in using:
        using = using["TypeCast"]["arg"]
    return using is None or [
        each.get("String", {}).get("sval") for each in using.get("ColumnRef", {}).get("fields", ())
    ] == [name]
