import shlex
from dataclasses import replace

import pytest

from shared.checks.registry import CHECKS, CheckOutcome, run_check
from shared.diagnose.diagnosis import diagnose
from shared.model.database import Activity, History, HistoryRow, LockSession
from shared.model.diagnosis import Diagnosis
from shared.model.facts import Facts
from shared.model.finding import Finding
from shared.model.knowledge import Unavailable
from shared.model.progress import Progress, Ran, StatementProgress, StatementState
from shared.model.release import Migration, Release
from shared.model.settings import RemedySettings
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from shared.remedies.commands import DEPLOY
from tests.builders import facts, reading, release, row, script

HISTORY = next(check for check in CHECKS if check.name == "history")
LOCK_HELD = Activity((LockSession(7, granted=True, application=None, connected_for=None),), (), sees_all_sessions=True)
LOCK_WAITED_FOR = Activity(
    (LockSession(7, granted=False, application=None, connected_for=None),), (), sees_all_sessions=True
)
P3018 = "Database error code: 23505\n\nDatabase error:\nERROR: could not create unique index\n\nDbError {}"


def outcome_of(context: Facts) -> CheckOutcome:
    return run_check(HISTORY, context, diagnose(context))


def keys(context: Facts) -> list[str]:
    return [finding.key for finding in outcome_of(context).findings]


def finding(context: Facts, code: str) -> Finding:
    return next(found for found in outcome_of(context).findings if found.code == code)


@pytest.mark.parametrize(
    ("shipped", "rows", "expected"),
    [
        pytest.param(["1", "2"], [row("1"), row("2")], [], id="in step"),
        pytest.param(["1", "2"], [row("1")], ["migration-pending:2"], id="pending"),
        pytest.param(["1", "2"], [], ["migration-pending:1", "migration-pending:2"], id="nothing applied"),
        pytest.param(["1", "2", "3"], [row("1"), row("3")], ["migration-skipped:2"], id="older than the newest applied"),
        pytest.param(["1", "2"], [row("1"), row("3")], ["migration-skipped:2", "migration-missing-from-release:3"], id="older than one the release lacks"),
        pytest.param(["1"], [row("1", finished=False, logs=P3018)], ["migration-failed:1"], id="failed with an error"),
        pytest.param(["1"], [row("1", finished=False, logs="")], ["migration-failed:1"], id="unfinished with empty logs cannot be running"),
        pytest.param(["1"], [row("1", finished=False)], ["migration-failed:1"], id="killed an hour ago"),
        pytest.param(["1"], [row("1", finished=False, minutes_ago=14)], ["migration-running:1"], id="unfinished and young"),
        pytest.param(["1"], [row("1", finished=False, logs=P3018, minutes_ago=1)], ["migration-failed:1"], id="young, but with an error"),
        pytest.param([], [row("1", finished=False, logs=P3018)], ["migration-failed:1"], id="failed, not in the release"),
        pytest.param(["1"], [row("1"), row("1", finished=False, logs=P3018)], ["migration-failed:1"], id="failed beside a finished row"),
        pytest.param(["1"], [row("1", finished=False, rolled_back=True, logs=P3018)], ["migration-rolled-back:1"], id="rolled back"),
        pytest.param(["1"], [row("1", finished=False, rolled_back=True, logs=P3018), row("1", minutes_ago=30)], [], id="rolled back, then run again"),
        pytest.param(["1"], [row("1", rolled_back=True)], ["migration-rolled-back:1"], id="finished and rolled back by hand"),
        pytest.param([], [row("1", finished=False, rolled_back=True)], [], id="rolled back and dropped from the release"),
        pytest.param(["1"], [row("1", content=b"other")], ["migration-edited:1"], id="edited"),
        pytest.param(["1"], [row("1", content=b"old", rolled_back=True, finished=False), row("1", minutes_ago=30)], [], id="fixed, then retried"),
        pytest.param(["1"], [row("1", content=b"old"), row("1", minutes_ago=30)], [], id="the newest row counts"),
        pytest.param(["1"], [row("1", recorded="")], ["migration-edited:1"], id="an empty checksum"),
        pytest.param(["1"], [row("1"), row("2")], ["migration-missing-from-release:2"], id="only in the database"),
        pytest.param(["2"], [row("1", content=script("2"))], ["migration-renamed:2"], id="renamed"),
        pytest.param(["1", "2"], [row("1", content=script("2"))], ["migration-pending:2", "migration-edited:1"], id="content swapped is no renaming"),
        pytest.param(["2", "3"], [row("1", content=script("2")), row("2", content=script("2"))], ["migration-pending:3", "migration-missing-from-release:1"], id="the old name beside the new"),
    ],
)  # fmt: skip
def test_keys(shipped: list[str], rows: list[HistoryRow], expected: list[str]) -> None:
    assert sorted(keys(facts(release(*shipped), reading(*rows)))) == sorted(expected)


EMPTY = b"-- This is an empty migration.\n"
BOM = b"\xef\xbb\xbfSELECT 1;"


@pytest.mark.parametrize(
    ("shipped", "rows", "expected"),
    [
        pytest.param(release(Migration("1", None)), [], ["release-malformed:1"], id="no migration.sql"),
        pytest.param(release(Migration("1", None)), [row("1")], ["release-malformed:1"], id="no migration.sql, once applied"),
        pytest.param(release(Migration("1", BOM)), [], ["release-malformed:1"], id="byte order mark to be run"),
        pytest.param(release(Migration("1", BOM)), [row("1", content=BOM)], [], id="byte order mark that has run"),
        pytest.param(release(Migration("1", BOM)), [row("1", content=BOM, rolled_back=True)], ["release-malformed:1"], id="byte order mark to be run again"),
        pytest.param(release(Migration("2", EMPTY)), [row("1", content=EMPTY)], ["migration-pending:2", "migration-missing-from-release:1"], id="empty scripts are no renaming"),
        pytest.param(release(Migration("1", b"SELECT 1;\nSELECT 'x;")), [], ["release-malformed:1"], id="a quote without an end, to be run"),
        pytest.param(release(Migration("1", b"SELECT 1;\nFROB;")), [], ["migration-pending:1"], id="not understood by us alone, to be run"),
        pytest.param(release(Migration("1", b"FROB;")), [row("1", content=b"FROB;")], [], id="unparsable, but it has run"),
        pytest.param(release("1", provider="mysql"), [row("1")], ["release-malformed:migration_lock.toml"], id="lock file of MySQL"),
        pytest.param(release("1", provider=None), [row("1")], [], id="no lock file"),
        pytest.param(release("1", provider="postgres"), [row("1")], ["release-malformed:migration_lock.toml"], id="lock file that Prisma does not know"),
        pytest.param(release("1", provider=""), [row("1")], ["release-malformed:migration_lock.toml"], id="lock file that says nothing"),
    ],
)  # fmt: skip
def test_malformed(shipped: Release, rows: list[HistoryRow], expected: list[str]) -> None:
    assert sorted(keys(facts(shipped, reading(*rows)))) == sorted(expected)


@pytest.mark.parametrize(
    ("activity", "expected"),
    [
        pytest.param(LOCK_HELD, "migration-running:1", id="the lock is held"),
        pytest.param(LOCK_WAITED_FOR, "migration-failed:1", id="somebody only waits for it"),
        pytest.param(Unavailable("hidden"), "migration-failed:1", id="the lock cannot be seen"),
    ],
)
def test_an_old_unfinished_row(activity: Activity | Unavailable, expected: str) -> None:
    assert keys(facts(release("1"), reading(row("1", finished=False), activity=activity))) == [expected]


def test_a_row_that_begins_in_the_future_is_no_running_migration() -> None:
    assert keys(facts(release("1"), reading(row("1", finished=False, minutes_ago=-600)))) == ["migration-failed:1"]
    assert keys(facts(release("1"), reading(row("1", finished=False, minutes_ago=-2)))) == ["migration-running:1"]


def test_where_logs_may_not_be_read_only_the_lock_shows_that_it_runs() -> None:
    unreadable = History(exists=True, rows=(row("1", finished=False, minutes_ago=1),), logs_readable=False)
    assert keys(facts(release("1"), reading(history=unreadable))) == ["migration-failed:1"]
    assert keys(facts(release("1"), reading(history=unreadable, activity=LOCK_HELD))) == ["migration-running:1"]


def test_a_skipped_one_names_the_one_that_overtook_it() -> None:
    skipped = finding(facts(release("1"), reading(row("0"), row("2"))), "migration-skipped")
    assert skipped.summary == "1 was never applied, although the later 2 was."


def test_two_failed_ones_are_both_fixed_before_a_deploy() -> None:
    context = facts(
        release("1", "2", "3"), reading(row("1", finished=False, logs=P3018), row("2", finished=False, logs=P3018))
    )
    first, second, pending = outcome_of(context).findings
    assert any("Fix 2 as well" in step.text for step in first.remedy)
    assert any("Fix 1 as well" in step.text and step.command == DEPLOY for step in second.remedy)
    assert DEPLOY not in {step.command for step in (*first.remedy, *pending.remedy)}
    assert "First fix 1 and 2" in pending.remedy[0].text


def test_what_may_be_ahead_is_not_called_missing() -> None:
    rows = reading(row("1"), row("2"))
    assert keys(facts(release("1"), rows, ahead=release("1", "2"))) == ["migration-ahead:2"]
    outcome = outcome_of(facts(release("1"), rows, ahead=Unavailable("no such branch")))
    assert outcome == CheckOutcome((), Unavailable("no such branch"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("CREATE TABLE n (id int);", "a deploy would run it and fail.", id="it fails"),
        pytest.param(
            "CREATE TABLE IF NOT EXISTS n (id int);", "a deploy would run it a second time.", id="it does not"
        ),
    ],
)
def test_what_a_deploy_would_do_with_an_unrecorded_one(content: str, says: str) -> None:
    replay = Replay()
    replay.run_all(parse(script("1").decode() + content))
    shipped = release("1", Migration("2", content.encode()))
    unrecorded = finding(facts(shipped, reading(row("1"), catalog=replay.freeze())), "migration-unrecorded")
    assert unrecorded.summary.endswith(says)


def test_a_missing_schema_has_its_own_code() -> None:
    nowhere = History(exists=False, schema_exists=False)
    missing = finding(facts(release("1"), reading(history=nowhere)), "history-missing")
    assert missing.summary.startswith("There is no schema public in this database.")


def test_only_the_newest_unfinished_row_can_be_running() -> None:
    rows = (row("1", finished=False, minutes_ago=90), row("2", finished=False, minutes_ago=1))
    assert keys(facts(release("1", "2"), reading(*rows))) == ["migration-failed:1", "migration-running:2"]


@pytest.mark.parametrize(
    ("shipped", "database"),
    [
        pytest.param(Unavailable("the archive is broken"), reading(), id="no release"),
        pytest.param(release("1"), Unavailable("the archive is broken"), id="no database"),
        pytest.param(release("1"), reading(history=Unavailable("the archive is broken")), id="no history"),
    ],
)
def test_unknown_as_a_whole(shipped: Release | Unavailable, database: object) -> None:
    assert outcome_of(facts(shipped, database)) == CheckOutcome((), Unavailable("the archive is broken"))  # type: ignore[arg-type]  # one of two


def test_no_history_table() -> None:
    missing = History(exists=False, schema_has_tables=True)
    context = facts(release("1"), reading(history=missing))
    assert keys(context) == ["history-missing:public", "migration-pending:1"]
    commands = [step.command for step in finding(context, "migration-pending").remedy]
    assert commands == [None, "npx prisma migrate deploy"]


def test_what_waits_behind_a_failed_one_names_it_as_its_cause() -> None:
    pending = finding(facts(release("1", "2"), reading(row("1", finished=False, logs=P3018))), "migration-pending")
    assert [(cause.key, cause.certain) for cause in pending.because] == [("migration-failed:1", True)]
    assert [step.command for step in pending.remedy] == [None]
    assert "First fix 1" in pending.remedy[0].text


@pytest.mark.parametrize(
    ("states", "said"),
    [
        pytest.param([StatementState.NO_TRACE], " The schema does not show whether it ran: none of its statements changes the schema.", id="traceless"),
        pytest.param([StatementState.UNKNOWN, StatementState.NO_TRACE], " The schema does not show whether it ran.", id="ambiguous"),
        pytest.param([StatementState.ABSENT], "", id="not applied"),
        pytest.param([], "", id="empty"),
    ],
)  # fmt: skip
def test_that_nothing_shows_whether_it_ran_is_said_with_the_reason(states: list[StatementState], said: str) -> None:
    context = facts(release("1"), reading())
    diagnosis = diagnose(context)
    assert isinstance(diagnosis, Diagnosis)
    statements = tuple(StatementProgress("UPDATE t SET a = 1", 1, 0, 0, state, "", ran=Ran.NOT_RUN) for state in states)
    (status,) = diagnosis.migrations
    diagnosis = replace(diagnosis, migrations=(replace(status, progress=Progress(statements, ())),))
    (pending,) = run_check(CHECKS[0], context, diagnosis).findings
    assert pending.summary == f"1 is in the release and was never applied.{said}"


def test_a_failed_one_shows_the_error() -> None:
    failed = finding(facts(release("1"), reading(row("1", finished=False, logs=P3018))), "migration-failed")
    assert failed.summary == (
        "1 failed on 2026-11-22 at 08:05 UTC: ERROR: could not create unique index (SQLSTATE 23505). "
        "It blocks every deploy (P3009)."
    )
    assert failed.evidence == {
        "effects": "cannot-tell",
        "statements": [],
        "error": "ERROR: could not create unique index",
        "sqlstate": "23505",
        "also_finished": False,
    }


@pytest.mark.parametrize(
    ("shipped", "rows"),
    [
        pytest.param([], [row("it's", finished=False, logs=P3018)], id="not in the release (--applied would be P3017)"),
        pytest.param(["it's"], [row("it's"), row("it's", finished=False, logs=P3018)], id="finished too (--applied would be P3008)"),
    ],
)  # fmt: skip
def test_a_failed_row_that_can_only_be_marked_as_rolled_back(shipped: list[str], rows: list[HistoryRow]) -> None:
    failed = finding(facts(release(*shipped), reading(*rows)), "migration-failed")
    commands = [step.command for step in failed.remedy if step.command]
    assert commands == ["""npx prisma migrate resolve --rolled-back 'it'"'"'s'"""]


def test_remedies_are_framed_by_the_settings() -> None:
    framing = RemedySettings(folder="apps/back end", before=('export DATABASE_URL="$(az …)"',))
    pending = finding(facts(release("1"), reading(), remedy=framing), "migration-pending")
    assert [step.command for step in pending.remedy] == [
        "cd 'apps/back end'\nexport DATABASE_URL=\"$(az …)\"",
        "npx prisma migrate deploy",
    ]


def test_unreadable_logs_are_said_to_be() -> None:
    unreadable = History(exists=True, rows=(row("1", finished=False),), logs_readable=False)
    failed = finding(facts(release("1"), reading(history=unreadable)), "migration-failed")
    assert "the monitor's role may not read its error" in failed.summary


@pytest.mark.parametrize("name", ["with space", "quo'te\"d", "emoji 🎉", "-rf", "$(reboot)", "new\nline"])
def test_odd_names_stay_one_argument(name: str) -> None:
    failed = finding(facts(release(name), reading(row(name, finished=False, logs=P3018))), "migration-failed")
    command = next(step.command for step in failed.remedy if step.command and "--applied" in step.command)
    assert shlex.split(command) == ["npx", "prisma", "migrate", "resolve", "--applied", name]
