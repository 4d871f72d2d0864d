"""Defaults in the way of a type: one that was set since is dropped before the column's type changes, and set again."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..model.progress import StatementProgress, StatementState
from ..postgres.canonical.sql import identifier
from ..postgres.parse import ParseError
from ..postgres.reading_again import read_again

_TYPE, _DEFAULT = "AT_AlterColumnType", "AT_ColumnDefault"


def in_the_way(statement: StatementProgress, later: Sequence[StatementProgress]) -> list[StatementProgress]:
    """Those of the *later* statements of its script that set the default of a column whose type *statement* changes.

    They ran before it. PostgreSQL casts no default to a new type by USING: it ends with 42804, "default for column …
    cannot be cast automatically".
    """
    changed = set(_columns(statement, _TYPE))
    there = (each for each in later if each.state is StatementState.PRESENT) if changed else ()
    return [each for each in there if not changed.isdisjoint(_columns(each, _DEFAULT))]


def without(statement: StatementProgress, later: Sequence[StatementProgress]) -> list[str]:
    """The SQL of *statement*, with the defaults that are *in_the_way* dropped before and set again after it."""
    setting = in_the_way(statement, later)
    columns = dict.fromkeys(column for each in setting for column in _columns(each, _DEFAULT))
    dropping = [f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT" for table, column in columns]
    return [*dropping, statement.due, *(each.sql for each in setting)]


def _columns(statement: StatementProgress, subtype: str) -> Iterator[tuple[str, str]]:
    """Table and column, quoted, of each command of that *subtype*."""
    try:
        parsed = read_again(statement)
    except ParseError:
        return
    for each in parsed:
        if each.kind == "AlterTableStmt":
            table = _name(each.node["relation"])
            for command in each.node["cmds"]:
                if command["AlterTableCmd"]["subtype"] == subtype:
                    yield table, identifier(command["AlterTableCmd"]["name"])


def _name(relation: dict[str, Any]) -> str:
    return ".".join(identifier(relation[part]) for part in ("schemaname", "relname") if part in relation)
