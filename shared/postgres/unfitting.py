"""Queries for values that do not fit, each with its count: against a condition, and names like one that is missing.

Nothing here is ever sent to a server.
"""
# ruff: noqa: S608  # SQL is what this module writes, for a person to read and run

import re
from collections.abc import Collection, Iterator, Sequence

from .canonical.sql import identifier, literal
from .failing.acts import columns_in
from .parse import Tree

_TOKEN = re.compile(r"""--[^\n]*|/\*.*?\*/|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]""", re.DOTALL)


def against_check(sql: str, table: str, constraint: Tree) -> Iterator[str]:
    """Values for which the condition of a CHECK is false."""
    start = len(sql.encode()[: constraint.get("location", 0)].decode(errors="replace"))
    condition = _in_brackets(sql, sql.find("(", start))
    columns = columns_in(constraint.get("raw_expr"))
    if condition is not None and columns:
        yield grouped_by(table, columns, f"NOT (\n{condition}\n)")


def similar_objects(names: Sequence[str]) -> str:
    """What bears one of *names* in any schema and in any case: a type or an index that is missing may be near."""
    listed = ", ".join(literal(name.lower()) for name in names)
    sources = (
        ("type", "SELECT typname, typnamespace FROM pg_type"),
        ("relation", "SELECT relname, relnamespace FROM pg_class"),
        ("constraint", "SELECT conname, connamespace FROM pg_constraint"),
    )
    parts = [
        f"SELECT '{kind}' AS kind, n.nspname, o.name FROM ({source}) AS o (name, namespace)\n"
        f"JOIN pg_namespace AS n ON n.oid = o.namespace WHERE lower(o.name) IN ({listed})"
        for kind, source in sources
    ]
    return "\nUNION ALL ".join(parts) + "\nORDER BY 1, 2, 3;"


def grouped_by(table: str, columns: Sequence[str], condition: str, unequal: Collection[str] = ()) -> str:
    """Count the rows of *table* that meet *condition*, by their values; *unequal* columns have no equality: by text."""
    values = {each: f"{identifier(each)}::text" if each in unequal else identifier(each) for each in columns}
    shown = ", ".join(
        value if each not in unequal else f"{value} AS {identifier(each)}" for each, value in values.items()
    )
    by = ", ".join(values.values())
    return f"SELECT {shown}, count(*) FROM {table} WHERE {condition} GROUP BY {by} ORDER BY count(*) DESC;"


def _in_brackets(sql: str, start: int) -> str | None:
    depth = 0
    for token in _TOKEN.finditer(sql, max(start, 0)) if start >= 0 else ():
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth == 0 and token[0] == ")":
            return sql[start + 1 : token.start()]
    return None
