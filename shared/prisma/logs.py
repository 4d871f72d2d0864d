"""What ``_prisma_migrations.logs`` says of a failed migration: the server's error, and what was noted beside it."""

import re
from collections.abc import Mapping

from ..model.phrases import clipped
from ..model.recorded_error import RecordedError, ShownLine

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_SQLSTATE = re.compile(r"^Database error code: ([0-9A-Z]{5})\s*$", re.MULTILINE)
_ERROR = re.compile(
    r"^Database error:\s*\n(?P<error>.+?)\s*(?=^Position:|^DbError \{|^DETAIL:|^HINT:|\n\s*\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
# Engines before 3.0 wrote one line: "db error: ERROR: …".
_OLD_ERROR = re.compile(r"^.*?\bdb error: (?P<error>.+)$", re.MULTILINE)
_LONGEST = 500
# Classes of errors whose details name objects, and quote no row.
_OF_OBJECTS = {"0A", "2B", "42"}
# tokio-postgres's DbError as Rust prints it for debugging. A string is taken whole, so that its text is no field.
_DEBUG = re.compile(r"^DbError \{", re.MULTILINE)
_FIELD = re.compile(r'(?P<name>\w+): (?:(?P<kind>Some|Original)\()*(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?P<number>\d+))')
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
# Under this heading the engine prints the script's lines, numbered, up to the one in which the server saw the fault.
_POSITION = re.compile(r"^Position:\n(?P<lines>(?: *\d+(?: .*)?(?:\n|\Z))+)", re.MULTILINE)
# The engine's own stack is the last thing in the logs. These modules were renamed before any version that splits a
# file: migration_core in 4, schema_core::commands in 6.
_STACK = re.compile(r"^   0: (?!.*^   0: ).*\Z", re.MULTILINE | re.DOTALL)
_OLD_MODULE = re.compile(r"^ {2,4}\d: (?:migration_core|sql_migration_connector|schema_core::commands)::", re.MULTILINE)
_NUMBERED = re.compile(r" *(\d+)(?: (.*))?")


def recorded_error(logs: str | None) -> RecordedError | None:
    """Take PostgreSQL's error out of *logs*; None where there is nothing.

    DETAIL is left out where it quotes row data (``Key (email)=(…) is duplicated``).
    """
    text = _ANSI.sub("", logs or "").replace("\r\n", "\n").strip()
    if not text:
        return None
    code = _SQLSTATE.search(text)
    found = _ERROR.search(text) or _OLD_ERROR.search(text)
    message = found["error"] if found else text.partition("\n")[0]
    message = clipped(" ".join(message.removeprefix("db error: ").split()), _LONGEST)
    fields = _fields(text)
    position = fields.get("Original")
    sqlstate = code[1] if code else None
    return RecordedError(
        message,
        sqlstate,
        detail=fields.get("detail") if sqlstate and sqlstate[:2] in _OF_OBJECTS else None,
        schema=fields.get("schema"),
        table=fields.get("table"),
        column=fields.get("column"),
        datatype=fields.get("datatype"),
        constraint=fields.get("constraint"),
        routine=fields.get("routine"),
        context=fields.get("where_"),
        internal_query=fields.get("query"),
        position=int(position) if position else None,
        shown=_shown(text),
    )


def is_by_old_engine(logs: str | None) -> bool:
    """Say whether the stack in *logs* proves that a version before 7.4 ran the migration."""
    stack = _STACK.search(_ANSI.sub("", logs or "").replace("\r\n", "\n"))
    return stack is not None and _OLD_MODULE.search(stack[0]) is not None


def _fields(text: str) -> Mapping[str, str]:
    """The fields of the engine's debug output that have a value, the first of each name."""
    start = _DEBUG.search(text)
    if start is None:
        return {}
    fields: dict[str, str] = {}
    for found in _FIELD.finditer(text, start.end()):
        if found["text"] is not None:
            fields.setdefault(found["name"], _ESCAPE.sub(_unescaped, found["text"]))
        elif found["kind"] == "Original":
            fields.setdefault("Original", found["number"])
        if found["name"] == "routine":  # the last one; what follows is the engine's own stack
            break
    return fields


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        code = int(found[1], 16)
        return chr(code) if code <= 0x10FFFF else found[0]
    return _ESCAPED.get(found[2], found[2])


def _shown(text: str) -> ShownLine | None:
    block = _POSITION.search(text)
    if block is None:
        return None
    marked = _NUMBERED.fullmatch(block["lines"].rstrip("\n").rpartition("\n")[2])
    return None if marked is None else ShownLine(int(marked[1]), marked[2] or "")
