"""Lines as PostgreSQL 15 wrote them with Azure's prefix, `log_statement = ddl` and `log_connections = on`, and others."""

import re
from datetime import UTC, datetime
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
    assert list(statements(_lines(text), _AZURE)) == [
        LoggedStatement(_AT, "postgres", 'CREATE ROLE alice LOGIN SUPERUSER; CREATE ROLE "o\'neil x" LOGIN SUPERUSER'),
        LoggedStatement(_AT, "alice", "CREATE TABLE folders (id integer, title varchar(10) DEFAULT 'it''s \"x\"');"),
        LoggedStatement(
            _AT,
            "alice",
            "ALTER TABLE folders\n  ALTER COLUMN title TYPE text, -- by hand\n  ALTER COLUMN title SET DEFAULT $q$secret$q$;",
        ),
        LoggedStatement(_AT, "alice", "CREATE ROLE bob PASSWORD 'hunter2';"),
        LoggedStatement(_AT, "o'neil x", "CREATE INDEX folders_title ON folders (title)"),
        LoggedStatement(_AT, "o'neil x", 'ALTER TABLE folders ADD COLUMN "Größe" integer'),
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
    expected = [LoggedStatement(_AT, role, "DROP INDEX i")] if "LOG:  statement" in line else []
    assert list(statements([LogLine(_AT, line)], prefix)) == expected


def test_a_session_is_of_the_user_that_it_began_with() -> None:
    """What RAISE LOG writes is a line of the log, too."""
    lines = [
        "connection authorized: user=alice database=app",
        "connection authorized: user=bob",
        "statement: DROP TABLE t",
    ]
    (found,) = statements([LogLine(_AT, f"6b0.1f-LOG:  {line}") for line in lines], "%c-")
    assert found.role == "alice"
    # A process has the number of an earlier one.
    (found,) = statements([LogLine(_AT, f"31 LOG:  {line}") for line in lines], "%p ")
    assert found.role == "bob"


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
    assert LogSettings(statement, audit, "").keeps_ddl is kept
