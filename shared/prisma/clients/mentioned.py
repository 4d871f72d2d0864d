"""What expressions and queries mention."""

import json
from collections.abc import Iterator
from typing import Any

from ...model.schema import Expression, View

# A query of these parts alone, over one relation, is one that PostgreSQL writes through.
_SIMPLE = frozenset({"fromClause", "op", "targetList", "whereClause", "limitOption"})


def mentioned_columns(expression: Expression) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_names(json.loads(expression.meaning))))


def is_simple(view: View) -> bool:
    """Say whether PostgreSQL updates the view itself: columns of one relation, each as it is."""
    query = json.loads(view.body.meaning) if view.body is not None else None
    if not isinstance(query, list) or len(query) != 2 or query[0] != "SelectStmt" or not isinstance(query[1], dict):
        return False
    parts = query[1]
    relations, targets = parts.get("fromClause", []), parts.get("targetList", [])
    is_one = len(relations) == 1 and relations[0][0] == "relation"
    return is_one and parts.keys() <= _SIMPLE and all(each[0] == "column" for each in targets)


def _names(meaning: Any) -> Iterator[str]:
    waiting = [meaning]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            if len(each) > 1 and each[0] == "column" and isinstance(each[-1], str):
                yield each[-1]
            waiting += each
        elif isinstance(each, dict):
            waiting += each.values()
