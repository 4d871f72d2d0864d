"""PostgreSQL's own grammar: a script in, its statements out, each with tree, byte range and line.

The parser is libpg_query (the server's gram.y as a library), taken as a shared library out of postgast's wheel.
postgast itself is not imported: its protobuf trees fail on long chains of operators, and its protobuf runtime clashes
with the Functions worker's own. Two peculiarities of the JSON trees: what has its default value is left out (an integer
constant 0 is ``{"ival": {}}``), and every offset counts bytes of UTF-8.
"""

import ctypes
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

from shared.model.value import dataclass

Tree = dict[str, Any]

_LIBRARY = {"darwin": "libpg_query.dylib", "win32": "pg_query.dll"}.get(sys.platform, "libpg_query.so")
_BLANK = re.compile(rb"\s+|--[^\n]*")
_COMMENT_EDGE = re.compile(rb"/\*|\*/")


class ParseError(Exception):
    """SQL that PostgreSQL's grammar refuses: *message* is the server's, *near* the line's text from the fault on."""

    def __init__(self, message: str, line: int = 1, near: str = "") -> None:
        super().__init__(f"line {line}: {message}")
        self.message = message
        self.line = line
        self.near = near


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a script, without the blanks and comments before it and without its semicolon."""

    tree: Tree
    start: int
    end: int
    line: int
    sql: str

    @property
    def kind(self) -> str:
        """The grammar's name of it: ``CreateStmt``, ``AlterTableStmt``."""
        return next(iter(self.tree))

    @property
    def node(self) -> Tree:
        """The fields of it."""
        node: Tree = self.tree[self.kind]
        return node


def parse(sql: str | bytes) -> list[Statement]:
    """Every statement of *sql*, in order. Raises ParseError, and nothing else, whatever it is handed."""
    script = _encoded(sql)
    return list(_statements(script, _tree(_call("parse", script), script)))


def parse_plpgsql(sql: str | bytes) -> list[Tree]:
    """Trees of the PL/pgSQL body of *sql*, which is one whole CREATE FUNCTION, CREATE PROCEDURE or DO statement."""
    script = _encoded(sql)
    functions: list[Tree] = _tree(_call("parse_plpgsql", script), script)
    return functions


def _encoded(sql: str | bytes) -> bytes:
    try:
        script = sql.encode() if isinstance(sql, str) else sql
        script.decode()
    except UnicodeError as error:
        before = sql[: error.start] if isinstance(error, UnicodeDecodeError | UnicodeEncodeError) else sql[:0]
        breaks = before.count("\n") if isinstance(before, str) else before.count(b"\n")
        raise ParseError("invalid byte sequence for encoding UTF8", breaks + 1) from None
    zero = script.find(b"\0")
    if zero >= 0:  # the C string would end here, and what follows would silently not be there
        raise ParseError("a NUL byte", _line(script, zero))
    return script


class _Error(ctypes.Structure):
    _fields_ = (
        ("message", ctypes.c_char_p),
        ("funcname", ctypes.c_char_p),
        ("filename", ctypes.c_char_p),
        ("lineno", ctypes.c_int),
        ("cursorpos", ctypes.c_int),
        ("context", ctypes.c_char_p),
    )


class _ParseResult(ctypes.Structure):
    _fields_ = (
        ("tree", ctypes.c_char_p),
        ("stderr", ctypes.c_char_p),
        ("error", ctypes.POINTER(_Error)),
    )


class _PlpgsqlResult(ctypes.Structure):
    _fields_ = (("tree", ctypes.c_char_p), ("error", ctypes.POINTER(_Error)))


@dataclass(frozen=True, slots=True)
class _Door:
    """A function of the library, and the one that frees what it gave."""

    call: Any
    free: Any


@cache
def _door(function: str) -> _Door:
    wheel = find_spec("postgast")
    if wheel is None or not wheel.submodule_search_locations:
        raise ModuleNotFoundError("postgast is not installed: its wheel holds PostgreSQL's parser", name="postgast")
    library = ctypes.CDLL(f"{wheel.submodule_search_locations[0]}/{_LIBRARY}")
    kind, result = {"parse": ("", _ParseResult), "parse_plpgsql": ("plpgsql_", _PlpgsqlResult)}[function]
    call, free = getattr(library, f"pg_query_{function}"), getattr(library, f"pg_query_free_{kind}parse_result")
    call.argtypes, call.restype = [ctypes.c_char_p], result
    free.argtypes, free.restype = [result], None
    return _Door(call, free)


def _call(function: str, script: bytes) -> bytes:
    door = _door(function)
    result = door.call(script)
    try:
        if result.error:
            error = result.error.contents
            raise _parse_error(error.message.decode(errors="replace"), error.cursorpos, script)
        tree: bytes = result.tree
        return tree
    finally:
        door.free(result)


def _tree(text: bytes, script: bytes) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ParseError("nested too deeply to be read", _line(script, _skip_blank(script, 0))) from None
    except ValueError:
        # libpg_query 17 writes a lone half of a surrogate pair as it found it; no valid script comes here.
        raise ParseError("a parse tree that is no JSON") from None


def _parse_error(message: str, position: int, script: bytes) -> ParseError:
    """*position* counts characters from 1, as the server's does; 0 is unknown."""
    text = script.decode()
    if position <= 0:
        return ParseError(message)
    before, rest = text[: position - 1], text[position - 1 :]
    return ParseError(message, before.count("\n") + 1, rest.split("\n", 1)[0].strip()[:80])


def _statements(script: bytes, tree: Tree) -> Iterator[Statement]:
    line, counted = 1, 0
    for raw in tree.get("stmts", ()):
        begin = raw.get("stmt_location", 0)
        length = raw.get("stmt_len", 0)
        end = begin + length if length else len(script)
        start = _skip_blank(script, begin)
        text = script[start:end].rstrip()
        line, counted = line + script.count(b"\n", counted, start), start
        yield Statement(raw["stmt"], start, start + len(text), line, text.decode())


def _skip_blank(script: bytes, at: int) -> int:
    """The first byte from *at* on that is neither blank nor comment (block comments nest in PostgreSQL)."""
    while True:
        if blank := _BLANK.match(script, at):
            at = blank.end()
        elif script.startswith(b"/*", at):
            depth = 0
            for edge in _COMMENT_EDGE.finditer(script, at):
                depth += 1 if edge[0] == b"/*" else -1
                if depth == 0:
                    break
            at = edge.end()
        else:
            return at


def _line(script: bytes, at: int) -> int:
    return script.count(b"\n", 0, at) + 1
