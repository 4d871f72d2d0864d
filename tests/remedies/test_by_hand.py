"""What is advised of a failed migration whose changes of rows somebody may have run by hand."""

from dataclasses import replace

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.database import History
from shared.model.finding import Finding
from shared.model.progress import Progress, StatementProgress, StatementState
from shared.remedies import commands
from shared.remedies.remaining import remaining
from tests.builders import facts, reading
from tests.diagnose.test_proof import OF_NOTHING, OF_PRISMA_6
from tests.diagnose.test_schema import diagnosed, live, ran, resolved, shipping

HISTORY = next(check for check in CHECKS if check.name == "history")
BASE = "CREATE TABLE a (id int PRIMARY KEY, x text);"
FILL, MAKE, COLUMN = "UPDATE a SET x = 'filled';", "CREATE TABLE b (id int);", "ALTER TABLE a ADD COLUMN z int;"
MORE = "UPDATE a SET z = 1;"
MIXED = "\n".join([FILL, MAKE, COLUMN, MORE])
QUERY = "SELECT count(*) FROM a WHERE a.x IS DISTINCT FROM ('filled');"


def found(
    *there: str, script: str = MIXED, later: str = "", logs: str = OF_PRISMA_6, undone: bool = False
) -> list[Finding]:
    release = shipping(("1", BASE), ("2", script), *([("3", later)] if later else []))
    failed = replace(ran("2", script, finished=False, rolled_back=undone), logs=logs)
    rows = (ran("1", BASE, minutes_ago=90), failed)
    actual = live(BASE, *there)
    said = facts(release, reading(history=History(exists=True, rows=rows), catalog=actual))
    outcome = run_check(HISTORY, said, diagnosed(release, rows, actual))
    assert outcome.unknown is None
    return list(outcome.findings)


def steps_of(finding: Finding) -> list[tuple[str, str | None, bool, bool]]:
    return [(step.text.partition(":")[0], step.command, step.asks, step.choice) for step in finding.remedy]


def psql(*statements: str) -> str:
    return commands.psql(statements, "public")


SEE = ("Check whether line 1 ran", psql("SET TRANSACTION READ ONLY;", QUERY), False, False)
FIND_OUT = ("Find out whether somebody ran line 1 of 2 by hand", None, False, False)
ASKED = (
    "Find out whether line 1 ran already. The database does not show it. Run it only if its rows or effects are missing",
    psql(FILL),
    True,
)
REST = ("Run the 3 missing statements, printed as in the file.", psql(MAKE, COLUMN, MORE), False)
RECORDED = (
    "Mark the migration as applied without running it. By then all of its statements must be applied.",
    commands.resolve_applied("2"),
    False,
)


def test_a_failed_batch_without_traces_is_run_again_unless_somebody_has_run_what_leaves_none() -> None:
    (finding,) = found()
    assert steps_of(finding) == [
        ("Fix what made the migration fail. None of its statements was applied", None, False, False),
        SEE,
        FIND_OUT,
        ("Mark the failed migration as rolled back.", commands.resolve_rolled_back("2"), False, False),
        ("Apply the migration again.", commands.DEPLOY, False, False),
        ("If only some of its statements ran", None, False, True),
        (*ASKED, True),
        (*REST, True),
        (*RECORDED, True),
    ]
    assert finding.evidence["effects"] == "none"
    assert "None of its statements was applied." in finding.summary


def test_one_that_was_rolled_back_waits_for_that_with_all_that_a_deploy_applies() -> None:
    rolled_back, waiting = found(undone=True, later="CREATE TABLE c ();")
    assert rolled_back.code == "migration-rolled-back"
    assert steps_of(rolled_back) == [
        ("Fix what made the migration fail the first time.", None, False, False),
        SEE,
        FIND_OUT,
        ("Apply the pending migrations.", commands.DEPLOY, False, False),
        ("If only some of its statements ran", None, False, True),
        (*ASKED, True),
        (*REST, True),
        (*RECORDED, True),
        ("Apply the pending migrations.", commands.DEPLOY, False, True),
    ]
    assert steps_of(waiting) == [("Then find out whether 2 ran already, before a deploy runs it", None, False, False)]


def test_of_one_that_ran_in_part_nothing_is_asked_that_needs_what_is_missing() -> None:
    (finding,) = found(MAKE, script="\n".join([MAKE, COLUMN, FILL, MORE]), logs=OF_NOTHING)
    asked = [step for step in finding.remedy if step.asks]
    assert [step.command for step in asked] == [psql(FILL)]
    assert psql(COLUMN) in [step.command for step in finding.remedy]


@pytest.mark.parametrize(
    ("script", "there"),
    [
        pytest.param(f"{COLUMN}\n{MORE}\n{MAKE}", [], id="it needs a column that is missing"),
        pytest.param(f"{MAKE}\nINSERT INTO b VALUES (1);", [], id="it needs a table that is missing"),
        pytest.param(f"{MAKE}\n{COLUMN}", [], id="nothing of it changes rows"),
    ],
)
def test_nobody_is_asked_of_what_cannot_have_run(script: str, there: list[str]) -> None:
    (finding,) = found(*there, script=script)
    assert steps_of(finding) == [
        ("Fix what made the migration fail. None of its statements was applied", None, False, False),
        ("Mark the failed migration as rolled back.", commands.resolve_rolled_back("2"), False, False),
        ("Apply the migration again.", commands.DEPLOY, False, False),
    ]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("DROP INDEX IF EXISTS never_made;", id="what nothing made"),
        pytest.param("DROP INDEX IF EXISTS a_x;", id="what was recorded without being run"),
    ],
)
def test_nobody_is_asked_before_a_deploy_of_what_only_removes_if_it_is_there(script: str) -> None:
    base, index = ran("1", BASE, minutes_ago=90), "CREATE INDEX a_x ON a (x);"
    scripts = (("1", BASE), *([("2", index)] if "a_x" in script else []), ("3", script))
    rows = (base, *([resolved("2", 10, index.encode())] if "a_x" in script else []))
    shipped, actual = shipping(*scripts), live(BASE)
    said = facts(shipped, reading(history=History(exists=True, rows=rows), catalog=actual))
    (finding,) = run_check(HISTORY, said, diagnosed(shipped, rows, actual)).findings
    assert (finding.key, steps_of(finding)) == (
        "migration-pending:3",
        [("Apply the pending migrations.", commands.DEPLOY, False, False)],
    )


def test_a_deploy_is_printed_where_one_stays_as_it_is_and_another_only_changes_rows() -> None:
    """The report after this one would say the same: what is asked of the other one is asked here."""
    undone, waiting = found(script="\n".join([FILL, MAKE]), later=FILL, undone=True, logs=OF_NOTHING)
    assert (undone.code, waiting.code) == ("migration-rolled-back", "migration-pending")
    assert steps_of(undone)[-3:] == [
        ("Or, if none of its statements ran", None, False, True),
        ("Find out whether 3 ran already", commands.resolve_applied("3"), True, True),
        ("Apply the migration.", commands.DEPLOY, False, True),
    ]
    first = [step for step in undone.remedy if not step.choice]
    assert first[-1].text.endswith("before a deploy runs it: check again, and its steps say how.")
    assert steps_of(waiting) == [("First fix 2", None, False, False)]


@pytest.mark.parametrize(
    ("by_hand", "asked"),
    [
        pytest.param([False] * 20, [1] * 20, id="few: each on its own"),
        pytest.param([False] * 21, [21], id="many: together"),
        pytest.param([False] * 19 + [True] * 2, [19, 2], id="what Prisma may have run, and what it did not"),
        pytest.param([True] * 2 + [False] * 19 + [True] * 2, [2, 19, 2], id="in the order of the script"),
    ],
)
def test_one_question_is_about_what_one_answer_decides(by_hand: list[bool], asked: list[int]) -> None:
    statements = tuple(
        StatementProgress(
            f"UPDATE a SET x = '{number}'", number, number, number + 1, StatementState.NO_TRACE, "", by_hand=each
        )
        for number, each in enumerate(by_hand, 1)
    )
    assert [len(part.statements) for part in remaining(Progress(statements, (0,)))] == asked
