"""Which statements PostgreSQL refuses inside a transaction, or together in one."""

from collections.abc import Container, Iterable
from typing import Any

from .parse import ParseError, Tree, nodes_with, parse

# Refused in a transaction block whatever they say.
_NEVER_WITHIN = {
    "TransactionStmt", "VacuumStmt", "ClusterStmt", "CreatedbStmt", "DropdbStmt", "AlterSystemStmt",
    "CreateTableSpaceStmt", "DropTableSpaceStmt",
}  # fmt: skip
# None of them takes a lock on a table above ShareUpdateExclusive.
_WEAK = {
    "CommentStmt", "CopyStmt", "DeleteStmt", "InsertStmt", "MergeStmt", "SelectStmt", "TransactionStmt", "UpdateStmt",
    "VariableSetStmt",
}  # fmt: skip
# Functions of the server that migrations call for what they do; pg_… aside.
_OF_SERVER = frozenset({"currval", "lastval", "nextval", "now", "set_config", "setval"})
_WEAK_CONCURRENTLY = {"IndexStmt", "DropStmt", "ReindexStmt"}


def needs_no_transaction(statements: Iterable[str], unread: Container[str] = ()) -> bool:
    """Say whether *statements* must not be sent as one transaction.

    Some bring their own (COMMIT), some refuse any (CREATE INDEX CONCURRENTLY), and a value that ALTER
    TYPE adds to an enum may be used only after its transaction has ended. Those *unread* are not parsed here either.
    """
    return any(_refuses(statement.tree) for text in statements for statement in _parsed(text, unread))


def blocks_others(statements: Iterable[str], unread: Container[str] = ()) -> bool:
    """Say whether one of *statements* may take a lock above ShareUpdateExclusive; what is *unread* may."""
    found = [_parsed(text, unread) for text in statements]
    return not all(found) or any(_excludes(statement.tree) for each in found for statement in each)


def _excludes(tree: Tree) -> bool:
    kind, node = next(iter(tree.items()))
    if kind == "VacuumStmt":
        return any(option["DefElem"]["defname"] == "full" for option in node.get("options", ()))
    if kind == "SelectStmt" and "fromClause" not in node:
        return any(_may_be_a_program(call["funcname"]) for call in nodes_with(node, "funcname"))
    return kind not in _WEAK and not (kind in _WEAK_CONCURRENTLY and _refuses(tree))


def _may_be_a_program(name: list[Tree]) -> bool:
    """Say whether SELECT name() may run whatever its owner wrote: DDL, too."""
    word: str = name[-1]["String"]["sval"]
    return word not in _OF_SERVER and not word.startswith("pg_")


def _parsed(text: str, unread: Container[str]) -> list[Any]:
    if text in unread:
        return []
    try:
        return list(parse(text))
    except ParseError:
        return []


def _refuses(tree: Tree) -> bool:
    kind, node = next(iter(tree.items()))
    if kind in _NEVER_WITHIN:
        return True
    if kind in {"IndexStmt", "DropStmt"}:
        return bool(node.get("concurrent"))
    if kind == "ReindexStmt":
        return any(parameter["DefElem"]["defname"] == "concurrently" for parameter in node.get("params", ()))
    return kind == "AlterEnumStmt" and "oldVal" not in node
