import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.private_postgres import PrivatePostgres
from shared.doors.terminal.main import main
from tests import states

ROOT = Path(__file__).parents[2]
PASSWORD = "p4ssw0rd"
NOBODY_HOME = f"postgresql://reader:{PASSWORD}@127.0.0.1:1/app"


@pytest.fixture
def in_step(database: str, postgres: PrivatePostgres) -> str:
    states.load("up_to_date", database, postgres)
    return database


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "MONITOR_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def migrations_folder(tmp_path: Path) -> str:
    (tmp_path / "migrations" / "1_init").mkdir(parents=True)
    (tmp_path / "migrations" / "1_init" / "migration.sql").write_text("SELECT 1;")
    return str(tmp_path / "migrations")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param([], "the following arguments are required: COMMAND", id="nothing"),
        pytest.param(["chek"], "invalid choice: 'chek'", id="no such command"),
        pytest.param(["check", "--frmat", "json"], "unrecognized arguments: --frmat", id="no such option"),
        pytest.param(["check", "--format", "yaml"], "invalid choice: 'yaml'", id="no such form"),
        pytest.param(["check"], "monitor.toml", id="no settings and no options"),
        pytest.param(["check", "--config", "nowhere.toml"], "nowhere.toml", id="no such settings file"),
        pytest.param(["check", "--migrations", "m"], "DATABASE_URL", id="no database"),
        pytest.param(["check", "--database-url", NOBODY_HOME], "--migrations", id="no migrations"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--migrations", "nowhere"], "nowhere: there is no such", id="no such folder"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--target", "a"], "leave it out", id="both ways at once"),
        pytest.param(["check", "--database-url", f"mysql://u:{PASSWORD}@h/d", "--migrations", "."], "postgresql://", id="not PostgreSQL"),
        pytest.param(["check", "--database-url", f"u:{PASSWORD}@h", "--migrations", "."], "postgresql://", id="no URL"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--migrations", ".", "--seed", "users"], "users", id="a seed without a number"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--migrations", ".", "--endpoint", "ftp://x"], "https://", id="an endpoint that is none"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--migrations", ".", "--seed", "users=6", "--seed", "users=7"], "two count the same rows", id="a seed twice"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--migrations", ".", "--endpoint", "http://a/b", "--endpoint", "http://c/b"], "two have the same", id="an endpoint name twice"),
        pytest.param(["verify", "--wait", "-1"], "--wait", id="a negative wait"),
        pytest.param(["verify", "--wait", "soon"], "--wait", id="no number"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_one_sentence_and_exit_1(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err
    assert "Traceback" not in captured.err
    assert PASSWORD not in captured.err


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["check", "--help"], ["verify", "--help"]):
        with pytest.raises(SystemExit, match="0"):
            main(arguments)
        assert "examples:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("make_release", "sentence"),
    [
        pytest.param(lambda path: path.mkdir(), "no migrations in it", id="a folder without migrations"),
        pytest.param(lambda path: path.write_bytes(b"not an archive"), "archive", id="an archive that is none"),
    ],
)
def test_a_release_that_cannot_be_read_is_unknown(
    make_release: Callable[[Path], None],
    sentence: str,
    in_step: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_release(tmp_path / "release.zip")
    status = main(["check", "--database-url", in_step, "--migrations", "release.zip", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert (status, report["verdict"], report["release"]) == (1, "unknown", None)
    history = next(check for check in report["checks"] if check["name"] == "history")
    assert sentence in history["unknown_because"]


def test_a_database_that_is_not_there_is_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", "--database-url", NOBODY_HOME, "--migrations", migrations_folder(tmp_path)]
    for form in ("text", "json", "markdown", "junit"):
        assert main([*arguments, "--format", form]) == 1
        captured = capsys.readouterr()
        assert "127.0.0.1:1" in captured.out
        assert PASSWORD not in captured.out + captured.err


def test_seeds_and_strictness(
    in_step: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", in_step)
    check = ["check", "--migrations", str(states.migrations("up_to_date")), "--format", "json"]
    assert main([*check, "--seed", "User>=0"]) == 0
    assert main([*check, "--seed", "User=99"]) == 2
    assert main([*check, "--seed", "Nowhere>=0"]) == 2
    edited = ["check", "--migrations", str(states.migrations("edited_trailing_newline"))]
    assert main(edited) == 0
    assert main([*edited, "--strict"]) == 2
    assert "migration-edited" in capsys.readouterr().out


def test_a_zip_is_as_good_as_a_folder(in_step: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = states.migrations("up_to_date")
    digests = []
    with zipfile.ZipFile(tmp_path / "release.zip", "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, f"repo-abc/prisma/migrations/{path.relative_to(folder)}")
    for release in (str(folder), "release.zip"):
        assert main(["verify", "--database-url", in_step, "--release", release, "--format", "json"]) == 0
        digests.append(json.loads(capsys.readouterr().out)["release"]["digest"])
    assert digests[0] == digests[1]


def test_output_goes_to_a_file_whole_or_not_at_all(
    in_step: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = [
        "check",
        "--database-url",
        in_step,
        "--migrations",
        str(states.migrations("up_to_date")),
        "--format",
        "json",
    ]
    assert main([*check, "--output", "report.json"]) == 0
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "passed"
    assert capsys.readouterr().out == ""
    assert main([*check, "--output", "nowhere/report.json"]) == 1
    assert "cannot write nowhere/report.json" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_targets_of_a_settings_file(
    in_step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APP_URL", in_step)
    target = '[[target]]\nname = "{}"\nrelease = {{ source = "folder", path = "{}" }}\ndatabase = {{ url = "env:APP_URL" }}\n'
    folder = states.migrations("up_to_date")
    (tmp_path / "monitor.toml").write_text(target.format("one", folder))
    assert main(["check", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    # The test's role is a superuser: a target of a settings file is told.
    assert (report["target"], report["verdict"]) == ("one", "warning")
    assert [finding["code"] for finding in report["findings"]] == ["monitor-can-write"]
    (tmp_path / "monitor.toml").write_text(target.format("one", folder) + target.format("two", folder))
    assert main(["check"]) == 1
    assert "several targets" in capsys.readouterr().err
    assert main(["check", "--target", "three"]) == 1
    assert "no target 'three'" in capsys.readouterr().err
    assert main(["check", "--all", "--format", "json"]) == 0
    assert [report["target"] for report in json.loads(capsys.readouterr().out)] == ["one", "two"]


def run_monitor(*arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, ROOT / "monitor.py", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )


def test_a_reader_that_leaves_early_is_no_error(in_step: str) -> None:
    with run_monitor(
        "check", "--database-url", in_step, "--migrations", str(states.migrations("up_to_date"))
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 128 + signal.SIGPIPE


def test_a_pipe_gets_neither_colour_nor_progress(in_step: str) -> None:
    process = run_monitor("check", "--database-url", in_step, "--migrations", str(states.migrations("up_to_date")))
    out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert b"is in step" in out
    assert b"\x1b" not in out
