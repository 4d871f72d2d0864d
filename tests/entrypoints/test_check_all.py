"""``check --all``: many targets at once, and one table of them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.cli.main import main
from tests import states
from tests.entrypoints.conftest import TO_A_HOOK
from tests.gather.servers import Reply, Request, http_server

TARGET = """
[[target]]
name = "{name}"
privileges = false
release = {{ source = "folder", path = "{folder}" }}
database = {{ url = "env:{variable}" }}
"""


@pytest.fixture
def fleet(
    tmp_path: Path, new_database: Callable[..., str], postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Watch a database in each of the states given, called by it; ``nobody`` cannot be reached."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)

    def make(*named: str, head: str = "") -> None:
        text = head
        for number, state in enumerate(named):
            url = "postgresql://u:hunter2@127.0.0.1:1/nowhere"
            if state != "nobody":
                url = new_database()
                states.load(state, url, postgres)
            monkeypatch.setenv(f"URL_{number}", url)
            folder = states.migrations("up_to_date" if state == "nobody" else state)
            text += TARGET.format(name=state, folder=folder, variable=f"URL_{number}")
        (tmp_path / "monitor.toml").write_text(text)

    return make


def test_a_table_is_at_the_end_and_the_worst_is_the_exit(
    fleet: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    fleet("up_to_date", "nobody", "failed", "pending")
    assert main(["check", "--all", "--no-schema", "--jobs", "2"]) == 2
    output = capsys.readouterr().out
    table = output[output.index("4 targets: 2 failed, 1 unknown, 1 passed.") :]
    assert [line.split()[:2] for line in table.splitlines()[3:7]] == [
        ["✓", "up_to_date"], ["?", "nobody"], ["✗", "failed"], ["✗", "pending"],
    ]  # fmt: skip
    assert "20240320140000_add_role_enum  applied     applied  pending" in table
    assert "hunter2" not in output


def test_unknown_is_worse_than_in_step(fleet: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    fleet("up_to_date", "nobody")
    assert main(["check", "--all", "--no-schema", "--format", "json"]) == 1
    assert [(each["target"], each["verdict"]) for each in json.loads(capsys.readouterr().out)] == [
        ("up_to_date", "passed"), ("nobody", "unknown"),
    ]  # fmt: skip


def test_all_that_is_new_is_sent_and_remembered(
    fleet: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    received: list[str] = []

    def receive(request: Request) -> Reply:
        received.append(json.loads(request.body)["message"]["target"])
        return Reply()

    with http_server(receive) as (port, _):
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{port}/")
        fleet("failed", "pending", "up_to_date", head=TO_A_HOOK)
        for _ in range(2):
            assert main(["check", "--all", "--no-schema", "--notify", "--format", "json"]) == 2
    assert sorted(received) == ["failed", "pending"], "each once"
    assert sorted(path.name for path in Path("memory").glob("*.json")) == [
        "failed.json",
        "pending.json",
        "up_to_date.json",
        "~groups.json",
    ]
    assert sorted(capsys.readouterr().err.splitlines()) == [
        "migration-monitor: all targets: hook: 127.0.0.1 answered 200",
        "migration-monitor: all targets: hook: 127.0.0.1 answered 200",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--all", "--jobs", "0"], "--jobs takes a whole number, 1 to 64"),
        (["--all", "--jobs", "65"], "--jobs takes a whole number, 1 to 64"),
        (["--all", "--jobs", "many"], "--jobs takes a whole number, 1 to 64"),
        (["--jobs", "2"], "--jobs needs --all: one target is checked by one job"),
    ],
)
def test_a_number_of_jobs_that_cannot_be(
    fleet: Callable[..., None], capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    fleet("nobody")
    assert main(["check", *arguments]) == 1
    assert said in capsys.readouterr().err
