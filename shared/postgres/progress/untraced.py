"""Settings that leave no trace in what is compared: which of them a statement sets, by names of their own.

Comments, owners, tablespaces, the index for CLUSTER where it is marked already and the like, and of materialized views
how they are stored: a statement that sets one sets all of it. Rights are granted and revoked one by one, and are not
among them.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..parse import Statement, Tree
from ..parts import without_places

# What is set, the names of its object (none where these are no plain names), and what else distinguishes it.
Setting = tuple[str, tuple[str, ...], str]

_OF_TABLE = {
    "AT_ChangeOwner": "owner", "AT_ClusterOn": "cluster",
    "AT_DropCluster": "cluster", "AT_SetLogged": "persistence", "AT_SetUnLogged": "persistence",
    "AT_SetTableSpace": "tablespace", "AT_SetAccessMethod": "access method",
}  # fmt: skip
_OF_COLUMN = {
    "AT_SetStatistics": "statistics", "AT_SetStorage": "storage", "AT_SetCompression": "compression",
}  # fmt: skip
_OPTIONS = frozenset({"AT_SetRelOptions", "AT_ResetRelOptions", "AT_SetOptions", "AT_ResetOptions"})
# How many names stand behind that of a table or type.
_WITHIN = frozenset(
    {"OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE", "OBJECT_DOMCONSTRAINT"}
)


def untraced(statement: Statement, search_path: Sequence[str]) -> frozenset[Setting]:
    """All that *statement* sets; nothing where it also does something else."""
    reader = _READERS.get(statement.kind)
    return frozenset() if reader is None else frozenset(reader(statement.node, search_path))


def _commented(node: Tree, search_path: Sequence[str]) -> Iterator[Setting]:
    yield _of_object("comment", node["objtype"], node["object"], search_path)


def _owned(node: Tree, search_path: Sequence[str]) -> Iterator[Setting]:
    yield _of_object("owner", node["objectType"], node["object"], search_path)


def _altered(node: Tree, search_path: Sequence[str]) -> Iterator[Setting]:
    relation = node["relation"]
    table = _qualified([each for each in (relation.get("schemaname"), relation["relname"]) if each], 1, search_path)
    found = [list(_of_command(each["AlterTableCmd"], table)) for each in node["cmds"]]
    if all(found):
        yield from (setting for each in found for setting in each)


def _of_command(command: Tree, table: tuple[str, ...]) -> Iterator[Setting]:
    subtype = command["subtype"]
    if (what := _OF_TABLE.get(subtype)) is not None:
        yield what, table, ""
    elif (what := _OF_COLUMN.get(subtype)) is not None and "name" in command:
        yield what, (*table, command["name"]), ""
    elif subtype in _OPTIONS:
        column = [command["name"]] if "name" in command else []
        for option in command["def"]["List"]["items"]:
            named = option["DefElem"]
            yield "option", (*table, *column), f"{named.get('defnamespace', '')}.{named['defname']}"


def _of_object(what: str, kind: str, named: Tree, search_path: Sequence[str]) -> Setting:
    items = named.get("List", {}).get("items", ())
    names = [each["String"]["sval"] for each in items if "String" in each]
    if not names or len(names) < len(items):
        return what, (), f"{kind} {json.dumps(without_places(named), sort_keys=True)}"
    return what, _qualified(names, 2 if kind in _WITHIN else 1, search_path), kind


def _qualified(names: Sequence[str], bare: int, search_path: Sequence[str]) -> tuple[str, ...]:
    """*names* with the schema that goes without saying where there are no more than *bare*."""
    return (*search_path[:1], *names) if len(names) == bare else (*names,)


_READERS: Mapping[str, Callable[[Any, Sequence[str]], Iterator[Setting]]] = {
    "AlterOwnerStmt": _owned,
    "AlterTableStmt": _altered,
    "CommentStmt": _commented,
}
