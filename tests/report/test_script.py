"""The script asks what only a person can know, and leaves other ways as comments."""

import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.model.diagnosis import MigrationStatus, State
from shared.model.finding import Cause, Finding, Severity, Step
from shared.model.knowledge import Unavailable
from shared.model.progress import Progress, StatementProgress, StatementState
from shared.model.report import CheckResult, Verdict
from shared.remedies.conflicting import CHECK_AGAIN
from shared.report.script import as_script, progress_digest, why_no_script
from tests.report.sample import FAILED, report

REMEDY = (
    Step("Fix it."),
    Step("Not applied yet? Only then run it.", "psql <<'SQL'\nINSERT INTO t VALUES (1);\nSQL", asks=True),
    Step("Record it.", "npx prisma migrate resolve --applied 1"),
    Step("Or undo it.", "psql -c 'DROP TABLE t'", choice=True),
)


def test_each_kind_of_step_has_its_form() -> None:
    script = as_script(report(replace(FAILED, remedy=REMEDY)), ["monitor", "check"])
    assert (
        """\
confirm '20250904_fix_folders: Fix it.'
if needed '20250904_fix_folders: Not applied yet? Only then run it.'; then
psql <<'SQL'
INSERT INTO t VALUES (1);
SQL
fi
# Record it.
complete 20250904_fix_folders
npx prisma migrate resolve --applied 1
# Or undo it.
#     psql -c 'DROP TABLE t'
"""
        in script
    )
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def lines_of(*findings: Finding) -> list[str]:
    script = as_script(report(*findings), ["monitor", "check"])
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
    return script.splitlines()


def finding(code: str, *remedy: Step, because: tuple[Cause, ...] = ()) -> Finding:
    return Finding(code, "x", Severity.CRITICAL, "Broken.", remedy=remedy, because=because)


def test_where_every_way_is_a_choice_a_person_has_to_go_it() -> None:
    ways = (Step("If it ran,", "npx a", choice=True), Step("if not,", "npx b", choice=True))
    lines = lines_of(finding("migration-failed", *ways))
    assert "#     npx a" in lines
    assert [line for line in lines if line.startswith("confirm 'x: This needs a person")]


def test_what_is_possibly_related_keeps_its_steps_and_what_is_certain_ends_with_its_cause() -> None:
    cause = finding("migration-failed", Step("Fix it."))
    for certain in (True, False):
        seeds = finding("seed-missing", Step("Seed.", "npx seed"), because=(Cause(cause.key, certain=certain),))
        assert ("npx seed" in lines_of(cause, seeds)) is not certain


def test_what_makes_a_deployment_fail_is_renamed_once_and_only_with_permission() -> None:
    pointing = [
        replace(finding("schema-unexpected", Step("Fix deploy-will-fail of x.")), subject=each) for each in ("a", "b")
    ]
    causes = tuple(Cause(each.key, certain=True) for each in pointing)
    renaming = Step("Rename a; do only this if nothing needs it.", "psql -c rename", asks=True)
    blocked = finding("deploy-will-fail", renaming, Step("Deploy.", "npx deploy"), because=causes)
    pending = finding("migration-pending", Step("First fix it."), because=(Cause(blocked.key, certain=True),))
    lines = lines_of(pending, blocked, *pointing)
    at = lines.index("permitted 'x: Rename a; do only this if nothing needs it.'")
    assert lines[at + 1 : at + 4] == ["psql -c rename", "# Deploy.", "npx deploy"]
    assert lines.count("psql -c rename") == 1
    assert not [line for line in lines if line.startswith(("confirm ", "if needed "))]


def test_a_script_that_frees_a_name_ends_there_and_says_what_comes_next() -> None:
    freeing = finding("deploy-will-fail", Step("Rename a.", "psql -c rename", asks=True), CHECK_AGAIN)
    lines = lines_of(finding("migration-failed", Step("Record it.", "npx resolve")), freeing)
    assert "npx resolve" not in lines
    at = lines.index("permitted 'x: Rename a.'")
    assert lines[at + 1 :] == [
        "psql -c rename",
        "",
        "trap - EXIT",
        "echo",
        'echo "These steps are done. The next ones depend on the result: run remedy --script again for them. Still open:"',
        "monitor check",
    ]


@pytest.mark.parametrize(
    ("code", "command", "runs"),
    [
        pytest.param("schema-missing", "CREATE TABLE t ();", False, id="the body of a new migration"),
        pytest.param("schema-missing", "psql <<'SQL'\nCREATE TABLE t ();\nSQL", True, id="what this database alone lacks"),
        pytest.param("migration-edited", "git --no-pager log -p", False, id="to read in a checkout"),
        pytest.param("index-invalid", "psql <<'SQL'\nREINDEX INDEX i;\nSQL", True, id="psql"),
        pytest.param("migration-failed", "npx prisma migrate resolve --rolled-back '1\u202e'", False, id="a name that cannot be shown"),
    ],
)  # fmt: skip
def test_only_what_is_for_this_shell_is_run(code: str, command: str, runs: bool) -> None:
    lines = lines_of(finding(code, Step("Do it.", command)))
    assert (command.splitlines()[0] in lines) is runs
    assert bool([line for line in lines if line.startswith("confirm ")]) is not runs


def test_what_is_asked_names_what_it_is_about_once() -> None:
    steps = Step("Find out whether line 2 ran.", "psql", asks=True), Step("Change line 2 of 7_x.")
    lines = lines_of(replace(finding("migration-failed", *steps), subject="7_x"))
    asked = [line for line in lines if line.startswith(("confirm ", "if needed "))]
    assert asked == ["if needed '7_x: Find out whether line 2 ran.'; then", "confirm 'Change line 2 of 7_x.'"]


def test_nobody_s_session_is_ended_unasked() -> None:
    lines = lines_of(finding("session-blocking", Step("End it.", "psql -c end")))
    assert lines[lines.index("psql -c end") - 1] == "if needed 'x: End it.'; then"


def test_a_terminal_is_asked_for_only_where_there_are_questions() -> None:
    asking, silent = lines_of(finding("a", Step("Do."))), lines_of(finding("a", Step("Do.", "true")))
    assert [any("no terminal" in line for line in lines) for lines in (asking, silent)] == [True, False]


@pytest.mark.parametrize("check", ["history", "schema", "seeds"])
def test_no_script_without_history_and_schema(check: str) -> None:
    unknown = CheckResult(check, Verdict.UNKNOWN, timedelta(0), (), Unavailable("no right"))
    unchecked = replace(report(FAILED), checks=(CheckResult("app", Verdict.FAILED, timedelta(0), (FAILED,)), unknown))
    said = f"no script can be written: the check {check} is unknown (no right)"
    assert why_no_script(unchecked) == (None if check == "seeds" else said)


def test_a_statement_that_has_vanished_changes_the_digest() -> None:
    def digest(state: StatementState) -> str:
        progress = Progress((StatementProgress("SELECT", 1, 0, 6, state, "seen"),), (0,))
        status = MigrationStatus("1", State.FAILED, None, None, progress=progress)
        return progress_digest(replace(report(FAILED), migrations=(status,)))

    assert digest(StatementState.PRESENT) == digest(StatementState.PRESENT) != digest(StatementState.ABSENT)


@pytest.mark.parametrize(
    "code", ["deploy-blocks", "deploy-loses-data", "deploy-breaks-running-app", "deploy-not-probed"]
)
def test_what_a_deployment_will_do_is_no_step(code: str) -> None:
    """Its queries are for before the deployment that the script itself runs."""
    predicted = finding(code, Step("Count the rows in the way.", "psql -c 'SELECT count(*) FROM t'"))
    with_it, without = lines_of(FAILED, predicted), lines_of(FAILED)
    assert with_it[2:] == without[2:]  # but for the headline
    assert why_no_script(report(predicted)) == "there is nothing to fix"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        pytest.param("true", 0, id="all done"),
        pytest.param("(exit 3)", 3, id="a step fails"),
        pytest.param("kill -INT $$", 130, id="Ctrl-C"),
    ],
)
def test_a_script_that_stops_says_what_comes_next(command: str, status: int) -> None:
    script = as_script(
        report(finding("index-invalid", Step("Do it.", f"psql --version >/dev/null; {command}"))), ["true"]
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode % 256 in (status, 256 - 2 if status == 130 else status)
    assert ("Stopped: this step" in done.stderr) is (status != 0)
    assert ("answer no where it asks for what this run has done" in done.stderr) is (status != 0)
    assert ("Done. What is still open" in done.stdout) is (status == 0)
