"""Lines of a server's log: who sent which statement, by ``log_statement`` or by pgaudit.

A line begins with what ``log_line_prefix`` says. Where that names no user, the line by which ``log_connections`` noted
the session does.

``log_statement`` writes a statement before it runs, pgaudit after it, and neither writes whether its transaction was
committed. So where an error of the session follows, the statement may have been undone.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache

from ..model.audit import LoggedStatement, LogLine
from ..model.value import dataclass

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
_LEVEL = (
    r"(?P<level>DEBUG\d|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|QUERY|CONTEXT|LOCATION|STATEMENT):\s+"
)
_STATEMENT = re.compile(r"(?:statement|execute [^\n]*?): (?P<sql>.*)", re.DOTALL)
_CONNECTED = re.compile(r"connection authorized: user=(?P<user>.*?)(?: database=.*)?", re.DOTALL)
# Errors, and what is said of another line.
_NO_MESSAGES = frozenset({"ERROR", "FATAL", "PANIC", "DETAIL", "HINT", "QUERY", "CONTEXT", "LOCATION", "STATEMENT"})
# What a session says whose transaction has ended without COMMIT.
_ERRORS = frozenset({"ERROR", "FATAL", "PANIC"})
_ENDED = re.compile(
    r"unexpected EOF on client connection with an open transaction|terminating connection .*", re.DOTALL
)
# The transaction was over before: this error says nothing of the statement that it names.
_ABORTED = "current transaction is aborted"
# The parts of a text with these may be in several transactions, or in one that the text itself ends without COMMIT.
_OWN_TRANSACTIONS = re.compile(r"\b(?:COMMIT|END|PREPARE|CONCURRENTLY|CALL)\b", re.IGNORECASE)
_ROLLED_BACK = re.compile(r"\b(?:ROLLBACK|ABORT)\b", re.IGNORECASE)
_AUDIT = "AUDIT: "
# AUDIT_TYPE, STATEMENT_ID, SUBSTATEMENT_ID, CLASS, COMMAND, OBJECT_TYPE, OBJECT_NAME, STATEMENT, PARAMETER
_CLASS, _SQL = 3, 7
_LITERAL = re.compile(
    r"""[eE]'(?:[^'\\]|''|\\.)*'?"""
    r"""|(?P<kept>"(?:[^"]|"")*"|[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)"""
    r"""|'(?:[^']|'')*'?|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)|\d[\w.]*""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """What a *session* *said*; *user* is the one in the line, where the prefix has one.

    *session* is its id, or the number of its process (*is_process*), which may have been that of an earlier one.
    """

    at: datetime
    session: str
    is_process: bool
    user: str | None
    level: str
    said: str


def statements(lines: Iterable[LogLine], prefix: str) -> Iterator[LoggedStatement]:
    """Give the statements of changes to a schema, in the order of *lines*, each with its role, where that is known.

    Those that failed are left out, where the next line of their session says so.
    """
    understood = [found for line in lines if (found := _understood(line, prefix)) is not None]
    sessions: dict[str, list[_Line]] = {}
    for each in understood:
        sessions.setdefault(each.session, []).append(each)
    failed = {id(each) for of_one in sessions.values() for each in _failed(of_one)}
    ends = {session: [each.at for each in of_one if _ends(each)] for session, of_one in sessions.items()}
    users = {session: _user(of_one) for session, of_one in sessions.items() if not of_one[0].is_process}
    for each in understood:
        connected = _CONNECTED.fullmatch(each.said)
        if connected is not None and each.is_process:
            users[each.session] = connected["user"]
        sql = None if id(each) in failed else _sql(each)
        if sql is not None:
            role = each.user or users.get(each.session)
            known = None if role in ("", "[unknown]") else role
            yield LoggedStatement(each.at, known, sql, each.session, _may_be_undone(each.at, sql, ends[each.session]))


def _understood(line: LogLine, prefix: str) -> _Line | None:
    found = _line(prefix).fullmatch(line.text)
    if found is None:
        return None
    named = found.groupdict()
    session = named.get("session")
    key = session or named.get("pid") or ""
    return _Line(line.at, key, session is None, named.get("user"), found["level"], found["said"])


def _user(session: Iterable[_Line]) -> str | None:
    """Give the user that the session began with: later lines may be what a client has RAISE LOG write.

    Lines of one moment may be in any order.
    """
    found = [(each.at, named["user"]) for each in session if (named := _CONNECTED.fullmatch(each.said)) is not None]
    first = {user for at, user in found if at == found[0][0]}
    return first.pop() if len(first) == 1 else None


def _failed(session: Iterable[_Line]) -> Iterator[_Line]:
    """Give the lines of statements that failed as a whole: next comes the error, with the same text.

    What is in several transactions may have failed in its last one.
    """
    last: _Line | None = None
    is_failing = False
    for each in session:
        if each.level in _ERRORS:
            is_failing = last is not None and not is_failing and not each.said.startswith(_ABORTED)
            last = last if is_failing else None
        elif each.level == "STATEMENT":
            if is_failing and last is not None and _is_one(last, each.said):
                yield last
            last, is_failing = None, False
        elif each.level == "LOG" and _STATEMENT.fullmatch(each.said):
            last, is_failing = each, False


def _is_one(statement: _Line, sql: str) -> bool:
    return _sql(statement) == sql and not _OWN_TRANSACTIONS.search(without_literals(sql))


def _ends(line: _Line) -> bool:
    return line.level in _ERRORS or _ENDED.fullmatch(line.said) is not None


def _may_be_undone(at: datetime, sql: str, ends: Iterable[datetime]) -> datetime | None:
    if _ROLLED_BACK.search(without_literals(sql)):
        return at
    return min((each for each in ends if each >= at), default=None)


def without_literals(sql: str) -> str:
    """Give *sql* in one line, each literal as ``?`` and without comments: rows and passwords may be in them."""

    def instead(found: re.Match[str]) -> str:
        if found["kept"] is not None:
            return found["kept"]
        return " " if found[0].startswith(("--", "/*")) else "?"

    return " ".join(_LITERAL.sub(instead, sql).split())


def _sql(line: _Line) -> str | None:
    if line.said.startswith(_AUDIT) and line.level not in _NO_MESSAGES:
        try:
            rows = list(csv.reader([line.said.removeprefix(_AUDIT)], strict=False))
        except csv.Error:
            return None  # not written by pgaudit: by RAISE LOG, anything is
        fields = rows[0] if rows else []
        return fields[_SQL] if len(fields) > _SQL and fields[_CLASS] == "DDL" else None
    found = _STATEMENT.fullmatch(line.said) if line.level == "LOG" else None
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
