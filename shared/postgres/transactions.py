"""Which statements PostgreSQL refuses inside a transaction, or together in one."""

from collections.abc import Iterable
from typing import Any

from shared.postgres.parse import ParseError, Tree, parse

# Refused in a transaction block whatever they say.
_NEVER_WITHIN = {
    "TransactionStmt", "VacuumStmt", "ClusterStmt", "CreatedbStmt", "DropdbStmt", "AlterSystemStmt",
    "CreateTableSpaceStmt", "DropTableSpaceStmt",
}  # fmt: skip


def needs_no_transaction(statements: Iterable[str]) -> bool:
    """Say whether *statements* must not be sent as one transaction.

    Some bring their own (COMMIT), some refuse any (CREATE INDEX CONCURRENTLY), and a value that ALTER
    TYPE adds to an enum may be used only after its transaction has ended.
    """
    return any(_refuses(statement.tree) for text in statements for statement in _parsed(text))


def _parsed(text: str) -> list[Any]:
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
