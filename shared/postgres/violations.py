"""Which rows stand in a statement's way: a query that finds them, from the statement and the error it met.

Names come out of a parsed statement and are quoted; nothing here is ever sent to a server.
"""
# ruff: noqa: S608  # SQL is what this module writes, for a person to read and run

from collections.abc import Callable, Iterator
from typing import Any

from shared.postgres.canonical.sql import identifier
from shared.postgres.parse import ParseError, Tree, parse

_UNIQUE, _NOT_NULL, _FOREIGN_KEY = "23505", "23502", "23503"


def query_for_violations(sql: str, sqlstate: str | None) -> str | None:
    """Give a query for the rows that made *sql* fail with *sqlstate*; None where no likely one is known.

    It counts and names keys; it is for a person to run, and never run by the monitor.
    """
    finder = _FINDERS.get(sqlstate or "")
    if finder is None:
        return None
    try:
        statements = parse(sql)
    except ParseError:
        return None
    return next((query for statement in statements for query in finder(statement.tree)), None)


def _duplicates(tree: Tree) -> Iterator[str]:
    """Rows that agree in the columns of a unique index, or of a unique or primary key."""
    if "IndexStmt" in tree:
        index = tree["IndexStmt"]
        keys = [element["IndexElem"].get("name") for element in index.get("indexParams", ())]
        if all(keys) and "whereClause" not in index:
            yield _duplicated(_table(index["relation"]), keys)
    for relation, command in _commands(tree):
        constraint = command.get("def", {}).get("Constraint", {})
        if constraint.get("contype") in {"CONSTR_UNIQUE", "CONSTR_PRIMARY"} and constraint.get("keys"):
            yield _duplicated(_table(relation), [key["String"]["sval"] for key in constraint["keys"]])


def _duplicated(table: str, keys: list[str]) -> str:
    columns = ", ".join(map(identifier, keys))
    not_null = " AND ".join(f"{identifier(key)} IS NOT NULL" for key in keys)
    return f"SELECT {columns}, count(*) FROM {table} WHERE {not_null} GROUP BY {columns} HAVING count(*) > 1;"


def _nulls(tree: Tree) -> Iterator[str]:
    """Rows without a value where one must be; every row, for a new column without a default."""
    for relation, command in _commands(tree):
        kind = command.get("subtype")
        if kind == "AT_SetNotNull":
            yield f"SELECT count(*) FROM {_table(relation)} WHERE {identifier(command['name'])} IS NULL;"
        elif kind == "AT_AddColumn" and _is_not_null(command["def"]["ColumnDef"]):
            yield f"SELECT count(*) FROM {_table(relation)};"


def _is_not_null(column: Tree) -> bool:
    kinds = {constraint["Constraint"]["contype"] for constraint in column.get("constraints", ())}
    return "CONSTR_NOTNULL" in kinds or "CONSTR_PRIMARY" in kinds


def _orphans(tree: Tree) -> Iterator[str]:
    """Rows that refer to what is not there."""
    for relation, command in _commands(tree):
        constraint = command.get("def", {}).get("Constraint", {})
        if constraint.get("contype") != "CONSTR_FOREIGN" or not constraint.get("pk_attrs"):
            continue
        ours = [identifier(key["String"]["sval"]) for key in constraint["fk_attrs"]]
        theirs = [identifier(key["String"]["sval"]) for key in constraint["pk_attrs"]]
        same = " AND ".join(f"p.{their} = c.{our}" for our, their in zip(ours, theirs, strict=True))
        given = " AND ".join(f"c.{our} IS NOT NULL" for our in ours)
        yield (
            f"SELECT {', '.join(f'c.{our}' for our in ours)}, count(*) FROM {_table(relation)} AS c WHERE {given} "
            f"AND NOT EXISTS (SELECT FROM {_table(constraint['pktable'])} AS p WHERE {same}) "
            f"GROUP BY {', '.join(f'c.{our}' for our in ours)};"
        )


_FINDERS: dict[str, Callable[[Tree], Iterator[str]]] = {_UNIQUE: _duplicates, _NOT_NULL: _nulls, _FOREIGN_KEY: _orphans}


def _commands(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """The commands of an ALTER TABLE, each with the table."""
    alter: Any = tree.get("AlterTableStmt", {})
    for command in alter.get("cmds", ()):
        yield alter["relation"], command["AlterTableCmd"]


def _table(relation: Tree) -> str:
    parts = [relation[part] for part in ("schemaname", "relname") if part in relation]
    return ".".join(map(identifier, parts))
