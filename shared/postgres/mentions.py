"""Which tables a statement speaks of."""

from collections.abc import Iterator
from typing import Any

from shared.postgres.parse import ParseError, parse


def tables_in(sql: str) -> frozenset[str]:
    """Give the names of all relations that *sql* mentions, without their schemas; none if it cannot be parsed."""
    try:
        return frozenset(name for statement in parse(sql) for name in _relations(statement.tree))
    except ParseError:
        return frozenset()


def _relations(tree: Any) -> Iterator[str]:
    if isinstance(tree, list):
        for item in tree:
            yield from _relations(item)
    elif isinstance(tree, dict):
        if isinstance(name := tree.get("relname"), str):
            yield name
        for value in tree.values():
            yield from _relations(value)
