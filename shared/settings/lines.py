"""The line of each key of a TOML text, which tomllib does not give."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from .problem import Location


def lines_of(text: str) -> dict[Location, int]:
    """Give the line of every table and key of *text*, which must be valid TOML.

    The grammar stays tomllib's: lines are taken together until they parse on their own, which no
    part of a statement does. What is within a value has no line of its own.
    """
    lines: dict[Location, int] = {}
    lengths: dict[Location, int] = {}
    table: Location = ()
    for number, source, statement in _statements(text):
        if source.lstrip().startswith("["):
            table = _header(statement, lengths)
            lines.setdefault(table, number)
            if isinstance(table[-1], int):
                lines.setdefault(table[:-1], number)  # a list begins with its first table
        else:
            key = _first_key(statement)
            lines[table + key] = number
            # A table that begins within a line has no other.
            for end in range(1, len(key)):
                lines.setdefault(table + key[:end], number)
    return lines


def line_of(location: Location, lines: Mapping[Location, int]) -> int | None:
    """Give the line of *location*, or of the nearest table around it."""
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location)


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Split *text* into headers and pairs: each with its first line's number, as written and as parsed."""
    start, source = 1, ""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        source += line + "\n"
        try:
            statement = tomllib.loads(source)
        except tomllib.TOMLDecodeError:
            continue
        if statement:
            yield start, source, statement
        start, source = number + 1, ""


def _header(statement: dict[str, Any], lengths: dict[Location, int]) -> Location:
    """Give where the table of a header goes: the keys, and after each list its present last place."""
    location: Location = ()
    inner: Any = statement
    while inner:
        [(key, inner)] = inner.items()
        location = (*location, key)
        if isinstance(inner, list):
            lengths[location] = lengths.get(location, 0) + 1
            inner = inner[0]
        if location in lengths:
            location = (*location, lengths[location] - 1)
    return location


def _first_key(statement: dict[str, Any]) -> Location:
    """Give the key of a pair; ``a = { b = 1 }`` and ``a.b = 1`` give the same key on the same line."""
    location: Location = ()
    inner: object = statement
    while isinstance(inner, dict) and len(inner) == 1:
        [(key, inner)] = inner.items()
        location = (*location, key)
    return location
