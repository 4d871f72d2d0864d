"""What is said of a difference behind which an edited file is, and that git finds the file by what is printed."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.diagnose.diagnosis import diagnose
from shared.model.finding import Cause, Finding
from shared.model.release import Migration, Release
from shared.model.schema import Schema
from tests.builders import facts, reading, release, row
from tests.diagnose.test_schema import live

NAME = "2_posts"
RAN = "CREATE TABLE posts (id int, title text, old int);"
EDITED = "CREATE TABLE posts (id int, title varchar(9), note text);"
MISSING, CHANGED = "schema-missing:column public.posts.note", "schema-changed:column public.posts.title"
UNEXPECTED = "schema-unexpected:column public.posts.old"
RESTORE = f"Restore the file of {NAME} that was applied, in a checkout of the release: git finds it by its checksum."
NEW = "Then put what the edit was for into a new migration (npx prisma migrate dev --create-only)."
BY_HAND = f"{NEW} Write it by hand: no SQL that keeps all data is known."


def found(ahead: Release | None, catalog: Schema | None = None, recorded: str | None = None) -> dict[str, Finding]:
    rows = row(NAME, content=RAN.encode(), recorded=recorded)
    of = facts(
        release(Migration(NAME, EDITED.encode())), reading(rows, catalog=catalog or live(RAN)), ahead=ahead
    )  # fmt: skip
    truth = diagnose(of)
    return {each.key: each for check in CHECKS[:2] for each in run_check(check, of, truth).findings}


@pytest.mark.parametrize(
    ("key", "summary", "steps"),
    [
        pytest.param(
            MISSING,
            f"column public.posts.note is missing in the database: the file of {NAME} that ran did not make it; "
            "the release's edited file does (text).",
            [RESTORE, NEW],
            id="missing",
        ),
        pytest.param(
            CHANGED,
            f"column public.posts.title is text in the database, as the file of {NAME} that ran made it; "
            "by the release's edited file it is character varying(9).",
            [RESTORE, BY_HAND],
            id="changed",
        ),
        pytest.param(
            UNEXPECTED,
            f"column public.posts.old is in the database (integer): the file of {NAME} that ran made it; "
            "the release's edited file does not.",
            [RESTORE, BY_HAND],
            id="unexpected",
        ),
    ],
)
def test_with_the_file_that_ran(key: str, summary: str, steps: list[str]) -> None:
    finding = found(release(Migration(NAME, RAN.encode())))[key]
    assert (finding.summary, finding.because, [step.text for step in finding.remedy]) == (
        summary,
        (Cause(f"migration-edited:{NAME}", certain=True),),
        steps,
    )


@pytest.mark.parametrize(
    ("key", "summary", "steps"),
    [
        pytest.param(
            MISSING,
            f"column public.posts.note is missing in the database (text). Either the edit of {NAME} added it to the "
            "release, or it was removed from the database by hand.",
            [RESTORE, NEW],
            id="missing",
        ),
        pytest.param(
            CHANGED,
            "column public.posts.title is text in the database; the release's migrations define it as "
            f"character varying(9). Either the edit of {NAME} changed it in the release, or it was changed in the "
            "database by hand.",
            [RESTORE, BY_HAND, "If column public.posts.title still differs: "],
            id="changed",
        ),
        pytest.param(
            UNEXPECTED,
            "column public.posts.old is in the database, and no migration of the release makes it (integer). Either the "
            f"edit of {NAME} removed it from the release, or it was added to the database by hand.",
            [RESTORE, BY_HAND, "If column public.posts.old still differs: "],
            id="unexpected",
        ),
    ],
)
def test_without_it_both_explanations_are_named(key: str, summary: str, steps: list[str]) -> None:
    finding = found(None)[key]
    assert (finding.summary, finding.because) == (summary, (Cause(f"migration-edited:{NAME}", certain=False),))
    assert len(finding.remedy) == len(steps)
    assert all(step.text.startswith(text) for step, text in zip(finding.remedy, steps, strict=True))
    assert "that ran" not in finding.summary


def test_drift_beside_an_edit_has_its_usual_words() -> None:
    drifted = found(release(Migration(NAME, RAN.encode())), live(RAN, "CREATE TABLE tmp ()"))
    finding = drifted["schema-unexpected:table public.tmp"]
    assert (finding.because, "no applied migration creates it" in finding.summary) == ((), True)


@pytest.mark.parametrize("recorded", ["", "x" * 64, "$(reboot)"])
def test_a_checksum_that_is_none_comes_into_no_command(recorded: str) -> None:
    first, *_ = found(None, recorded=recorded)[f"migration-edited:{NAME}"].remedy
    assert (first.command, recorded and recorded in first.text) == (None, recorded and False)


@pytest.mark.parametrize("name", [NAME, "2_it's [a] *"])
def test_git_restores_the_file_that_ran(tmp_path: Path, name: str) -> None:
    file = tmp_path / "apps" / "api" / "prisma" / "migrations" / name / "migration.sql"
    other = tmp_path / "apps" / "api" / "prisma" / "migrations" / f"1{name}" / "migration.sql"

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--quiet")
    for number, content in enumerate(("SELECT 1;", RAN, "SELECT 3;", EDITED)):
        for each in (file, other):
            each.parent.mkdir(parents=True, exist_ok=True)
            each.write_text(content)
        git("add", "--all")
        git("commit", "--quiet", "--message", str(number))
    rows = row(name, content=RAN.encode())
    of = facts(release(Migration(name, EDITED.encode())), reading(rows, catalog=live(RAN)))
    edited = next(each for each in run_check(CHECKS[0], of, diagnose(of)).findings if each.code == "migration-edited")
    command = edited.remedy[0].command
    assert command is not None
    done = subprocess.run(["bash", "-c", command], cwd=file.parents[2], check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr, file.read_text(), other.read_text()) == ("", "", RAN, EDITED)


def test_in_the_words_of_what_was_only_recorded() -> None:
    made = row(NAME, content=RAN.encode())
    rows = replace(made, finished_at=made.started_at)
    of = facts(
        release(Migration(NAME, EDITED.encode())),
        reading(rows, catalog=live(RAN)),
        ahead=release(Migration(NAME, RAN.encode())),
    )
    findings = {each.key: each for each in run_check(CHECKS[1], of, diagnose(of)).findings}
    assert f"the file of {NAME} that was recorded did not make it" in findings[MISSING].summary


def test_of_a_file_that_is_lost_nothing_is_said_of_what_it_made() -> None:
    finding = found(None, live(f"{RAN} CREATE TABLE lost (id int);"))["schema-unexpected:table public.lost"]
    by = "by the release's files no applied migration creates it"
    assert finding.summary == f"table public.lost is in the database, but {by} (table)."
