"""Aliases of FROM items, which have no meaning: each becomes its place.

The server prints one that nobody wrote under the table's present name, and numbers those that would be alike.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Form = list[Any]


def placed(canonical: Any) -> Any:
    """*canonical* with the alias of every FROM item, and of the columns that name it, replaced by level and place."""
    return _placed(canonical, {}, 1)


def _placed(part: Any, places: Mapping[str, str], level: int) -> Any:
    if isinstance(part, dict):
        return {field: _placed(value, places, level) for field, value in part.items()}
    if not isinstance(part, list):
        return part
    match part:
        case ["SelectStmt", dict(fields)]:
            aliases = enumerate(_aliases(fields.get("fromClause", [])), 1)
            within = {**places, **{alias: f"{level}.{number}" for number, alias in aliases}}
            return ["SelectStmt", _placed(fields, within, level + 1)]
        case ["column", str(table), str(column)]:
            return ["column", places.get(table, table), column]
        case ["relation", str(name), str(alias), *columns]:
            return ["relation", name, places.get(alias, alias), *columns]
        case ["RangeSubselect" as kind, {"alias": {"aliasname": str(alias), **rest}, **fields}]:
            named = {"aliasname": places.get(alias, alias), **rest}
            return [kind, {"alias": named, **_placed(fields, places, level)}]
    return [_placed(each, places, level) for each in part]


def _aliases(items: list[Any]) -> Iterator[str]:
    for item in items:
        match item:
            case ["relation", _, str(alias), *_]:
                yield alias
            case ["JoinExpr", dict(fields)]:
                yield from _aliases([fields["larg"], fields["rarg"]])
            case [_, {"alias": {"aliasname": str(alias)}}]:
                yield alias
