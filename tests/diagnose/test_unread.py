"""Statements that the monitor cannot parse: what it then says of their objects, of the rest, and of itself."""

from dataclasses import replace

import pytest

from shared.checks.registry import CHECKS, CheckOutcome, run_check
from shared.diagnose.diagnosis import diagnose
from shared.model.database import History
from shared.model.diagnosis import Comparison, Diagnosis, State
from shared.model.facts import Facts
from shared.model.knowledge import Unavailable
from shared.model.progress import Progress, StatementState
from shared.model.release import Migration
from shared.model.schema import Schema
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.builders import facts, reading, release, row

GROUND = "CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE TABLE c (x int);"
DEEP = "1+" * 30_000 + "1"


def live(script: str) -> Schema:
    replay = Replay()
    replay.run_all(parse(script))
    return replay.freeze()


def context(statement: str, there: str, *, applied: bool) -> Facts:
    ground = Migration("1", GROUND.encode())
    migration = Migration("2", f"SELECT 1;\n{statement}\nCREATE TABLE e (x int);".encode())
    rows = [row("1", content=ground.script, minutes_ago=2)]
    if applied:
        rows.append(row("2", content=migration.script, minutes_ago=1))
    history = History(exists=True, rows=tuple(rows), schema_has_tables=True)
    return facts(release(ground, migration), reading(history=history, catalog=live(there)))


@pytest.mark.parametrize(
    ("statement", "there", "opaque", "differing"),
    [
        pytest.param("ALTER TABLE a FROB x;", "", ["column public.a.x", "table public.a"], [], id="changes a table"),
        pytest.param(
            "CREATE TABLE d (y int) FROB b;", "CREATE TABLE d (y int);", ["table public.d"], [], id="makes a table"
        ),
        pytest.param(
            "CREATE TABLE d () FROB b;",
            "CREATE TABLE d (); DROP TABLE b;",
            ["table public.d"],
            ["table public.b"],
            id="drift of others is seen",
        ),
        pytest.param("FROB a;", "DROP TABLE a;", ["table public.a"], [], id="does something unknown"),
        pytest.param("INSERT FROB a;", "DROP TABLE a;", [], ["table public.a"], id="changes rows alone"),
        pytest.param(
            f"CREATE VIEW d AS SELECT {DEEP} AS z FROM a;",
            "CREATE VIEW d AS SELECT 1 AS z FROM a;",
            ["view public.d"],
            [],
            id="nests too deeply",
        ),
    ],
)
def test_of_an_applied_migration(statement: str, there: str, opaque: list[str], differing: list[str]) -> None:
    found = context(statement, f"{GROUND} CREATE TABLE e (x int); {there}", applied=True)
    diagnosis = diagnose(found)
    assert isinstance(diagnosis, Diagnosis)
    assert isinstance(diagnosis.schema, Comparison)
    assert sorted(map(str, diagnosis.schema.expected.opaque)) == opaque
    assert [str(each.subject) for each in diagnosis.schema.differences] == differing
    schema = next(check for check in CHECKS if check.name == "schema")
    outcome = run_check(schema, found, diagnosis)
    assert [each.subject for each in outcome.findings] == differing
    # A view that is there holds nothing else; of a table's parts it is not known whether they should be there.
    assert (outcome.unknown is not None) == any(each.startswith("table") for each in opaque)
    if outcome.unknown is not None:
        assert outcome.unknown.lasting
        assert "cannot parse line 2 of 2/migration.sql: " in outcome.unknown.because


def test_what_it_may_have_made_and_is_missing() -> None:
    found = context("CREATE TABLE d (y int) FROB;", f"{GROUND} CREATE TABLE e (x int);", applied=True)
    schema = next(check for check in CHECKS if check.name == "schema")
    assert run_check(schema, found, diagnose(found)) == CheckOutcome(
        (),
        Unavailable(
            "this monitor's grammar (PostgreSQL 18) cannot parse line 2 of 2/migration.sql:"
            ' syntax error at or near "FROB"',
            lasting=True,
        ),
    )


def test_of_a_pending_migration() -> None:
    found = context(f"CREATE VIEW d AS SELECT {DEEP} AS z FROM a;", GROUND, applied=False)
    diagnosis = diagnose(found)
    assert isinstance(diagnosis, Diagnosis)
    status = diagnosis.migrations[1]
    assert (status.state, status.malformed) == (State.PENDING, None)
    assert isinstance(status.progress, Progress)
    assert [each.state for each in status.progress.statements] == [
        StatementState.NO_TRACE,
        StatementState.UNKNOWN,
        StatementState.ABSENT,
    ]
    assert status.progress.statements[1].because == (
        "this monitor cannot parse it: it nests more than 2,000 levels deep"
    )


@pytest.mark.parametrize(
    ("logs", "failing"),
    [
        pytest.param(None, (), id="without an error"),
        pytest.param('ERROR: relation "e" already exists\nDatabase error code: 42P07', (1,), id="at that statement"),
    ],
)
def test_of_a_failed_migration(logs: str | None, failing: tuple[int, ...]) -> None:
    script = b"CREATE TABLE d (y int);\nCREATE TABLE e (x int) FROB;\nCREATE TABLE f (x int);"
    history = History(exists=True, rows=(row("1", content=script, finished=False, logs=logs),), schema_has_tables=True)
    found = facts(release(Migration("1", script)), reading(history=history, catalog=live("CREATE TABLE d (y int);")))
    diagnosis = diagnose(found)
    assert isinstance(diagnosis, Diagnosis)
    (status,) = diagnosis.migrations
    assert (status.state, status.failing) == (State.FAILED, failing)
    assert isinstance(status.progress, Progress)
    assert [each.state for each in status.progress.statements] == [
        StatementState.PRESENT,
        StatementState.UNKNOWN,
        StatementState.ABSENT,
    ]


def test_of_an_unrecorded_migration_it_is_not_said_that_it_fails() -> None:
    migration = Migration("1", b"INSERT FROB;\nCREATE TABLE d ();")
    history = History(exists=True, rows=(), schema_has_tables=True)
    found = facts(release(migration), reading(history=history, catalog=live("CREATE TABLE d ();")))
    checked = next(check for check in CHECKS if check.name == "history")
    (finding,) = run_check(checked, found, diagnose(found)).findings
    assert finding.key == "migration-unrecorded:1"
    assert "a deploy would run it a second time" in finding.summary


def test_of_a_migration_that_is_not_to_be_read() -> None:
    found = context("INSERT INTO a VALUES (1);\nDROP TABLE b;", f"{GROUND} DROP TABLE c;", applied=True)
    diagnosis = diagnose(replace(found, unread={"2": "it is too large"}))
    assert isinstance(diagnosis, Diagnosis)
    assert isinstance(diagnosis.schema, Comparison)
    # What it names may be otherwise than the others make it, and what it makes may be missing: no more than that.
    assert [str(each.subject) for each in diagnosis.schema.differences] == ["table public.c"]
    assert {str(subject): why for subject, why in diagnosis.schema.expected.opaque.items()} == {
        "table public.b": "it is too large"
    }


@pytest.mark.parametrize(
    ("script", "malformed"),
    [
        pytest.param("SELECT 'x;", "line 1: unterminated quoted string", id="a quote without an end"),
        pytest.param("SELECT 1;\n/* x", "line 2: unterminated /* comment", id="a comment without an end"),
        pytest.param("SELECT 1;\0", "line 1: a NUL byte", id="a NUL byte"),
    ],
)
def test_what_no_server_takes(script: str, malformed: str) -> None:
    found = facts(release(Migration("1", script.encode())), reading(catalog=Schema({})))
    diagnosis = diagnose(found)
    assert isinstance(diagnosis, Diagnosis)
    (status,) = diagnosis.migrations
    assert (status.state, status.malformed) == (
        State.MALFORMED,
        f"PostgreSQL cannot parse its migration.sql, {malformed}",
    )
