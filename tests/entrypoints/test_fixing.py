"""From a finding to its end: explain, a script that checks again first, and what it refuses to do."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from shared.demo.incident import BROKEN, DATABASE, MIGRATIONS, break_it, build
from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.cli.exits import UsageError
from shared.entrypoints.cli.explain import meant
from shared.entrypoints.cli.main import main
from shared.model.diagnosis import MigrationStatus, State
from tests.alerts.news import BEGAN, report
from tests.on_terminal import run_on_terminal


@pytest.fixture
def incident(postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The URL of the production of that morning, which is also DATABASE_URL."""
    with psycopg.connect(postgres.url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE}".encode())
        admin.execute("DROP ROLE IF EXISTS migration_monitor")
    build(postgres)
    break_it(postgres)
    url = postgres.url(DATABASE)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    return url


FILES = ["--migrations", str(MIGRATIONS)]


def test_explain_lists_every_statement(incident: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "fix_folders", *FILES]) == 0
    output = capsys.readouterr().out
    assert output.startswith(f'{BROKEN}  failed\n  Recorded error: ERROR: column "project_id" of relation')
    assert "  6 statements: some were applied.\n" in output
    assert [output.count(word) for word in ("✓ present", "✗ absent")] == [3, 3]
    assert 'ALTER TABLE "folders" ADD COLUMN     "project_id" INTEGER NOT NULL' in output
    assert "\x1b" not in output


def test_explain_says_of_an_applied_one_that_it_was_not_asked(
    incident: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "init", *FILES]) == 0
    assert "the history says that it ran as a whole" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "beginning"),
    [("add", "3 migration names contain 'add'. "), ("nothing", "no migration name contains 'nothing'. ")],
)
def test_explain_wants_one_name(name: str, beginning: str, incident: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name, *FILES]) == 1
    said = capsys.readouterr().err
    assert f"{beginning}The newest first:\n  20250905_091500_add_phase_result_tracking\n" in said
    assert " older" not in said


def test_explain_lists_the_newest_of_many_and_counts_the_rest() -> None:
    many = tuple(MigrationStatus(f"{number:03}_it", State.APPLIED, None, None) for number in range(472))
    with pytest.raises(UsageError) as wrong:
        meant(replace(report(at=BEGAN), migrations=many), "nothing")
    newest = [f"  {number}_it" for number in range(471, 461, -1)]
    assert str(wrong.value).splitlines()[1:] == [*newest, "  and 462 older"]


KEYS = [
    f"migration-failed:{BROKEN}",
    "migration-pending:20250905_090000_add_asset_column_aliases",
    "migration-pending:20250905_091500_add_phase_result_tracking",
]


def test_expected_findings(incident: str) -> None:
    expecting = [word for key in KEYS for word in ("--expect", key)]
    assert main(["check", *FILES, *expecting]) == 0
    assert main(["check", *FILES, *expecting[2:]]) == 2
    assert main(["check", *FILES, *expecting, "--expect", "seed-missing:users"]) == 2
    with psycopg.connect(incident, autocommit=True) as production:
        production.execute("ALTER TABLE _prisma_migrations DROP COLUMN checksum")
    assert main(["check", *FILES, *expecting]) == 1


def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "argv", [str(Path(__file__).parents[2] / "monitor.py")])
    assert main(["remedy", "--script", *FILES, "--output", "fix.sh"]) == 2
    return tmp_path / "fix.sh"


def run_without_a_terminal(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", path], env={**os.environ}, text=True, capture_output=True, start_new_session=True, check=False
    )


def columns(url: str) -> set[str]:
    with psycopg.connect(url) as production:
        rows = production.execute("SELECT attname::text FROM pg_attribute WHERE attrelid = 'folders'::regclass")
        return {name for (name,) in rows}


def test_a_script_checks_again_with_the_same_version_of_prisma(
    incident: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert " --prisma" not in script(tmp_path, monkeypatch).read_text()
    assert main(["remedy", "--script", *FILES, "--prisma", "7.10.1", "--output", "fix.sh"]) == 2
    assert " check --migrations " in (text := (tmp_path / "fix.sh").read_text())
    assert " --prisma 7.10" in text


def test_a_script_does_nothing_where_the_state_has_changed(
    incident: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = script(tmp_path, monkeypatch)
    with psycopg.connect(incident, autocommit=True) as production:
        production.execute("ALTER TABLE files DROP COLUMN checksum")
    with psycopg.connect(incident, autocommit=True) as production:
        production.execute("UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL")
    done = run_without_a_terminal(path)
    assert done.returncode == 1
    assert "Nothing was done" in done.stderr
    assert "project_id" not in columns(incident)


def test_a_script_does_nothing_that_a_person_has_not_agreed_to(
    incident: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = script(tmp_path, monkeypatch)
    done = run_without_a_terminal(path)
    assert done.returncode == 1
    assert "no terminal to ask on. Nothing was done." in done.stderr
    assert "project_id" not in columns(incident)


def test_a_script_stops_where_its_question_is_not_answered_with_yes(
    incident: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = script(tmp_path, monkeypatch)
    done = run_on_terminal(path, lambda _question: "no", folder=tmp_path, environment=os.environ)
    assert done.status == 1
    assert len(done.questions) == 1
    assert "project_id" not in columns(incident)


def test_a_script_does_nothing_where_a_statement_has_vanished(
    incident: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = script(tmp_path, monkeypatch)
    with psycopg.connect(incident, autocommit=True) as production:
        production.execute('ALTER TABLE "files" DROP COLUMN "checksum"')
    assert main(["check", *FILES, *(word for key in KEYS for word in ("--expect", key))]) == 0, (
        "the findings are the same"
    )
    done = run_on_terminal(path, lambda _question: "yes", folder=tmp_path, environment=os.environ)
    assert done.status == 1
    assert "Something has changed" in done.output
    assert done.questions == ()


def test_expected_to_be_applied(incident: str) -> None:
    assert main(["check", *FILES, "--expect-applied", "20250714_081500_init"]) == 0
    assert main(["check", *FILES, "--expect-applied", BROKEN]) == 2
    assert main(["check", *FILES, "--expect-applied", "nothing"]) == 1


def test_a_script_holds_no_password_and_reads_as_shell(
    incident: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: PrivatePostgres
) -> None:
    text = script(tmp_path, monkeypatch).read_text()
    assert postgres.password not in text
    assert subprocess.run(["bash", "-n", tmp_path / "fix.sh"], check=False).returncode == 0
    assert text.index("--expect-progress") < text.index('psql "$') < text.index("resolve --applied")
    assert main(["remedy", "--script", *FILES, "--database-url", incident]) == 1


def test_explain_says_what_a_code_means_without_a_database(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["explain", "app-behind"]) == 0
    assert capsys.readouterr().out.splitlines()[:4] == [
        "app-behind",
        "After a deployment it runs another release than the deployed one, or its newest revision is not ready.",
        "- Severity: critical. Check: app.",
        "- First look: did the new revision fail to start? Then app-unhealthy says why. Else its traffic was not moved.",
    ]
