"""Which values of a column do not fit: another type, a shorter one, an enum's labels, a check. Each with its count.

By predicates that every supported server knows, and only where what is cast is the column itself: another expression
may be anything. Nothing here is ever sent to a server.
"""
# ruff: noqa: S608  # SQL is what this module writes, for a person to read and run

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.postgres.canonical.sql import identifier, literal
from shared.postgres.failing.acts import columns_in
from shared.postgres.parse import Tree

_RANGES = {"int2": (-(2**15), 2**15 - 1), "int4": (-(2**31), 2**31 - 1), "int8": (-(2**63), 2**63 - 1)}
_NUMBER = r"^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$"
_NOT = {
    "int2": r"^\s*[-+]?[0-9]+\s*$",
    "int4": r"^\s*[-+]?[0-9]+\s*$",
    "int8": r"^\s*[-+]?[0-9]+\s*$",
    "numeric": rf"{_NUMBER}|^\s*([nN][aA][nN]|[-+]?[iI][nN][fF]([iI][nN][iI][tT][yY])?)\s*$",
    "uuid": r"^(\{[0-9a-fA-F]{4}(-?[0-9a-fA-F]{4}){7}\}|[0-9a-fA-F]{4}(-?[0-9a-fA-F]{4}){7})$",
    "bool": r"^\s*([tT]([rR]([uU]([eE])?)?)?|[fF]([aA]([lL]([sS]([eE])?)?)?)?|[yY]([eE]([sS])?)?|[nN]([oO])?"
    r"|[oO][nN]|[oO][fF]([fF])?|0|1)\s*$",
}
_CLIPPED = {"varchar", "bpchar"}
_TOKEN = re.compile(r"""--[^\n]*|/\*.*?\*/|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]""", re.DOTALL)


def not_of_type(table: str, command: Tree, enums: Mapping[str, Sequence[str]], *, too_big: bool) -> Iterator[str]:
    """Values that ALTER COLUMN … TYPE cannot turn into the new type; *too_big*: those outside of its range."""
    definition = command.get("def", {}).get("ColumnDef", {})
    column, name = command.get("name", ""), _type_name(definition)
    if command.get("subtype") != "AT_AlterColumnType" or not _is_cast_of(definition.get("raw_default"), column):
        return
    value = f"{identifier(column)}::text"
    if name in _RANGES and too_big:
        low, high = _RANGES[name]
        within = f"round({value}::numeric) BETWEEN {low} AND {high}"
        yield _grouped(table, column, f"CASE WHEN {value} ~ {literal(_NUMBER)} THEN NOT {within} ELSE false END")
    elif name in _NOT and not too_big:
        yield _grouped(table, column, f"{value} !~ {literal(_NOT[name])}")
    elif "." not in name and name in enums:
        yield _grouped(table, column, f"{value} NOT IN ({', '.join(map(literal, enums[name]))})")


def not_a_label(table: str, command: Tree) -> Iterator[str]:
    """Values that an enum which is there lacks."""
    definition = command.get("def", {}).get("ColumnDef", {})
    column = command.get("name", "")
    if command.get("subtype") != "AT_AlterColumnType" or not _is_cast_of(definition.get("raw_default"), column):
        return
    words = [each["String"]["sval"] for each in definition["typeName"]["names"]]
    regtype = f"{literal('.'.join(map(identifier, words)))}::regtype"
    labels = f"SELECT enumlabel FROM pg_enum WHERE enumtypid = {regtype}"
    yield _grouped(table, column, f"{identifier(column)}::text NOT IN ({labels})")


def too_long(table: str, command: Tree) -> Iterator[str]:
    """Values longer than the new length; blanks at the end are cut off without an error."""
    definition = command.get("def", {}).get("ColumnDef", {})
    column = command.get("name", "")
    if command.get("subtype") != "AT_AlterColumnType" or "raw_default" in definition:
        return  # an explicit cast cuts in silence
    modifiers = definition["typeName"].get("typmods", [])
    if _type_name(definition) not in _CLIPPED or not modifiers:
        return
    length = modifiers[0]["A_Const"]["ival"].get("ival", 0)
    yield _grouped(table, column, f"char_length(rtrim({identifier(column)}::text, ' ')) > {length}")


def against_check(sql: str, table: str, constraint: Tree) -> Iterator[str]:
    """Values for which the condition of a CHECK is false."""
    start = len(sql.encode()[: constraint.get("location", 0)].decode(errors="replace"))
    condition = _in_brackets(sql, sql.find("(", start))
    columns = columns_in(constraint.get("raw_expr"))
    if condition is not None and columns:
        yield _grouped_by(table, columns, f"NOT (\n{condition}\n)")


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


def _grouped(table: str, column: str, condition: str) -> str:
    return _grouped_by(table, (column,), condition)


def _grouped_by(table: str, columns: Sequence[str], condition: str) -> str:
    listed = ", ".join(map(identifier, columns))
    return f"SELECT {listed}, count(*) FROM {table} WHERE {condition} GROUP BY {listed} ORDER BY count(*) DESC;"


def _type_name(definition: Tree) -> str:
    tree = definition.get("typeName", {})
    words = [each["String"].get("sval", "") for each in tree.get("names", ())]
    if tree.get("arrayBounds"):
        return ""
    return ".".join(words[1:] if words[:1] == ["pg_catalog"] else words)


def _is_cast_of(expression: Any, column: str) -> bool:
    """Say whether *expression* is *column*, through text or straight; the statement's own cast where there is none."""
    while expression is not None and "TypeCast" in expression:
        expression = expression["TypeCast"]["arg"]
    if expression is None:
        return True
    fields = expression.get("ColumnRef", {}).get("fields", ())
    return [each.get("String", {}).get("sval") for each in fields] == [column]


def _in_brackets(sql: str, start: int) -> str | None:
    depth = 0
    for token in _TOKEN.finditer(sql, max(start, 0)) if start >= 0 else ():
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth == 0 and token[0] == ")":
            return sql[start + 1 : token.start()]
    return None
