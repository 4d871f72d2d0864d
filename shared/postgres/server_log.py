"""Lines of a server's log: who sent which statement, by ``log_statement`` or by pgaudit.

A line begins with what ``log_line_prefix`` says. Where that names no user, the line by which ``log_connections`` noted
the session does.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cache

from ..model.audit import LoggedStatement, LogLine

_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
# What the escapes that are needed, or have no end of their own, look like; others are any text.
_ESCAPES = {
    "u": r"(?P<user>.*?)",
    "c": r"(?P<session>[0-9a-f]+\.[0-9a-f]+)",
    "p": r"(?P<pid>\d+)",
    "t": rf"{_TIME} \S+?",
    "m": rf"{_TIME}\.\d+ \S+?",
    "s": rf"{_TIME} \S+?",
    "n": r"\d+\.\d+",
    "l": r"\d+",
    "x": r"\d+",
    "%": "%",
    "q": "",
}
_ESCAPE = re.compile(r"%-?\d*([a-zA-Z%])")
_LEVEL = r"(?:LOG|NOTICE|INFO|WARNING):\s+"
_STATEMENT = re.compile(r"(?:statement|execute [^\n]*?): (?P<sql>.*)", re.DOTALL)
_CONNECTED = re.compile(r"connection authorized: user=(?P<user>.*?)(?: database=.*)?", re.DOTALL)
_AUDIT = "AUDIT: "
# AUDIT_TYPE, STATEMENT_ID, SUBSTATEMENT_ID, CLASS, COMMAND, OBJECT_TYPE, OBJECT_NAME, STATEMENT, PARAMETER
_CLASS, _SQL = 3, 7
_LITERAL = re.compile(
    r"""[eE]'(?:[^'\\]|''|\\.)*'?"""
    r"""|(?P<kept>"(?:[^"]|"")*"|[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)"""
    r"""|'(?:[^']|'')*'?|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)|\d[\w.]*""",
    re.DOTALL,
)


def statements(lines: Iterable[LogLine], prefix: str) -> Iterator[LoggedStatement]:
    """Give the statements of changes to a schema, in the order of *lines*, each with its role, where that is known.

    A session is of the user that it began with: later lines may be what a client has RAISE LOG write. A process may
    have the number of an earlier one.
    """
    users: dict[str, str] = {}
    pattern = _line(prefix)
    for line in lines:
        found = pattern.fullmatch(line.text)
        if found is None:
            continue
        named = found.groupdict()
        session, said = named.get("session"), found["said"]
        key = session or named.get("pid") or ""
        connected = _CONNECTED.fullmatch(said)
        if connected is not None:
            if session is None or session not in users:
                users[key] = connected["user"]
            continue
        sql = _sql(said)
        if sql is not None:
            role = named.get("user") or users.get(key)
            yield LoggedStatement(line.at, None if role in ("", "[unknown]") else role, sql)


def without_literals(sql: str) -> str:
    """Give *sql* in one line, each literal as ``?`` and without comments: rows and passwords may be in them."""

    def instead(found: re.Match[str]) -> str:
        if found["kept"] is not None:
            return found["kept"]
        return " " if found[0].startswith(("--", "/*")) else "?"

    return " ".join(_LITERAL.sub(instead, sql).split())


def _sql(said: str) -> str | None:
    if said.startswith(_AUDIT):
        try:
            rows = list(csv.reader([said.removeprefix(_AUDIT)], strict=False))
        except csv.Error:
            return None  # not written by pgaudit: by RAISE LOG, anything is
        fields = rows[0] if rows else []
        return fields[_SQL] if len(fields) > _SQL and fields[_CLASS] == "DDL" else None
    found = _STATEMENT.fullmatch(said)
    return None if found is None else found["sql"]


@cache
def _line(prefix: str) -> re.Pattern[str]:
    """What a whole line looks like under *prefix*; an escape that comes again is any text the second time."""
    written, at, seen = "", 0, set[str]()
    for escape in _ESCAPE.finditer(prefix):
        written += re.escape(prefix[at : escape.start()])
        name, at = escape[1], escape.end()
        written += ".*?" if name in seen and name in "ucp" else _ESCAPES.get(name, ".*?")
        written += " *" if escape[0] != f"%{name}" else ""
        seen.add(name)
    return re.compile(f"{written}{re.escape(prefix[at:])}{_LEVEL}(?P<said>.*)", re.DOTALL)
