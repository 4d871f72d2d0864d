"""Which tables a statement names, and which it makes."""

from collections.abc import Iterator
from typing import Any

from .parse import ParseError, Statement, parse


def tables_in(sql: str) -> frozenset[str]:
    """Give the names of all relations that *sql* mentions, without their schemas; none if it cannot be parsed."""
    try:
        return frozenset(name for statement in parse(sql) for name in tables_of(statement))
    except ParseError:
        return frozenset()


def tables_of(statement: Statement) -> frozenset[str]:
    """Give the same of one *statement* that is parsed already."""
    return frozenset(_relations(statement.tree))


def makes(sql: str) -> frozenset[tuple[str, ...]]:
    """Give the relations that *sql* makes, ``(table,)``, and the columns it adds to others, ``(table, column)``."""
    try:
        return frozenset(made for statement in parse(sql) for made in made_by(statement))
    except ParseError:
        return frozenset()


def made_by(statement: Statement) -> Iterator[tuple[str, ...]]:
    """Give the same of one *statement* that is parsed already."""
    node = statement.node
    match statement.kind:
        case "CreateStmt":
            yield (node["relation"]["relname"],)
        case "ViewStmt":
            yield (node["view"]["relname"],)
        case "CreateTableAsStmt":
            yield (node["into"]["rel"]["relname"],)
        case "AlterTableStmt":
            for command in node.get("cmds", ()):
                if command["AlterTableCmd"].get("subtype") == "AT_AddColumn":
                    yield node["relation"]["relname"], command["AlterTableCmd"]["def"]["ColumnDef"]["colname"]
        case "RenameStmt":
            if node.get("renameType") == "OBJECT_TABLE":
                yield (node["newname"],)
            elif node.get("renameType") == "OBJECT_COLUMN" and "relation" in node:
                yield node["relation"]["relname"], node["newname"]


def _relations(tree: Any) -> Iterator[str]:
    if isinstance(tree, list):
        for item in tree:
            yield from _relations(item)
    elif isinstance(tree, dict):
        if isinstance(name := tree.get("relname"), str):
            yield name
        for value in tree.values():
            yield from _relations(value)
