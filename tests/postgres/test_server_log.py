"""Lines as PostgreSQL 15 wrote them with Azure's prefix, `log_statement = ddl` and `log_connections = on`, and others."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.model.audit import LoggedStatement, LogLine, LogSettings
from shared.postgres.server_log import statements, without_literals

_AZURE = "%t-%c-"
_AT = datetime(2026, 11, 30, 17, 19, tzinfo=UTC)


def _lines(text: str) -> list[LogLine]:
    """Each message whole: what goes on in the next line begins with a tab."""
    return [LogLine(_AT, message.replace("\n\t", "\n")) for message in re.split(r"\n(?!\t)", text.rstrip("\n"))]


def test_lines_of_a_server() -> None:
    text = (Path(__file__).parent / "server_log_azure.txt").read_text("utf-8")
    assert [(each.role, each.sql) for each in statements(_lines(text), _AZURE)] == [
        ("postgres", 'CREATE ROLE alice LOGIN SUPERUSER; CREATE ROLE "o\'neil x" LOGIN SUPERUSER'),
        ("alice", "CREATE TABLE folders (id integer, title varchar(10) DEFAULT 'it''s \"x\"');"),
        (
            "alice",
            "ALTER TABLE folders\n  ALTER COLUMN title TYPE text, -- by hand\n  ALTER COLUMN title SET DEFAULT $q$secret$q$;",
        ),
        ("alice", "CREATE ROLE bob PASSWORD 'hunter2';"),
        ("o'neil x", "CREATE INDEX folders_title ON folders (title)"),
        ("o'neil x", 'ALTER TABLE folders ADD COLUMN "Größe" integer'),
    ]


@pytest.mark.parametrize(
    ("prefix", "line", "role"),
    [
        pytest.param("%m [%p] %q%u@%d ", "2026-11-30 17:19:15.594 UTC [25297] alice@postgres LOG:  statement: DROP INDEX i", "alice", id="the user in the prefix"),
        pytest.param("%t-%c-user=%u,db=%d,session=%c,sess_time=%s", "2026-11-30 17:19:15 UTC-6b0.1f-user=alice,db=app,session=6b0.1f,sess_time=2026-11-30 17:19:14 UTCLOG:  statement: DROP INDEX i", "alice", id="as Azure's page on Entra has it"),
        pytest.param("%-8p %u ", "25297    alice LOG:  statement: DROP INDEX i", "alice", id="padded"),
        pytest.param("", "LOG:  statement: DROP INDEX i", None, id="nobody is named"),
        pytest.param("%u ", "[unknown] LOG:  statement: DROP INDEX i", None, id="not authenticated"),
        pytest.param("%u ", "alice ERROR:  statement: DROP INDEX i", None, id="an error"),
        pytest.param("%u ", "alice LOG:  duration: 3 ms", None, id="no statement"),
        pytest.param("%t-%c-", "something else", None, id="another prefix"),
    ],
)  # fmt: skip
def test_prefixes(prefix: str, line: str, role: str | None) -> None:
    expected = [(role, "DROP INDEX i")] if "LOG:  statement" in line else []
    assert [(each.role, each.sql) for each in statements([LogLine(_AT, line)], prefix)] == expected


def test_a_session_is_of_the_user_that_it_began_with() -> None:
    """What RAISE LOG writes is a line of the log, too."""
    alice = LogLine(_AT, "6b0.1f-LOG:  connection authorized: user=alice database=app")
    bob = LogLine(_AT + timedelta(seconds=1), "6b0.1f-LOG:  connection authorized: user=bob")
    dropped = LogLine(_AT, "6b0.1f-LOG:  statement: DROP TABLE t")
    assert [each.role for each in statements([alice, bob, dropped], "%c-")] == ["alice"]
    # Lines of one moment may come in any order.
    assert [each.role for each in statements([dropped, alice], "%c-")] == ["alice"]
    assert [each.role for each in statements([LogLine(_AT, bob.text), alice, dropped], "%c-")] == [None]
    # A process has the number of an earlier one.
    lines = [LogLine(each.at, each.text.replace("6b0.1f-", "31 ")) for each in (alice, bob, dropped)]
    assert [each.role for each in statements(lines, "%p ")] == ["bob"]


def _session(text: str) -> list[tuple[str, int | None]]:
    """The statements of a session, one line a second, and the second in which each may have been undone."""
    lines = [LogLine(_AT + timedelta(seconds=n), f"6b0.1f-{line}") for n, line in enumerate(text.splitlines())]
    return [
        (each.sql, None if each.may_be_undone is None else (each.may_be_undone - _AT).seconds)
        for each in statements(lines, "%c-")
    ]


_CASES_OF_ERRORS = {
    "nothing failed": ("LOG:  statement: DROP TABLE t", [("DROP TABLE t", None)]),
    "failed": ("LOG:  statement: DROP TABLE t\nERROR:  no\nSTATEMENT:  DROP TABLE t", []),
    "failed by the other protocol": ("LOG:  execute <unnamed>: DROP TABLE t\nERROR:  no\nSTATEMENT:  DROP TABLE t", []),
    "failed with more to say": (
        "LOG:  statement: DROP TABLE t\nNOTICE:  look\nERROR:  no\nDETAIL:  LOG:  statement: x\nSTATEMENT:  DROP TABLE t",
        [],
    ),
    "another failed, of its transaction perhaps": (
        "LOG:  statement: DROP TABLE t\nERROR:  no\nSTATEMENT:  SELECT 1/0",
        [("DROP TABLE t", 1)],
    ),
    "the error does not say what failed": ("LOG:  statement: DROP TABLE t\nERROR:  no", [("DROP TABLE t", 1)]),
    "the first before the second failed": (
        "LOG:  statement: DROP TABLE t\nLOG:  statement: DROP TABLE u\nERROR:  no\nSTATEMENT:  DROP TABLE u",
        [("DROP TABLE t", 2)],
    ),
    "after an error": ("ERROR:  no\nSTATEMENT:  SELECT 1/0\nLOG:  statement: DROP TABLE t", [("DROP TABLE t", None)]),
    "sent again, without effect": (
        "LOG:  execute a: DROP TABLE t\nERROR:  current transaction is aborted, commands ignored\nSTATEMENT:  DROP TABLE t",
        [("DROP TABLE t", 1)],
    ),
    "with COMMIT of its own": (
        "LOG:  statement: DROP TABLE t; COMMIT; SELECT 1/0\nERROR:  no\nSTATEMENT:  DROP TABLE t; COMMIT; SELECT 1/0",
        [("DROP TABLE t; COMMIT; SELECT 1/0", 1)],
    ),
    "concurrently, which leaves an invalid index": (
        "LOG:  statement: CREATE INDEX CONCURRENTLY i ON t (a)\nERROR:  no\nSTATEMENT:  CREATE INDEX CONCURRENTLY i ON t (a)",
        [("CREATE INDEX CONCURRENTLY i ON t (a)", 1)],
    ),
    "rolled back by itself": (
        "LOG:  statement: BEGIN; DROP TABLE t; ROLLBACK",
        [("BEGIN; DROP TABLE t; ROLLBACK", 0)],
    ),
    "the connection broke": (
        "LOG:  statement: DROP TABLE t\nLOG:  unexpected EOF on client connection with an open transaction",
        [("DROP TABLE t", 1)],
    ),
    "the connection was ended": (
        "LOG:  statement: DROP TABLE t\nFATAL:  terminating connection due to administrator command",
        [("DROP TABLE t", 1)],
    ),
    "pgaudit, which writes what has run": (
        "LOG:  AUDIT: SESSION,1,1,DDL,DROP TABLE,,,DROP TABLE t,<not logged>\nERROR:  no\nSTATEMENT:  DROP TABLE t",
        [("DROP TABLE t", 1)],
    ),
}


@pytest.mark.parametrize("name", _CASES_OF_ERRORS)
def test_what_failed_or_may_have_been_undone(name: str) -> None:
    text, expected = _CASES_OF_ERRORS[name]
    assert _session(text) == expected


def test_the_errors_of_other_sessions_say_nothing() -> None:
    lines = ["6b0.1f-LOG:  statement: DROP TABLE t", "6b0.2f-ERROR:  no", "6b0.2f-STATEMENT:  DROP TABLE t"]
    assert list(statements([LogLine(_AT, line) for line in lines], "%c-")) == [
        LoggedStatement(_AT, None, "DROP TABLE t", "6b0.1f")
    ]


def test_pgaudit() -> None:
    lines = [
        'alice LOG:  AUDIT: SESSION,1,1,DDL,ALTER TABLE,TABLE,public.folders,"ALTER TABLE folders ADD note text, ADD x text",<not logged>',
        "alice LOG:  AUDIT: SESSION,2,1,READ,SELECT,TABLE,public.folders,SELECT 1 FROM folders,<not logged>",
        'alice LOG:  AUDIT: SESSION,3,1,DDL,CREATE TABLE,TABLE,public.t,"CREATE TABLE t (\n  a text DEFAULT \'""\'\n)",<not logged>',
        "alice LOG:  AUDIT: SESSION",
        "alice LOG:  AUDIT: what RAISE LOG\r\nwrites",
    ]
    found = [each.sql for each in statements([LogLine(_AT, line) for line in lines], "%u ")]
    assert found == [
        "ALTER TABLE folders ADD note text, ADD x text",
        "CREATE TABLE t (\n  a text DEFAULT '\"'\n)",
    ]


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("CREATE ROLE bob PASSWORD 'hun''ter2'", "CREATE ROLE bob PASSWORD ?"),
        ("ALTER TABLE t\n ADD c text DEFAULT E'a\\'b', -- secret\n ADD \"it's\" int DEFAULT 42", "ALTER TABLE t ADD c text DEFAULT ?, ADD \"it's\" int DEFAULT ?"),
        ("CREATE FUNCTION f() RETURNS text AS $body$ SELECT 'secret' $body$ LANGUAGE sql", "CREATE FUNCTION f() RETURNS text AS ? LANGUAGE sql"),
        ("ALTER TABLE t1 /* secret */ ADD c1 numeric(10, 2)", "ALTER TABLE t1 ADD c1 numeric(?, ?)"),
        ("ALTER TABLE t ADD c text DEFAULT 'cut off", "ALTER TABLE t ADD c text DEFAULT ?"),
        ("ALTER TABLE t ADD c bit DEFAULT B'1', ADD d text DEFAULT U&'\\0061'", "ALTER TABLE t ADD c bit DEFAULT B?, ADD d text DEFAULT U&?"),
        ("ALTER TABLE t ADD c text DEFAULT $$secret", "ALTER TABLE t ADD c text DEFAULT ?"),
    ],
)  # fmt: skip
def test_no_literal_is_left(sql: str, shown: str) -> None:
    assert without_literals(sql) == shown


@pytest.mark.parametrize(
    ("statement", "audit", "kept"),
    [("none", "", False), ("ddl", "", True), ("mod", "", True), ("all", "", True), ("none", "write, ddl", True), ("none", "all, -ddl", False), ("none", "ALL", True), ("none", "read", False)],
)  # fmt: skip
def test_whether_a_log_of_ddl_is_kept(statement: str, audit: str, kept: bool) -> None:
    lacks = None if kept else "no log of DDL is kept: set log_statement = ddl"
    assert LogSettings(statement, audit, _AZURE).lacks == lacks


@pytest.mark.parametrize(
    ("prefix", "messages", "lacks"),
    [
        pytest.param("%m [%p] ", "warning", None, id="as usual"),
        pytest.param("%t-%-10c-", "error", None, id="padded"),
        pytest.param("%m ", "warning", "the log names no session: add %c to log_line_prefix", id="no session"),
        pytest.param("%c", "log", "no log of errors is kept: set log_min_messages = error", id="no errors"),
    ],
)
def test_what_else_the_log_must_keep(prefix: str, messages: str, lacks: str | None) -> None:
    assert LogSettings("ddl", "", prefix, messages).lacks == lacks
