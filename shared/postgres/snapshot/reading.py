"""What the server prints, read: trees, types, expressions, and the column words that many rows share."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from ...model import schema as model
from ...model.schema import Definition, Expression, Kind, Subject
from .. import canonical
from ..canonical import AsWritten
from ..parse import Tree, parse

Row = dict[str, Any]
Described = Iterator[tuple[Subject, Definition]]

NAMES = AsWritten()
# A database says the same few types and defaults over and over.
DIFFERENT_TEXTS = 10_000
PARALLEL = {"s": "safe", "r": "restricted", "u": "unsafe"}
# What is said of an argument by pg_proc.proargmodes.
ARGUMENT_MODES: dict[str, Any] = {"i": "in", "o": "out", "b": "inout", "v": "variadic", "t": "table"}
ENABLED = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}


def value(text: str) -> Tree:
    """The tree of an expression the server printed."""
    tree: Tree = parse(f"SELECT {text}")[0].node["targetList"][0]["ResTarget"]["val"]
    return tree


def expression(text: str) -> Expression:
    return canonical.expression(value(text), NAMES)


def optional(text: str | None) -> Expression | None:
    return None if text is None else expression(text)


@lru_cache(DIFFERENT_TEXTS)
def type_of(text: str, *, modified: bool = True) -> str:
    """``format_type``'s text with names quoted as this program quotes them."""
    return canonical.type_of(value(f"NULL::{text}")["TypeCast"]["typeName"], NAMES, modified=modified)


@lru_cache(DIFFERENT_TEXTS)
def typed_default(text: str | None, type_name: str) -> tuple[Expression | None, str | None]:
    """A default, None for NULL, and its own type."""
    if text is None:
        return None, None
    tree = value(text)
    return canonical.default(tree, type_name, NAMES), canonical.kept_type(tree, type_name, NAMES)


def default(text: str | None, type_name: str) -> Expression | None:
    return typed_default(text, type_name)[0]


def collation(row: Row) -> str | None:
    return named(row.get("collation"))


def named(place: Sequence[str] | None) -> str | None:
    """Schema and name as they are spelt; what is built in goes without its schema."""
    if place is None:
        return None
    schema, name = place
    return canonical.spelled((name,) if schema == "pg_catalog" else (schema, name))


def operator_named(place: Sequence[str] | None) -> str | None:
    if place is None:
        return None
    schema, symbol = place
    return canonical.operator_name((symbol,) if schema == "pg_catalog" else (schema, symbol))


def options(row: Row) -> model.SequenceOptions:
    return model.SequenceOptions(**row)


def deferral(row: Row) -> model.Deferral:
    if row.get("deferred"):
        return model.Deferral.INITIALLY_DEFERRED
    return model.Deferral.INITIALLY_IMMEDIATE if row.get("deferrable") else model.Deferral.NOT_DEFERRABLE


def columns_in(table: Subject, tree: Any) -> tuple[Subject, ...]:
    """The columns of *table* that a definition of an index or constraint on it names."""
    return tuple(Subject(Kind.COLUMN, (*table.name, name)) for name in dict.fromkeys(_named_columns(tree)))


def _named_columns(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _named_columns(item)
    elif isinstance(node, dict):
        if "IndexElem" in node and "name" in node["IndexElem"]:
            yield node["IndexElem"]["name"]
        if "ColumnRef" in node and (words := [each for each in node["ColumnRef"]["fields"] if "String" in each]):
            yield canonical.words(words)[-1]
        for value in node.values():
            yield from _named_columns(value)
