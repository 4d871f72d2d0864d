"""A statement under the names that its relations have got since it was written."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from .canonical.sql import identifier, literal
from .naming import unquoted
from .parse import ParseError, Statement, name_called, nodes_with, read

# A relation's old name and its new one.
Renamed = tuple[str, str]

_NAME = rb'"(?:[^"]|"")*"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*'
_QUALIFIED = re.compile(rb"(?:(?:%b)\s*\.\s*)?(%b)" % (_NAME, _NAME))
_BEFORE_A_COLUMN = re.compile(rb"(?:(?:%b)\s*\.\s*)?(%b)\s*\.\s*(?:%b|\*)" % (_NAME, _NAME, _NAME))

_CONSTANT = re.compile(rb"'(?:[^']|'')*'")
_OF_SEQUENCES = frozenset({"currval", "nextval", "setval"})


def relation_renamed(statement: Statement) -> Renamed | None:
    """What ``ALTER TABLE … RENAME TO`` renames: a table, a view, an index, a sequence."""
    node = statement.node
    if statement.kind != "RenameStmt" or "relation" not in node or "subname" in node:
        return None
    return node["relation"]["relname"], node["newname"]


def under_new_names(sql: str, renamed: Sequence[Renamed]) -> str:
    """*sql* with the names that its relations have after they were *renamed*, one after the other."""
    for old, new in renamed:
        if old in sql:
            sql = _with_name(sql, old, new)
    return sql


def _with_name(sql: str, old: str, new: str) -> str:
    try:
        statements = list(read(sql))
    except ParseError:
        return sql
    text = sql.encode()
    places = {(*each, identifier(new)) for one in statements for each in _places(one, text, old)}
    places |= {each for one in statements for each in _constants(one, text, old, new)}
    for start, end, name in sorted(places, reverse=True):
        text = text[:start] + name.encode() + text[end:]
    return text.decode()


def _places(statement: Statement, text: bytes, old: str) -> Iterator[tuple[int, int]]:
    """Where *old* stands as the name of a relation."""
    for node in nodes_with(statement.tree, "relname"):
        if node["relname"] == old and (found := _QUALIFIED.match(text, _at(statement, node))) is not None:
            yield found.span(1)
    for node in nodes_with(statement.tree, "fields"):
        if _is_of(node["fields"], old) and (found := _BEFORE_A_COLUMN.match(text, _at(statement, node))) is not None:
            yield found.span(1)


def _constants(statement: Statement, text: bytes, old: str, new: str) -> Iterator[tuple[int, int, str]]:
    """Where a constant names the sequence *old* in a call, and the constant that names *new*."""
    for call in nodes_with(statement.tree, "funcname"):
        if name_called(call) not in _OF_SEQUENCES:
            continue
        for constant in (each["A_Const"] for each in nodes_with(call.get("args", []), "A_Const")):
            named = constant.get("sval", {}).get("sval", "")
            *schema, name = unquoted(named) or ("",)
            found = _CONSTANT.match(text, _at(statement, constant))
            # The server folds what is not quoted.
            if found is not None and old == (name if named.endswith('"') else name.lower()):
                yield (*found.span(), literal(".".join(map(identifier, (*schema, new)))))


def _at(statement: Statement, node: dict[str, Any]) -> int:
    return statement.base + int(node.get("location", 0))


def _is_of(fields: Sequence[Any], old: str) -> bool:
    return len(fields) > 1 and fields[-2].get("String", {}).get("sval") == old
