"""Where `check`, `verify` and `plan` write their result, and in which forms."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from shared.entrypoints.cli.main import main
from shared.report.forms import FORMS
from tests import states
from tests.entrypoints.conftest import APP
from tests.entrypoints.windows import Window, without_escapes
from tests.gather.servers import Reply, Request, http_server

MIGRATIONS = str(states.migrations("up_to_date"))
NOBODY_HOME = "postgresql://reader:secret@127.0.0.1:1/app"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "MONITOR_CONFIG", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def test_several_forms_are_written_of_one_check(
    production: Callable[[str], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Reply:
        asked.append(request)
        return Reply()

    url = production("up_to_date")
    outputs = [word for form in FORMS for word in ("--output", f"{form}={form}.out")]
    with http_server(answer) as (port, _):
        call = ["check", "--database-url", url, "--migrations", MIGRATIONS, "--endpoint", f"http://127.0.0.1:{port}/"]
        assert main([*call, *outputs, "--format", "json"]) == 0
    assert len(asked) == 1
    assert capsys.readouterr().out == Path("json.out").read_text()
    assert {path.stem for path in Path.cwd().glob("*.out")} == set(FORMS)
    assert json.loads(Path("sarif.out").read_text())["version"] == "2.1.0"
    assert ET.parse("junit.out").getroot().tag == "testsuites"


@pytest.mark.parametrize(
    ("words", "files", "printed"),
    [
        pytest.param([], [], True, id="no file"),
        pytest.param(["--output", "a"], ["a"], False, id="a file instead"),
        pytest.param(["--output", "json=a"], ["a"], True, id="a file beside"),
        pytest.param(["--output", "json=a", "--output", "b"], ["a", "b"], False, id="one beside, one instead"),
        pytest.param(["--output", "./json=a"], ["json=a"], False, id="a file with = in its name"),
        pytest.param(["--quiet"], [], False, id="quiet"),
        pytest.param(["--quiet", "--output", "json=a"], ["a"], False, id="quiet, and a file"),
    ],
)
@pytest.mark.parametrize("command", ["check", "verify", "plan"])
def test_where_a_result_is_written(
    command: str, words: list[str], files: list[str], printed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    database = [] if command == "plan" else ["--database-url", NOBODY_HOME]
    status = main([command, *database, "--migrations", MIGRATIONS, *words])
    out, err = capsys.readouterr()
    assert (status, bool(out), err) == (0 if command == "plan" else 1, printed, "")
    assert sorted(path.name for path in Path.cwd().iterdir()) == files


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--output", "jsn=a"], "--output jsn=…: the formats are text, json, markdown, junit, sarif, html; a file of that name is ./jsn=…"),
        (["--output", "json="], "--output takes the name of a file, not ''"),
        (["--output", "json=a", "--output", "junit=./a"], "two --output name the same file: a"),
        (["--output", "a", "--output", "b"], "only one --output may be without a format: write --output FORMAT=FILE"),
    ],
)  # fmt: skip
def test_outputs_that_cannot_be(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--migrations", MIGRATIONS, *words]) == 1
    assert capsys.readouterr().err.startswith(f"migration-monitor: {said}\n")
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
    ],
)
def test_the_log_of_a_pipeline_may_have_colours(
    environment: dict[str, str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    main(["check", "--database-url", NOBODY_HOME, "--migrations", MIGRATIONS, "--output", "text=a"])
    assert ("\x1b[" in capsys.readouterr().out) is coloured
    assert "\x1b" not in Path("a").read_text()


def checking(*words: str) -> list[str]:
    return [sys.executable, str(APP / "monitor.py"), "check", "--migrations", MIGRATIONS, *words]


def test_a_watched_check_is_redrawn_in_place_and_ends_with_its_last_status(
    production: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", production("up_to_date"))
    monkeypatch.delenv("MONITOR_CONFIG")
    window = Window(checking("--watch", "1s", "--output", "json=report.json"), columns=100, rows=60)
    frames = window.frames()
    first, second = next(frames), next(frames)
    window.interrupt()
    assert window.ended() == 0
    for frame in (first, second):
        assert frame.startswith("Checked at ")
        assert "Next check in 1 s; Ctrl-C ends." in frame
        assert "matches its release." in frame
    before, _, after = window.written.rpartition("\x1b[?1049l")
    assert before.count("\x1b[?1049h") == 1
    assert "matches its release." in without_escapes(after)
    assert json.loads(Path("report.json").read_text())["verdict"] == "passed"


def test_a_watched_check_draws_nothing_where_another_form_is_printed(
    production: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", production("up_to_date"))
    monkeypatch.delenv("MONITOR_CONFIG")
    window = Window(checking("--watch", "1s", "--output", "json=/dev/stdout"), columns=100, rows=60)
    window.until('"trigger": "terminal"', 2)
    window.interrupt()
    assert window.ended() == 0
    assert "\x1b[?1049h" not in window.written
    assert "matches its release" not in window.written


def test_a_watched_check_that_fails_ends_so(production: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", production("pending"))
    monkeypatch.delenv("MONITOR_CONFIG")
    window = Window(checking("--watch", "1h"), columns=100, rows=20)
    frame = next(window.frames())
    window.interrupt()
    assert window.ended() == 2
    assert "does not match its release" in frame
    assert "more lines: make the window larger" in frame


@pytest.mark.parametrize("text", ["soon", "0s", "500ms", "-1s"])
def test_a_check_is_watched_at_most_once_a_second(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--migrations", MIGRATIONS, f"--watch={text}"]) == 1
    assert "--watch takes a time such as 30s or 5m, at least 1s" in capsys.readouterr().err
