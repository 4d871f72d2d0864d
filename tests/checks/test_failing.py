"""Whose fault it was: the statement that the recorded error points to, not the first that is missing."""

import pytest

from shared.checks.history import check_history
from shared.diagnose.diagnosis import diagnose
from shared.model.diagnosis import Diagnosis
from shared.model.finding import Finding
from shared.model.release import Migration
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from shared.remedies import commands
from shared.report.explanation import as_explanation
from tests.builders import facts, reading, release, row

NAME = "20250902000000_next"
SCRIPT = """\
ALTER TABLE users ADD COLUMN age int;
CREATE INDEX users_age ON users (age);
CREATE UNIQUE INDEX users_email_key ON users (email);
ALTER TABLE users ALTER COLUMN age SET NOT NULL;
CREATE TABLE tags (id int);
"""
BASE = "CREATE TABLE users (id int, email text);\n"


def logs(message: str, sqlstate: str, **reported: str) -> str:
    names = "".join(f', {name}: Some("{value}")' for name, value in reported.items())
    return (
        f"Database error code: {sqlstate}\n\nDatabase error:\nERROR: {message}\n\nDbError {{ position: None{names} }}"
    )


DUPLICATE = logs(
    'could not create unique index "users_email_key"', "23505", table="users", constraint="users_email_key"
)
NULLS = logs('column "age" of relation "users" contains null values', "23502", table="users", column="age")
LOCK = logs("canceling statement due to lock timeout", "55P03")


def diagnosed(error: str, ran: set[int]) -> tuple[Finding, str]:
    replay = Replay()
    for number, statement in enumerate(parse(BASE + SCRIPT)):
        if number == 0 or number - 1 in ran:
            replay.run(statement)
    shipped = release(Migration("1_base", BASE.encode()), Migration(NAME, SCRIPT.encode()))
    history = (
        row("1_base", content=BASE.encode(), minutes_ago=120),
        row(NAME, content=SCRIPT.encode(), finished=False, logs=error),
    )
    context = facts(shipped, reading(*history, catalog=replay.freeze()))
    diagnosis = diagnose(context)
    assert isinstance(diagnosis, Diagnosis)
    found = [finding for finding in check_history(context, diagnosis) if isinstance(finding, Finding)]
    return found[0], as_explanation(diagnosis.migrations[1], width=200)


@pytest.mark.parametrize(
    ("error", "ran", "sentence", "query"),
    [
        pytest.param(DUPLICATE, {0, 1}, "Fix what made the statement in line 3 fail: the recorded error points to it.", "HAVING count(*) > 1", id="where it stopped"),
        pytest.param(DUPLICATE, {0, 4}, "Fix what made the statement in line 3 fail: the recorded error points to it.", "HAVING count(*) > 1", id="not the first missing one"),
        pytest.param(NULLS, {0, 1, 2}, "Fix what made the statement in line 4 fail: the recorded error points to it.", "age IS NULL", id="another one"),
        pytest.param(LOCK, {0, 4}, "Fix what made the statement in line 2 fail: it is the first that was not applied.", None, id="an error of none"),
    ],
)  # fmt: skip
def test_the_remedy_names_it_and_shows_the_rows_in_its_way(
    error: str, ran: set[int], sentence: str, query: str | None
) -> None:
    finding, _ = diagnosed(error, ran)
    fixing = [step.text for step in finding.remedy if " fail: " in step.text]
    looking = [step.command for step in finding.remedy if step.text.startswith("Check the rows")]
    assert fixing == [sentence]
    assert [str(query) in (command or "") for command in looking] == ([] if query is None else [True])


def test_one_that_shows_nothing_may_have_failed_as_well() -> None:
    base, script = (
        "CREATE TABLE t (a int);",
        "ALTER TABLE t ADD b int;\nUPDATE t SET b = 1;\nALTER TABLE t ALTER b SET NOT NULL;",
    )
    rows = (
        row("1", content=base.encode(), minutes_ago=120),
        row("2", content=script.encode(), finished=False, logs=LOCK),
    )
    replay = Replay()
    replay.run_all(parse(f"{base} ALTER TABLE t ADD b int;"))
    shipped = release(Migration("1", base.encode()), Migration("2", script.encode()))
    context = facts(shipped, reading(*rows, catalog=replay.freeze()))
    (finding,) = (each for each in check_history(context, diagnose(context)) if isinstance(each, Finding))
    assert (
        "Fix what made one of the statements in lines 2 and 3 fail: only what is before them is known to have run."
        in [step.text for step in finding.remedy]
    )


KEEP = (
    ' To keep the rows of "Fol der", add "Key" without NOT NULL, fill it and set NOT NULL, by hand. Then check again before '
    "the next step: the statement counts as applied."
)
FOLDERS, FILES = 'CREATE TABLE "Fol der" (id int, size int);', "CREATE TABLE files (id int);"


@pytest.mark.parametrize(
    ("failing", "column", "there", "fix"),
    [
        pytest.param('ADD "Key" int NOT NULL', "Key", FILES, f"the recorded error points to it.{KEEP}", id="a required column"),
        pytest.param('ADD a int, ADD "Key" int NOT NULL', "Key", FILES, f"the recorded error points to it.{KEEP}", id="one of two"),
        pytest.param('ADD "Key" int NOT NULL', "Key", "", f"it can run again as a whole.{KEEP}", id="of a file that ran as one batch"),
        pytest.param("ALTER size SET NOT NULL", "size", FILES, "the recorded error points to it.", id="a column that is there"),
        pytest.param('ADD "Key" int PRIMARY KEY', "Key", FILES, "the recorded error points to it.", id="a key"),
    ],
)  # fmt: skip
def test_how_a_required_column_is_added_to_rows(failing: str, column: str, there: str, fix: str) -> None:
    script = f'{FILES}\nALTER TABLE "Fol der" {failing};'
    error = logs(
        f'column "{column}" of relation "Fol der" contains null values', "23502", table="Fol der", column=column
    )
    (finding,) = failed_at(FOLDERS, script, there, error)
    (text,) = (step.text for step in finding.remedy if step.text.startswith("Fix what made") and not step.choice)
    assert text.endswith(fix)


def test_a_required_column_that_was_added_by_hand_counts_as_applied() -> None:
    by_hand = f'{FILES} ALTER TABLE "Fol der" ADD "Key" int; ALTER TABLE "Fol der" ALTER "Key" SET NOT NULL;'
    error = logs('column "Key" of relation "Fol der" contains null values', "23502", table="Fol der", column="Key")
    (finding,) = failed_at(FOLDERS, f'{FILES}\nALTER TABLE "Fol der" ADD "Key" int NOT NULL;', by_hand, error)
    assert [step.command for step in finding.remedy] == [commands.resolve_applied("2")]


def failed_at(base: str, script: str, there: str, error: str) -> list[Finding]:
    rows = (
        row("1", content=base.encode(), minutes_ago=120),
        row("2", content=script.encode(), finished=False, logs=error),
    )
    replay = Replay()
    replay.run_all(parse(f"{base} {there}"))
    context = facts(
        release(Migration("1", base.encode()), Migration("2", script.encode())), reading(*rows, catalog=replay.freeze())
    )
    return [each for each in check_history(context, diagnose(context)) if isinstance(each, Finding)]


def test_what_was_run_by_hand_since_needs_no_fix() -> None:
    finding, explanation = diagnosed(DUPLICATE, {0, 2})
    assert not [step.text for step in finding.remedy if " fail: " in step.text]
    assert "The recorded error points to this statement" in explanation


def test_evidence_and_explanation_mark_it() -> None:
    finding, explanation = diagnosed(DUPLICATE, {0, 4})
    statements = finding.evidence["statements"]
    assert isinstance(statements, list)
    assert [each.get("failing", False) for each in statements if isinstance(each, dict)] == [
        False, False, True, False, False,
    ]  # fmt: skip
    marked = explanation.split("\n\n")[3]
    assert marked.strip().startswith("✗ absent      line 3\n")
    assert marked.strip().endswith("The recorded error points to this statement.")
    said = (
        'Recorded error: ERROR: could not create unique index "users_email_key" '
        "(SQLSTATE 23505: rows hold the same values in columns that must be unique)"
    )
    assert said in " ".join(explanation.split())
