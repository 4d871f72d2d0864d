"""``check --notify``, ``verify --phase`` and the silences, against a real database and a real receiver."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints import timer as schedule
from shared.entrypoints.cli.main import main
from shared.memory import MemoryFile
from tests import states
from tests.entrypoints.conftest import TO_A_HOOK
from tests.gather.servers import Reply, Request, http_server

SETTINGS = (
    TO_A_HOOK
    + """
[[target]]
name = "production"
privileges = false
release = {{ source = "folder", path = "{folder}" }}
database = {{ url = "env:APP_URL" }}
"""
)


class Receiver(list[str]):
    """What was received, by headline; `reply` may be changed."""

    reply = Reply()

    def __call__(self, request: Request) -> Reply:
        self.append(json.loads(request.body)["message"]["headline"].partition(", ")[0])
        return self.reply


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Receiver]:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "MONITOR_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    received = Receiver()
    with http_server(received) as (port, _):
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{port}/s3cret")
        yield received


@pytest.fixture
def failed(receiver: Receiver, database: str, postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """A production in which a migration failed, and settings to watch it by."""
    states.load("failed", database, postgres)
    monkeypatch.setenv("APP_URL", database)
    settle("failed")
    return receiver


def settle(state: str) -> None:
    Path("monitor.toml").write_text(SETTINGS.format(folder=states.migrations(state)))


def open_incident() -> str:
    return next(each.name for each in MemoryFile(Path("memory"), "production").load().incidents if each.is_open)


def test_notified_once_then_silent_then_resolved(
    failed: Receiver, database: str, postgres: PrivatePostgres, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check"]) == 2
    assert (failed, Path("memory").exists()) == ([], False), "a check without --notify sends nothing and writes nothing"
    assert main(["check", "--notify"]) == 2
    assert len(failed) == 1
    assert "production: hook: 127.0.0.1 answered 200" in capsys.readouterr().err
    assert main(["check", "--notify"]) == 2
    assert len(failed) == 1, "a second run is silent"
    assert "s3cret" not in capsys.readouterr().err + (Path("memory") / "production.json").read_text()


def test_a_silence_is_in_reports_and_can_be_ended(failed: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["silence", "--because", "x"]) == 1
    assert "no incident is open" in capsys.readouterr().err
    main(["check", "--notify"])
    name = open_incident()
    assert main(["silence", name, "--for", "4h", "--because", "on it", "--who", "Ada"]) == 0
    capsys.readouterr()
    assert main(["silences"]) == 0
    listed = capsys.readouterr().out
    assert name in listed
    assert "UTC (Ada: on it)" in listed
    assert main(["check"]) == 2
    assert "silenced until" in capsys.readouterr().out
    assert main(["check", "--format", "json"]) == 2
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [f["incident"] for f in findings if f["silenced_until"] is not None] == [name]
    assert main(["unsilence", name]) == 0
    assert main(["unsilence", name]) == 1
    assert "is not silenced by itself" in capsys.readouterr().err
    main(["check"])
    assert "silenced until" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["silence", "--for", "soon", "--because", "x"], "write --for like 30m", id="no time"),
        pytest.param(["silence", "--until", "tomorrow", "--because", "x"], "write --for like 30m", id="no moment"),
        pytest.param(["silence", "--until", "2020-01-01", "--because", "x"], "later than now", id="over already"),
        pytest.param(["silence", "--for", "91d", "--because", "x"], "within 90 days", id="for ever"),
        pytest.param(["silence", "--for", "1h"], "--because", id="no reason"),
        pytest.param(["silence", "nothing", "--because", "x"], "no open incident 'nothing'; there is 'migration ", id="no such incident"),
        pytest.param(["silences", "--target", "staging"], "no target of that name", id="no such target"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_one_sentence(
    arguments: list[str], sentence: str, failed: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", "--notify"])
    capsys.readouterr()
    assert main(arguments) == 1
    assert sentence in capsys.readouterr().err


def test_notify_needs_a_channel(failed: Receiver, capsys: pytest.CaptureFixture[str], database: str) -> None:
    assert (
        main(["check", "--notify", "--database-url", database, "--migrations", str(states.migrations("failed"))]) == 1
    )
    assert "needs a settings file with at least one [[alerts.channel]]" in capsys.readouterr().err


def test_what_nobody_takes_is_said_beside_the_report(failed: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    failed.reply = Reply(503)
    assert main(["check", "--notify"]) == 2
    captured = capsys.readouterr()
    assert "migration-failed" in captured.out
    assert "nobody was notified of" in captured.err
    assert "s3cret" not in captured.out + captured.err
    failed.reply = Reply()
    assert main(["check", "--notify"]) == 2
    assert len(failed) == 2


def test_a_deployment_from_before_to_after(
    receiver: Receiver, database: str, postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    states.load("up_to_date", database, postgres)
    monkeypatch.setenv("APP_URL", database)
    settle("up_to_date")

    def window() -> object:
        return MemoryFile(Path("memory"), "production").load().window

    assert main(["verify", "--phase", "before", "--notify"]) == 0
    assert window() is not None
    assert main(["verify", "--phase", "aborted"]) == 0
    assert window() is None
    assert main(["verify", "--phase", "before", "--notify"]) == 0
    assert main(["verify", "--notify"]) == 0
    assert window() is None
    assert receiver == []


def test_a_candidate_with_more_than_production_has_is_stopped_with_a_message(
    receiver: Receiver, database: str, postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    states.load("pending", database, postgres)
    monkeypatch.setenv("APP_URL", database)
    settle("pending")
    assert main(["verify", "--phase", "before", "--notify"]) == 2
    (headline,) = receiver
    assert headline.startswith("production: the deployment was stopped before it began: migration ")
    memory = MemoryFile(Path("memory"), "production").load()
    assert (memory.window, memory.incidents) == (None, ())


def test_the_schedule_notifies_and_checks_again_soon(failed: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_CONFIG", str(Path("monitor.toml").resolve()))
    schedule.check_target(b'{"target": "production"}')
    assert len(failed) == 1
    soon = datetime.now(UTC) + timedelta(minutes=5)
    assert schedule.messages(soon, past_due=False) == ['{"target": "production"}']
    memory = MemoryFile(Path("memory"), "production").load()
    assert memory.next_run_at is not None
    assert [run.verdict.value for run in memory.runs] == ["failed"]
