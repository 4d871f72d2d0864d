"""Aliases of FROM items, which have no meaning: each becomes its place.

The server prints one that nobody wrote under the table's present name, and numbers those that would be alike.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Form = list[Any]


def placed(canonical: Any) -> Any:
    """*canonical* with the alias of every FROM item, and of the columns that name it, replaced by level and place."""
    return _placed(canonical, {}, 1)


def _placed(part: Any, places: Mapping[str, str], level: int) -> Any:  # noqa: PLR0911  (one a form)
    if isinstance(part, dict):
        return {field: _placed(value, places, level) for field, value in part.items()}
    if not isinstance(part, list):
        return part
    head = part[0] if part and isinstance(part[0], str) else ""
    if head == "SelectStmt":
        aliases = enumerate(_aliases(part[1].get("fromClause", [])), 1)
        within = {**places, **{alias: f"{level}.{number}" for number, alias in aliases}}
        return [head, _placed(part[1], within, level + 1)]
    if head == "column" and len(part) > 2:
        return [head, places.get(part[1], part[1]), *part[2:]]
    if head == "relation":
        return [head, part[1], places.get(part[2], part[2]), *part[3:]]
    if head == "RangeSubselect" and "alias" in part[1]:
        fields = _placed(part[1], places, level)
        alias = fields["alias"]["aliasname"]
        return [head, {**fields, "alias": {**fields["alias"], "aliasname": places.get(alias, alias)}}]
    return [_placed(each, places, level) for each in part]


def _aliases(items: list[Form]) -> Iterator[str]:
    for item in items:
        if item[0] == "relation":
            yield item[2]
        elif item[0] == "JoinExpr":
            yield from _aliases([item[1]["larg"], item[1]["rarg"]])
        elif "alias" in item[1]:
            yield item[1]["alias"]["aliasname"]
