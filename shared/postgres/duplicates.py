"""Queries for the rows that agree in all keys of a unique index. Nothing here is ever sent to a server."""
# ruff: noqa: S608  # SQL is what this module writes, for a person to read and run

from collections.abc import Sequence

from ..model.schema import Index, IndexKey
from .canonical.sql import identifier
from .parse import Statement
from .pieces import clauses_of, items_of, pieces_of


def duplicated(table: str, keys: Sequence[str], *, predicate: str | None = None, nulls_distinct: bool = True) -> str:
    """Give the query; *keys* and *predicate* are SQL."""
    conditions = [f"{key} IS NOT NULL" for key in keys] if nulls_distinct else []
    conditions += [f"({predicate})"] if predicate is not None else []
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    columns = ", ".join(keys)
    return f"SELECT {columns}, count(*) FROM {table}{where} GROUP BY {columns} HAVING count(*) > 1;"


def of_index(index: Index) -> str:
    """Give the query for an *index* of a catalog."""
    table = ".".join(map(identifier, index.table.name))
    predicate = None if index.predicate is None else index.predicate.sql
    return duplicated(
        table, list(map(_key, index.keys)), predicate=predicate, nulls_distinct=not index.nulls_not_distinct
    )


def _key(key: IndexKey) -> str:
    if key.expression is None:
        return identifier(key.column or "")
    return f"({key.expression.sql})"


def of_statement(statement: Statement) -> str:
    """Give the query for a CREATE UNIQUE INDEX."""
    index = statement.node
    relation = index["relation"]
    behind = statement.sql.encode()[relation.get("location", 0) :].decode()
    written = items_of(_first_brackets(behind))
    keys = [
        identifier(element["IndexElem"]["name"]) if "name" in element["IndexElem"] else _expression(text)
        for element, text in zip(index["indexParams"], written, strict=True)
    ]
    table = ".".join(identifier(relation[part]) for part in ("schemaname", "relname") if part in relation)
    predicate = clauses_of(behind, ["WHERE"]).get("WHERE")
    return duplicated(table, keys, predicate=predicate, nulls_distinct=not index.get("nulls_not_distinct"))


def _first_brackets(text: str) -> str:
    """The text within the first brackets of *text*."""
    found: list[str] = []
    is_open = False
    for piece, depth in pieces_of(text):
        if is_open and depth == 0:
            break
        if is_open:
            found.append(piece)
        is_open = is_open or piece == "("
    return "".join(found)


def _expression(text: str) -> str:
    """The expression of a key: it ends with its first brackets, and an operator class or an order may follow."""
    found: list[str] = []
    for piece, depth in pieces_of(text.strip()):
        found.append(piece)
        if depth == 0 and piece == ")":
            break
    return "".join(found)
