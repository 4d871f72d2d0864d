"""PostgreSQL's own grammar: a script in, its statements out, each with tree, byte range and line.

Two peculiarities of the trees: what has its default value is left out (an integer constant 0 is ``{"ival": {}}``), and
every offset counts bytes of UTF-8.

The library knows no limits: a chain of some ten thousand operators overflows its stack, which ends the process, and
nested comments take it a quadratic time. So a scan of our own goes before it wherever a script is long.
"""

import json
import marshal
import re
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any

from ..model.value import dataclass
from . import library
from .nesting import TooLargeError, readable
from .scanning import Scan, UnterminatedError, comment_end, scan, without_comments

Tree = dict[str, Any]

_BLANK = re.compile(rb"\s+|--[^\n]*")
# Bytes. What is so short cannot nest deeply enough to hurt: a level takes two bytes, and some 270 of the stack.
_HARMLESS = 4_096
# Bytes of statements that are handed over at once: their trees are in memory together.
_BATCH = 65_536
# With fewer, comments cannot nest so deeply that it takes time.
_MANY_COMMENTS = 64
UNREAD = "UnreadStmt"


class ParseError(Exception):
    """SQL without a tree, here because the grammar refuses it: *message* is the server's.

    *near* is the line's text from the fault on.
    """

    def __init__(self, message: str, line: int = 1, near: str = "") -> None:
        super().__init__(message, line, near)
        self.message = message
        self.line = line
        self.near = near

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class MalformedError(ParseError):
    """What no PostgreSQL takes, whatever its grammar: a NUL byte, broken UTF-8, a quote or comment without an end."""


class BeyondLimitsError(ParseError):
    """What is too large, or nests too deeply, to be read here. A server may well take it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a script, without the blanks and comments before it and without its semicolon.

    *start* and *end* are bytes of the script. *kind* is the grammar's name of it (``CreateStmt``, ``AlterTableStmt``),
    *node* its fields. Places in the tree count bytes from *base* of the script on: see `place`.
    """

    tree: Tree
    start: int
    end: int
    line: int
    sql: str
    base: int = 0
    # Both are in the tree, and are asked for a hundred times a statement.
    kind: str = field(init=False, repr=False, compare=False)
    node: Tree = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ((kind, node),) = self.tree.items()
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "node", node)

    def place(self, node: Tree) -> int:
        """The byte of the statement's own text at which *node* of its tree begins."""
        at: int = node.get("location", 0)
        return at - (self.start - self.base)


def parse(sql: str | bytes) -> list[Statement]:
    """Every statement of *sql*, in order. Raises ParseError, and nothing else, whatever it is handed."""
    statements = list(read(sql))
    for statement in statements:
        if (error := unread(statement)) is not None:
            raise error
    return statements


def read(sql: str | bytes) -> Iterator[Statement]:
    """Every statement of *sql*, in order; those that cannot be parsed are of the kind UNREAD. Raises MalformedError."""
    script = _encoded(sql)
    if len(script) <= _HARMLESS and script.count(b"/*") <= _MANY_COMMENTS:
        try:
            statements = list(_statements(script, 0, 1))
        except ParseError:
            pass  # one of them is at fault: which?
        else:
            return iter(statements)
    return _one_by_one(script, _scan(script))


def texts(sql: str | bytes) -> Iterator[tuple[int, str]]:
    """The line and the text of every statement of *sql*, in order, none of them parsed. Raises MalformedError."""
    script = _encoded(sql)
    for begin, end, line in _found(script):
        yield line, _without_end(script, begin, end).decode()


def read_nothing(sql: str | bytes, because: str) -> Iterator[Statement]:
    """Every statement of *sql*, in order, none of them parsed, *because* of what. Raises MalformedError."""
    script = _encoded(sql)
    for begin, end, line in _found(script):
        yield _unread(script, begin, end, line, BeyondLimitsError(because, line), because=because)


def unread(statement: Statement) -> ParseError | None:
    """Why *statement* could not be parsed; None if it was."""
    node = statement.tree.get(UNREAD)
    if node is None:
        return None
    error = BeyondLimitsError if node["beyond_limits"] else ParseError
    return error(node["message"], node["line"], node["near"])


def nodes_with(tree: Any, field: str) -> Iterator[Tree]:
    """Every node within *tree* that has *field*: ``relname`` finds relations, ``funcname`` calls."""
    if not _may_hold(tree, field):
        return
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if field in each:
                yield each
            waiting += reversed(each.values())
        elif isinstance(each, list):
            waiting += reversed(each)


def name_called(call: Tree) -> str:
    """The name, without its schema, of the function that *call* is of: a node that has ``funcname``."""
    name: str = call["funcname"][-1]["String"].get("sval", "")
    return name


def _may_hold(tree: Any, field: str) -> bool:
    """Say whether *field* may be in *tree*; far cheaper than to look, and of most fields most trees have none."""
    try:
        return field.encode() in marshal.dumps(tree)
    except ValueError:  # it nests too deeply to be written
        return True


def parse_plpgsql(sql: str | bytes) -> list[Tree]:
    """Trees of the PL/pgSQL body of *sql*, which is one whole CREATE FUNCTION, CREATE PROCEDURE or DO statement."""
    functions: list[Tree] = _called("parse_plpgsql", _encoded(sql))
    return functions


def _encoded(sql: str | bytes) -> bytes:
    try:
        script = sql.encode() if isinstance(sql, str) else sql
        script.decode()
    except UnicodeError as error:
        before = sql[: error.start] if isinstance(error, UnicodeDecodeError | UnicodeEncodeError) else sql[:0]
        breaks = before.count("\n") if isinstance(before, str) else before.count(b"\n")
        raise MalformedError("invalid byte sequence for encoding UTF8", breaks + 1) from None
    zero = script.find(b"\0")
    if zero >= 0:  # the C string would end here, and what follows would silently not be there
        raise MalformedError("a NUL byte", _line(script, zero))
    return script


def _scan(script: bytes) -> Scan:
    try:
        return scan(script)
    except UnterminatedError as error:
        raise MalformedError(error.what, _line(script, error.at), _rest_of_line(script, error.at)) from None


def _one_by_one(script: bytes, found: Scan) -> Iterator[Statement]:
    """Every statement of a script that is long, or in which not all can be parsed."""
    plain = _plain(script, found)
    line, counted = 1, 0
    for batch in _batches(_spans(script, plain, found)):
        begin = batch[0][0]
        line, counted = line + script.count(b"\n", counted, begin), begin
        yield from _read_batch(script, plain, batch, line)


def _found(script: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each statement begins and ends, and in which line."""
    found = _scan(script)
    line, counted = 1, 0
    for begin, end in _spans(script, _plain(script, found), found):
        line, counted = line + script.count(b"\n", counted, begin), begin
        yield begin, end, line


def _plain(script: bytes, found: Scan) -> bytes:
    return without_comments(script, found) if script.count(b"/*") > _MANY_COMMENTS else script


def _spans(script: bytes, plain: bytes, found: Scan) -> list[tuple[int, int]]:
    """Where statements are; *plain* is *script* without its comments, where these are many."""
    spans = ((_skip_blank(plain, begin), end) for begin, end in found.spans)
    return [(begin, end) for begin, end in spans if script[begin:end].strip(b";")]


def _batches(spans: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Runs of short statements; a long one is alone."""
    batch: list[tuple[int, int]] = []
    for begin, end in spans:
        is_long = end - begin > _HARMLESS
        if batch and (is_long or end - batch[0][0] > _BATCH):
            yield batch
            batch = []
        batch.append((begin, end))
        if is_long:
            yield batch
            batch = []
    if batch:
        yield batch


def _read_batch(script: bytes, plain: bytes, batch: Sequence[tuple[int, int]], line: int) -> Iterator[Statement]:
    begin, end = batch[0][0], batch[-1][1]
    try:
        text = plain[begin:end]
        if len(batch) == 1 and len(text) > _HARMLESS:
            yield from _long_statement(script, text, begin, line)
        else:
            yield from list(_statements(text, begin, line, script))
    except ParseError as error:
        if len(batch) == 1:
            because = f"a statement cannot be parsed by this monitor: {error}"
            yield _unread(script, begin, end, line, error, because=because)
        for each in batch if len(batch) > 1 else ():
            yield from _read_batch(script, plain, [each], line + script.count(b"\n", begin, each[0]))


def _long_statement(script: bytes, text: bytes, begin: int, line: int) -> list[Statement]:
    try:
        short = readable(text)
    except TooLargeError as error:
        raise BeyondLimitsError(str(error), line) from None
    statements = list(_statements(short, begin, line, script))
    if short is text:
        return statements
    whole = _without_end(script, begin, begin + len(text))
    return [Statement(each.tree, begin, begin + len(whole), line, whole.decode(), begin) for each in statements]


def _unread(script: bytes, begin: int, end: int, line: int, error: ParseError, *, because: str) -> Statement:
    text = _without_end(script, begin, end)
    sql = text.decode()
    node = {
        "text": sql,
        "because": because,
        "message": error.message,
        "line": error.line,
        "near": error.near,
        "beyond_limits": isinstance(error, BeyondLimitsError),
    }
    return Statement({UNREAD: node}, begin, begin + len(text), line, sql)


def _without_end(script: bytes, begin: int, end: int) -> bytes:
    return script[begin:end].removesuffix(b";").rstrip()


def _called(function: str, script: bytes, line: int = 1) -> Any:
    """What the library makes of *script*, whose first line is *line*."""
    try:
        return json.loads(library.call(function, script))
    except library.RefusedError as error:
        raise _parse_error(error, script, line) from None
    except RecursionError:
        at = line + script.count(b"\n", 0, _skip_blank(script, 0))
        raise BeyondLimitsError("it nests too deeply to be read", at) from None
    except ValueError:
        # libpg_query 17 writes a lone half of a surrogate pair as it found it; no valid script comes here.
        raise ParseError("a parse tree that is no JSON", line) from None


def _parse_error(error: library.RefusedError, script: bytes, line: int) -> ParseError:
    text = script.decode()
    if error.position <= 0:
        return ParseError(error.message, line)
    before, rest = text[: error.position - 1], text[error.position - 1 :]
    return ParseError(error.message, line + before.count("\n"), rest.split("\n", 1)[0].strip()[:80])


def _statements(text: bytes, offset: int, line: int, script: bytes | None = None) -> Iterator[Statement]:
    """The statements of *text*, which begins at byte *offset* and in *line* of a *script*."""
    whole = text if script is None else script
    tree = _called("parse", text, line)
    counted = 0
    for raw in tree.get("stmts", ()):
        begin = raw.get("stmt_location", 0)
        length = raw.get("stmt_len", 0)
        end = begin + length if length else len(text)
        start = _skip_blank(text, begin)
        line, counted = line + text.count(b"\n", counted, start), start
        sql = whole[offset + start : offset + end].rstrip()
        yield Statement(raw["stmt"], offset + start, offset + start + len(sql), line, sql.decode(), offset)


def _skip_blank(script: bytes, at: int) -> int:
    """The first byte from *at* on that is neither blank nor comment."""
    while True:
        if blank := _BLANK.match(script, at):
            at = blank.end()
        elif script.startswith(b"/*", at):
            at = comment_end(script, at)
        else:
            return at


def _line(script: bytes, at: int) -> int:
    return script.count(b"\n", 0, at) + 1


def _rest_of_line(script: bytes, at: int) -> str:
    return script[at:].split(b"\n", 1)[0].decode()[:80]
