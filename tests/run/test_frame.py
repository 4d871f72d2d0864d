"""Large scripts are checked in a process of their own: the same report, and what is said where that process ends."""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from shared.checks.registry import CHECKS
from shared.demo.incident import HISTORY_TABLE
from shared.model.database import History
from shared.model.facts import Facts
from shared.model.plan import Found, Probe, ProbeAnswers
from shared.model.question import Accepted, AnsweredColumn, Answers, Question
from shared.model.release import Migration
from shared.model.release_settings import ReleaseSettings
from shared.model.report import CheckResult, Report, Trigger, Verdict
from shared.model.schema import Schema
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from shared.run import frame, process, run
from shared.run.frame import report_in_frame
from shared.run.process import ReportingError
from shared.run.reporting import Server, report_on
from shared.run.size import is_large
from tests.builders import NOW, checksum, facts, reading, release, row
from tests.patience import LONG, SECONDS, growing

ROOT = Path(__file__).parents[2]

TOOK = defaultdict[str, timedelta](timedelta)
GROUND = "CREATE TABLE a (x int);"
TABLES = "\n".join(
    f"CREATE TABLE t{n} (id int PRIMARY KEY, name text NOT NULL DEFAULT 'some text');" for n in range(60)
)


def live(*scripts: str) -> Schema:
    replay = Replay()
    for script in scripts:
        replay.run_all(parse(script))
    return replay.freeze()


def context(*scripts: str, applied: int, there: Schema) -> Facts:
    """Migrations 1, 2, … of *scripts*; the first *applied* of them are applied."""
    migrations = [Migration(str(number), script.encode()) for number, script in enumerate(scripts, 1)]
    rows = [row(each.name, content=each.script, minutes_ago=99 - int(each.name)) for each in migrations[:applied]]
    history = History(exists=True, rows=tuple(rows), schema_has_tables=True)
    found = facts(release(*migrations), reading(history=history, catalog=there))
    return replace(found, target=replace(found.target, deadline=LONG))


def no_answer(_: Sequence[Question]) -> Answers:
    return {}


def framed(found: Facts, ask: Callable[[Sequence[Question]], Answers] = no_answer) -> Report:
    return report_in_frame(found, Trigger.TERMINAL, TOOK, Server(ask, rows))


def rows(probes: Sequence[Probe]) -> ProbeAnswers:
    """Three rows are in the way of everything."""
    return dict.fromkeys(probes, Found(3, NOW))


def timeless(report: Report) -> Report:
    return replace(report, checks=tuple(replace(check, took=timedelta(0)) for check in report.checks))


def check(report: Report, name: str) -> CheckResult:
    return next(each for each in report.checks if each.name == name)


def reason(result: CheckResult) -> str | None:
    return None if result.unknown is None else result.unknown.because


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has the parser's library do something else, in the process within the frame, with what holds the word FATAL."""

    def does(what: str) -> None:
        patch = f"""
import ctypes, os, time
from shared.postgres import library
def call(function, script, real=library.call):
    if b"FATAL" in script:
        {what}
    return real(function, script)
library.call = call
"""
        monkeypatch.setattr(process, "_ENTRY", patch + process._ENTRY)

    return does


@pytest.mark.parametrize(
    ("applied", "there"),
    [
        pytest.param(2, live(GROUND, TABLES), id="all applied"),
        pytest.param(1, live(GROUND), id="pending"),
        pytest.param(1, live(GROUND, TABLES[: len(TABLES) // 2].rpartition(";")[0]), id="half of it there"),
        pytest.param(2, live(TABLES), id="drift"),
    ],
)
def test_the_report_is_the_same_as_without(applied: int, there: Schema) -> None:
    found = context(GROUND, TABLES, applied=applied, there=there)
    assert timeless(framed(found)) == timeless(report_on(found, Trigger.TERMINAL, TOOK))


def test_the_server_is_asked_by_the_process_that_has_its_address() -> None:
    made = "CREATE TABLE made AS SELECT x * 2.5 AS more FROM a;"
    there = live(GROUND, "CREATE TABLE made (more numeric);")
    found = context(GROUND, made, applied=2, there=there)

    def answers(questions: Sequence[Question]) -> Answers:
        return dict.fromkeys(
            questions, Accepted((AnsweredColumn("more", "numeric"), AnsweredColumn("array", "numeric[]")))
        )

    report = framed(found, answers)
    assert timeless(report) == timeless(report_on(found, Trigger.TERMINAL, TOOK, Server(answers, rows)))
    assert report.coverage is not None
    assert report.coverage.opaque == {}


TOO_LARGE = "is too large to be checked within {:.0f} s and {} MiB"


@pytest.mark.parametrize(
    ("what", "seconds", "mebibytes", "because"),
    [
        pytest.param("while True: pass", 5, 1536, TOO_LARGE.format(5, "1,536"), id="runs for ever", marks=pytest.mark.long),
        pytest.param("time.sleep(9999)", 5, 1536, TOO_LARGE.format(5, "1,536"), id="waits for ever"),
        pytest.param("[bytes(1 << 20) for _ in range(1 << 20)]", SECONDS, 512, TOO_LARGE.format(SECONDS, 512), id="eats memory"),
        pytest.param("ctypes.string_at(0)", SECONDS, 1536, "could not be checked: its process ended by SIGSEGV", id="SIGSEGV"),
        pytest.param("os._exit(7)", SECONDS, 1536, "could not be checked: its process ended with status 7", id="exits"),
    ],
)  # fmt: skip
def test_what_ends_the_process_leaves_the_largest_script_unknown_and_no_other(
    library: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, *, what: str, seconds: float, mebibytes: int, because: str
) -> None:  # fmt: skip
    library(what)
    monkeypatch.setattr(frame, "MEBIBYTES", mebibytes)
    monkeypatch.setattr(frame, "_LEAST", SECONDS)
    large = "\n".join(f"CREATE TABLE fatal{n} (x int DEFAULT /* FATAL */ {n});" for n in range(40))
    small = "CREATE TABLE b (x int);"
    found = context(GROUND, large, small, applied=2, there=live(GROUND, large, "DROP TABLE a;"))
    report = framed(replace(found, target=replace(found.target, deadline=timedelta(seconds=seconds))))
    schema, history = check(report, "schema"), check(report, "history")
    # What is drift of the others is seen, and what is pending.
    assert [each.key for each in schema.findings] == ["schema-missing:table public.a"]
    assert schema.verdict is Verdict.UNKNOWN
    assert f"table public.fatal0: migration 2 {because}; " in str(reason(schema))
    assert [each.key for each in history.findings] == ["migration-pending:3"]
    assert (check(report, "activity").verdict, check(report, "privileges").verdict) == (Verdict.PASSED, Verdict.PASSED)


def test_a_statement_that_takes_the_parser_more_memory_than_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "MEBIBYTES", 256)
    large = f"CREATE VIEW wide AS SELECT {','.join(map(str, range(140_000)))};"
    found = context(GROUND, large, applied=2, there=live(GROUND, "CREATE VIEW wide AS SELECT 1 AS x;", "DROP TABLE a;"))
    report = framed(found)
    assert [each.key for each in check(report, "schema").findings] == ["schema-missing:table public.a"]
    assert report.coverage is not None
    assert report.coverage.opaque == {"view public.wide": f"migration 2 {TOO_LARGE.format(SECONDS, 256)}"}


def test_what_ran_of_a_large_pending_script_is_unknown(library: Callable[[str], None]) -> None:
    library("ctypes.string_at(0)")
    large = "\n".join(f"CREATE TABLE fatal{n} (x int DEFAULT /* FATAL */ {n});" for n in range(3))
    report = framed(context(GROUND, large, applied=1, there=live(GROUND)))
    history = check(report, "history")
    because = "migration 2 could not be checked: its process ended by SIGSEGV"
    assert (history.verdict, reason(history)) == (Verdict.UNKNOWN, because)
    (pending,) = history.findings
    statements = pending.evidence["statements"]
    assert isinstance(statements, list)
    assert [each["state"] for each in statements if isinstance(each, dict)] == ["cannot-tell"] * 3
    assert check(report, "schema").verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("later", "there"),
    [
        pytest.param(
            "CREATE TABLE b (x int); ALTER TABLE fatal1 ADD y int;",
            live(GROUND, "CREATE TABLE b (x int);"),
            id="needs it",
        ),
        pytest.param("ALTER TABLE a RENAME TO b;", live("CREATE TABLE b (x int);"), id="renames another table"),
    ],
)
def test_the_fix_of_a_later_migration_does_not_parse_it_again(
    later: str, there: Schema, library: Callable[[str], None]
) -> None:
    library("ctypes.string_at(0)")
    large = "\n".join(f"CREATE TABLE fatal{n} (x int DEFAULT /* FATAL */ {n});" for n in range(3))
    history = check(framed(context(GROUND, large, later, applied=1, there=there)), "history")
    statements = {each.subject: each.evidence["statements"] for each in history.findings}["2"]
    assert isinstance(statements, list)
    assert [each["state"] for each in statements if isinstance(each, dict)] == ["cannot-tell"] * 3


def test_where_others_end_it_too_the_schema_is_unknown(library: Callable[[str], None]) -> None:
    library("ctypes.string_at(0)")
    small = "CREATE TABLE b (x int DEFAULT /* FATAL */ 1);"
    report = framed(context(small, TABLES, "SELECT 1;", applied=2, there=live(small, TABLES)))
    schema, history = check(report, "schema"), check(report, "history")
    because = "could not be checked: its process ended by SIGSEGV"
    assert (schema.verdict, schema.findings, reason(schema)) == (Verdict.UNKNOWN, (), f"the release {because}")
    assert [each.key for each in history.findings] == ["migration-pending:3"]
    assert check(report, "activity").verdict is Verdict.PASSED


def test_where_no_process_can_be_started_nothing_of_the_scripts_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    report = framed(context(GROUND, applied=1, there=live(GROUND)))
    assert {each.name: reason(each) for each in report.checks if each.name in {"history", "schema"}} == dict.fromkeys(
        ("history", "schema"),
        "the release could not be checked: no process could be started for it (No such file or directory)",
    )
    assert check(report, "activity").verdict is Verdict.PASSED
    # A release without schema.sql has no check of it.
    assert [each.name for each in report.checks] == [each.name for each in CHECKS if each.name != "release"]


def test_a_bug_is_as_loud_as_without(library: Callable[[str], None]) -> None:
    library("raise KeyError('a bug')")
    with pytest.raises(ReportingError, match="KeyError: 'a bug'"):
        framed(context("SELECT 'FATAL';", applied=1, there=Schema({})))


def test_no_secret_is_in_the_environment_or_on_the_command_line(
    library: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:canary@db.example.com/app")
    library('raise KeyError(open("/proc/self/environ").read() + open("/proc/self/cmdline").read())')
    with pytest.raises(ReportingError) as raised:
        framed(context("SELECT 'FATAL';", applied=1, there=Schema({})))
    assert "PYTHONPATH=" in str(raised.value)
    assert "canary" not in str(raised.value)
    assert "DATABASE_URL" not in str(raised.value)


def test_no_process_is_left_behind(
    library: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun = tmp_path / "pids"
    library(f"open('{begun}', 'a').write(f'{{os.getpid()}} '); time.sleep(9999)")
    found = context("SELECT 'FATAL';", applied=0, there=Schema({}))
    for seconds in growing(5.0):
        monkeypatch.setattr(frame, "_LEAST", 0.4 * seconds)
        framed(replace(found, target=replace(found.target, deadline=timedelta(seconds=seconds))))
        if begun.exists():
            break
    for pid in begun.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_what_counts_as_large() -> None:
    large = release(Migration("1", b"x" * 300_000), Migration("2", b"y" * 300_000))
    assert is_large(large)
    assert is_large(release(large.migrations[0]), release(large.migrations[1]))
    # The source of what is ahead holds the release's own migrations, too.
    assert not is_large(release(large.migrations[0]), release(large.migrations[0]), None)
    # A short statement takes as long as a long one.
    many = release(Migration("1", b"SELECT 1;" * 2_600), Migration("2", b"SELECT 2;" * 2_600))
    assert is_large(many)
    assert not is_large(release(many.migrations[0]))


@pytest.fixture
def production(database: str, reachable_tmp_path: Path) -> Target:
    """A target whose only migration is applied."""
    (reachable_tmp_path / "1").mkdir()
    (reachable_tmp_path / "1" / "migration.sql").write_text(GROUND)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(HISTORY_TABLE)
        connection.execute(GROUND)
        connection.execute(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at)"
            " VALUES ('1', %s, '1', now() - interval '1 hour', now())",
            (checksum(GROUND.encode()),),
        )
    settings = DatabaseSettings(Secret("the test's", database))
    return Target("production", (ReleaseSettings("folder", str(reachable_tmp_path)),), settings)


@pytest.mark.parametrize(
    ("padding", "because"),
    [
        pytest.param("", None, id="a small release is checked here"),
        pytest.param(
            f"-- {'x' * 600_000}",
            "the release could not be checked: its process ended with status 9",
            id="a large one in the frame",
        ),
    ],
)
def test_which_releases_a_run_checks_in_a_frame(
    production: Target, monkeypatch: pytest.MonkeyPatch, padding: str, because: str | None
) -> None:
    script = Path(str(production.releases[0].path)) / "1" / "migration.sql"
    script.write_text(f"{GROUND}\n{padding}")
    monkeypatch.setattr(process, "_ENTRY", "raise SystemExit(9)")
    report = run(production, Trigger.TERMINAL)
    assert reason(check(report, "schema")) == because
    monkeypatch.undo()
    assert reason(check(run(production, Trigger.TERMINAL), "schema")) is None


def test_a_small_release_imports_no_frame(production: Target, database: str) -> None:
    code = (
        "import sys; from shared.entrypoints.cli.main import main; main(sys.argv[1:]); "
        "print([n for n in sys.modules if n in {'shared.run.frame', 'shared.run.framed', 'shared.run.process'}], file=sys.stderr)"
    )
    arguments = ["check", "--migrations", str(production.releases[0].path), "--database-url", database]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"
