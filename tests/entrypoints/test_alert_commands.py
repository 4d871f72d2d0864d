"""``test-alert`` says per channel what happened; ``preview`` writes what would be sent, and sends nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.entrypoints.cli.main import main
from shared.entrypoints.poisoned import NotDeliveredError, poisoned
from shared.report.json import as_document
from shared.report.reading import NoReportError, as_report
from tests.alerts.news import BEGAN, BROKEN, EVERYTHING, report
from tests.gather.servers import Reply, Request, http_server, nobody

TARGET = """
[[target]]
name = "production"
release = { source = "folder", path = "app" }
database = { url = "env:DATABASE_URL" }
"""
SIG = "sig=hunter2-of-the-webhook"

FILES = ("card.json", "mail.html", "webhook.json", "slack.json", "pagerduty.json", "message.txt")

Configure = Callable[..., Path]


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Write the settings with a Teams channel for each port given, named ``team``, ``team-1`` …"""
    monkeypatch.setenv("DATABASE_URL", "postgresql://reader:hunter2@127.0.0.1:1/nowhere")

    def write(*ports: int) -> Path:
        channels = ""
        for number, port in enumerate(ports):
            monkeypatch.setenv(f"URL_{number}", f"http://127.0.0.1:{port}/?{SIG}")
            name = f"team-{number}" if number else "team"
            channels += f'[[alerts.channel]]\nname = "{name}"\nkind = "teams"\nurl = "env:URL_{number}"\ntries = 1\n'
        file = tmp_path / "monitor.toml"
        file.write_text(channels + TARGET)
        monkeypatch.setenv("MONITOR_CONFIG", str(file))
        return file

    return write


def accepted(_request: Request) -> Reply:
    return Reply(202)


def test_every_channel_says_what_happened(configure: Configure, capsys: pytest.CaptureFixture[str]) -> None:
    away = nobody()
    with http_server(accepted) as (port, seen):
        configure(port, away)
        assert main(["test-alert"]) == 1
    assert capsys.readouterr().out == (
        "✓ team: Teams answered 202: accepted, look in the channel\n"
        f"✗ team-1: Teams: 127.0.0.1:{away} refused the connection\n"
    )
    assert json.loads(seen[0].body)["summary"] == "🔔 TEST of the channel team: nothing is wrong"


def test_one_channel_only(configure: Configure, capsys: pytest.CaptureFixture[str]) -> None:
    with http_server(accepted) as (port, seen):
        configure(nobody(), port)
        assert main(["test-alert", "--channel", "team-1"]) == 0
    assert capsys.readouterr().out == "✓ team-1: Teams answered 202: accepted, look in the channel\n"
    assert len(seen) == 1


def test_slack_and_pagerduty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://reader:hunter2@127.0.0.1:1/nowhere")
    monkeypatch.setenv("TOKEN", "xoxb-hunter2")
    monkeypatch.setenv("KEY", "hunter2a" * 4)

    def answer(request: Request) -> Reply:
        return Reply(202) if request.path == "/v2/enqueue" else Reply(200, b'{"ok": false, "error": "not_in_channel"}')

    with http_server(answer) as (port, _):
        here = f'endpoint = "http://127.0.0.1:{port}"'
        (tmp_path / "monitor.toml").write_text(
            f'[[alerts.channel]]\nname = "chat"\nkind = "slack"\ntoken = "env:TOKEN"\nchannel = "#alerts"\n{here}\n'
            f'[[alerts.channel]]\nname = "paging"\nkind = "pagerduty"\nrouting_key = "env:KEY"\n{here}\n{TARGET}'
        )
        monkeypatch.setenv("MONITOR_CONFIG", str(tmp_path / "monitor.toml"))
        assert main(["test-alert"]) == 1
    assert capsys.readouterr().out == (
        "✗ chat: Slack refused: not_in_channel (invite the app to the channel)\n"
        "✓ paging: PagerDuty accepted: trigger 1, resolve 1\n"
    )


@pytest.mark.parametrize(
    ("ports", "arguments", "said"),
    [
        ([], [], "the settings have no channel: add one with [[alerts.channel]]"),
        ([1, 2], ["--channel", "temas"], "no channel 'temas'; the settings have team, team-1"),
    ],
)
def test_channels_that_do_not_exist(
    configure: Configure, capsys: pytest.CaptureFixture[str], ports: list[int], arguments: list[str], said: str
) -> None:
    configure(*ports)
    assert main(["test-alert", *arguments]) == 1
    assert capsys.readouterr().err == f"migration-monitor: {said}\n"


@pytest.mark.parametrize(
    ("command", "asks"),
    [
        (["check"], False),
        (["check", "--all"], False),
        (["check", "--notify"], True),
        (["verify"], False),
        (["verify", "--phase", "aborted"], False),
        (["verify", "--notify"], True),
        (["plan"], False),
        (["explain", "add_users"], False),
        (["remedy", "--script"], False),
        (["baseline"], False),
        (["silence", "--because", "I am on it"], False),
        (["unsilence"], False),
        (["silences"], False),
        (["preview"], False),
        (["test-alert"], True),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_a_secret_of_alerts_is_for_those_who_send_one(
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    asks: bool,
) -> None:
    """A laptop has the database's URL, and not that of the team's channel."""
    monkeypatch.chdir(configure(nobody()).parent)
    monkeypatch.delenv("URL_0")
    status = main(command)
    said = capsys.readouterr()
    assert ("URL_0" in said.out + said.err) is asks
    if asks:
        assert (status, said.out) == (1, "")


def test_a_preview_of_a_report(configure: Configure, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(nobody())
    file = tmp_path / "report.json"
    file.write_text(json.dumps(as_document(report(*EVERYTHING, at=BEGAN))), encoding="utf-8")
    folder = tmp_path / "preview"
    assert main(["preview", "--report", str(file), "--output", str(folder)]) == 0
    assert capsys.readouterr().out.split() == [str(folder / n) for n in FILES]
    assert (
        (folder / "message.txt")
        .read_text(encoding="utf-8")
        .startswith("⛔ production: migration fix_folders_and_files_schema failed")
    )
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert card["attachments"][0]["content"]["type"] == "AdaptiveCard"
    assert BROKEN in (folder / "mail.html").read_text(encoding="utf-8").replace("<wbr>", "")


@pytest.mark.parametrize(
    ("findings", "no_result", "begins"),
    [((), None, "🔔 TEST of the channel preview"), ((), "no answer", "❔ production: cannot check")],
    ids=["nothing wrong: a sample", "cannot check"],
)
def test_a_preview_where_nothing_is_known_to_be_wrong(
    configure: Configure, tmp_path: Path, findings: tuple[()], no_result: str | None, begins: str
) -> None:
    configure(nobody())
    file = tmp_path / "report.json"
    file.write_text(json.dumps(as_document(report(*findings, at=BEGAN, no_result=no_result))), encoding="utf-8")
    assert main(["preview", "--report", str(file), "--output", str(tmp_path / "p")]) == 0
    assert (tmp_path / "p" / "message.txt").read_text(encoding="utf-8").startswith(begins)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 1}', '{"version": 2}', "\xff", "[" * 5000])
def test_what_is_no_report(
    configure: Configure, tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(nobody())
    file = tmp_path / "report.json"
    file.write_bytes(content.encode("latin-1"))
    assert main(["preview", "--report", str(file), "--output", str(tmp_path / "p")]) == 1
    assert "that is not the JSON of one report" in capsys.readouterr().err


def test_a_preview_before_anything_is_remembered(configure: Configure, capsys: pytest.CaptureFixture[str]) -> None:
    configure(nobody())
    assert main(["preview"]) == 1
    assert "no report of production is saved: run `check --notify` first" in capsys.readouterr().err


def test_a_report_survives_its_json() -> None:
    document = as_document(report(*EVERYTHING, at=BEGAN, no_result="no answer"))
    assert as_document(as_report(json.loads(json.dumps(document)))) == document


def test_a_document_of_another_shape_is_no_report() -> None:
    document = as_document(report(*EVERYTHING, at=BEGAN))
    later = {"verdict", "behind", "server", "sleeps_until", "plan", "ways_back", "measured", "deployment"}
    for key in document.keys() - later:
        with pytest.raises(NoReportError):
            as_report({name: value for name, value in document.items() if name != key})


def test_a_check_that_was_given_up_is_notified(configure: Configure) -> None:
    with http_server(accepted) as (port, seen):
        configure(port)
        poisoned(b'{"target": "production"}')
    assert json.loads(seen[0].body)["summary"] == (
        "❔ production: a check was given up after several attempts. This is NOT an all-clear."
    )


@pytest.mark.parametrize("message", [b"", b"\xff", b"[]", b'{"target": 1}', b'{"target": "a\\nb"}', b"[" * 5000])
def test_poison_that_is_not_ours_is_notified_too(configure: Configure, message: bytes) -> None:
    with http_server(accepted) as (port, seen):
        configure(port)
        poisoned(message)
    assert json.loads(seen[0].body)["summary"].startswith("❔ an unreadable message: a check was given up")


def test_poison_that_no_channel_takes_is_an_error(configure: Configure, caplog: pytest.LogCaptureFixture) -> None:
    configure(nobody())
    with pytest.raises(
        NotDeliveredError, match="no channel took the message that the check of production was given up"
    ):
        poisoned(b'{"target": "production"}')
    assert "hunter2" not in caplog.text


def test_without_channels_poison_is_logged(configure: Configure, caplog: pytest.LogCaptureFixture) -> None:
    configure()
    poisoned(b'{"target": "production"}')
    assert "The check of production was given up after several attempts" in caplog.text
