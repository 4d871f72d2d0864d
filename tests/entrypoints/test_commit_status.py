"""The verdict of a verification as a commit status, written to a real server in GitHub's place."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.alerts.commit_status import write_commit_status
from shared.alerts.delivery.error import DeliveryError
from shared.entrypoints.cli.main import main
from shared.entrypoints.http.verify import verify
from shared.model.commit_status import CommitStatusSettings
from shared.model.finding import Finding
from shared.model.report import ReleaseSummary, Report
from shared.model.setting_types import Secret
from tests import states
from tests.entrypoints.conftest import target_table
from tests.gather.servers import Reply, Request, http_server
from tests.report.sample import FAILED, HOSTILE, report

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OF_TAG = "f" * 40
TOKEN = "t0ken-0f-g1thub"


@dataclass
class GitHub:
    """One repository with one tag."""

    url: str = ""
    statuses: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refusal: int | None = None

    def answer(self, request: Request) -> Reply:
        if request.headers["authorization"] != f"Bearer {TOKEN}" or self.refusal:
            return Reply(self.refusal or 401, b'{"message": "no"}')
        repository = "/repos/owner/name"
        if request.method == "GET":
            known = request.path == f"{repository}/commits/tags/v1.42.0"
            assert request.headers["accept"] == "application/vnd.github.sha"
            return Reply(200, OF_TAG.encode()) if known else Reply(404, b"{}")
        self.statuses.append((request.path.removeprefix(f"{repository}/statuses/"), json.loads(request.body)))
        return Reply(201, b"{}")


@pytest.fixture
def github() -> Iterator[GitHub]:
    fake = GitHub()
    with http_server(fake.answer) as (port, _):
        fake.url = f"http://127.0.0.1:{port}"
        yield fake


def settings(github: GitHub, **more: str) -> CommitStatusSettings:
    return CommitStatusSettings("owner/name", Secret("env:TOKEN", TOKEN), api=f"{github.url}/", **more)


def made(*findings: Finding, origin: str = f"owner/name@{COMMIT}", **more: Any) -> Report:
    return replace(report(*findings, **more), release=ReleaseSummary("v1.42.0", "github", "", 3, origin))


@pytest.mark.parametrize(
    ("verified", "pending", "state"),
    [
        (made(), False, "success"),
        (made(HOSTILE), False, "success"),
        (made(FAILED), False, "failure"),
        (made(unknown="it is down"), False, "error"),
        (made(FAILED), True, "pending"),
    ],
    ids=["passed", "warning", "failed", "unknown", "waited for"],
)
def test_a_verdict_is_a_state(verified: Report, pending: bool, state: str, github: GitHub) -> None:
    page = "https://monitor.example.com/api/status"
    write_commit_status(verified, settings(github), release="v1.42.0", page=page, pending=pending)
    ((commit, status),) = github.statuses
    assert (commit, status["state"], status["context"], status["target_url"]) == (
        COMMIT, state, "migrations/production", page,
    )  # fmt: skip
    assert "release v1.42.0" in status["description"]
    assert len(status["description"]) <= 140


@pytest.mark.parametrize(
    ("verified", "release", "commit"),
    [
        pytest.param(made(), "v9", COMMIT, id="the commit that was read"),
        pytest.param(made(origin=f"other/name@{COMMIT}"), "v1.42.0", OF_TAG, id="read from elsewhere: the tag"),
        pytest.param(report(), "v1.42.0", OF_TAG, id="an archive: the tag"),
        pytest.param(report(), COMMIT, COMMIT, id="the release is a commit"),
        pytest.param(report(), None, OF_TAG, id="the version of what was read"),
        pytest.param(replace(report(), release=None), "v1.42.0", OF_TAG, id="nothing was read"),
    ],
)
def test_the_commit_is_that_of_the_release(verified: Report, release: str | None, commit: str, github: GitHub) -> None:
    write_commit_status(verified, settings(github, context="gate"), release=release, page=None)
    assert [(each, status["context"]) for each, status in github.statuses] == [(commit, "gate")]
    assert "target_url" not in github.statuses[0][1]


@pytest.mark.parametrize(
    ("verified", "release", "refusal", "said", "passing"),
    [
        (report(), "v9", None, "owner/name has no tag v9, or the token may not read it (404)", False),
        (replace(report(), release=None), None, None, "no version that could name a commit", False),
        (made(), None, 403, "the commit status of owner/name answered 403 Forbidden", False),
        (made(), None, 502, "the commit status of owner/name answered 502 Bad Gateway", True),
    ],
)
def test_what_cannot_be_written_says_why(
    verified: Report, release: str | None, refusal: int | None, said: str, passing: bool, github: GitHub
) -> None:
    github.refusal = refusal
    with pytest.raises(DeliveryError) as error:
        write_commit_status(verified, settings(github), release=release, page=None)
    assert said in str(error.value)
    assert error.value.passing is passing
    assert TOKEN not in str(error.value)


def status_table(github: GitHub) -> str:
    return f'[target.commit_status]\nrepository = "owner/name"\ntoken = "env:TOKEN"\napi = "{github.url}"\n'


def released(folder: Path, state: str) -> Path:
    """A folder with the release v1.42.0, as the settings name all of its kind."""
    (folder / "v1.42.0").symlink_to(states.migrations(state))
    return folder / "{release}"


def asked(document: dict[str, object]) -> int:
    return verify("POST", "http://monitor/api/verify", {}, json.dumps(document).encode(), timedelta(0)).status


def test_the_app_writes_it_after_each_verification_and_while_it_waits(
    production: Callable[[str], str],
    configure: Callable[[str], None],
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    production("pending")
    monkeypatch.setenv("TOKEN", TOKEN)
    configure(target_table("production", migrations=released(tmp_path, "pending")) + status_table(github))
    question = {"target": "production", "release": "v1.42.0"}
    assert asked({**question, "phase": "before", "id": "1"}) in {200, 409}
    assert asked({**question, "wait_seconds": 60, "id": "2"}) == 202
    assert asked({**question, "id": "3"}) == 409
    assert asked({**question, "id": "3"}) == 409, "the same question again writes nothing"
    assert [(commit, status["state"]) for commit, status in github.statuses][1:] == [
        (OF_TAG, "pending"),
        (OF_TAG, "failure"),
    ]


def test_a_pending_status_ends_where_the_deployment_was_called_off(
    production: Callable[[str], str],
    configure: Callable[[str], None],
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    production("pending")
    monkeypatch.setenv("TOKEN", TOKEN)
    configure(target_table("production", migrations=released(tmp_path, "pending")) + status_table(github))
    question = {"target": "production", "release": "v1.42.0"}
    assert asked({**question, "wait_seconds": 60, "id": "1"}) == 202
    for _ in range(2):
        assert asked({**question, "phase": "aborted", "id": "2"}) == 200
    assert [(commit, status["state"], status["context"]) for commit, status in github.statuses] == [
        (OF_TAG, "pending", "migrations/production"),
        (OF_TAG, "error", "migrations/production"),
    ]
    assert github.statuses[-1][1]["description"] == "the deployment was called off"


def test_a_status_that_cannot_be_written_changes_no_answer(
    production: Callable[[str], str],
    configure: Callable[[str], None],
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    production("up_to_date")
    monkeypatch.setenv("TOKEN", "another")
    configure(target_table("production", migrations=released(tmp_path, "up_to_date")) + status_table(github))
    with caplog.at_level(logging.ERROR):
        assert asked({"target": "production", "release": "v1.42.0"}) == 200
    assert "production: the commit status: owner/name has no tag v1.42.0" in caplog.text


def test_the_terminal_writes_it_where_it_notifies(
    production: Callable[[str], str],
    configure: Callable[[str], None],
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    production("up_to_date")
    monkeypatch.setenv("TOKEN", TOKEN)
    monkeypatch.setenv("HOOK", "http://127.0.0.1:1/")
    channel = '[[alerts.channel]]\nname = "hook"\nkind = "webhook"\nurl = "env:HOOK"\ntries = 1\n'
    configure(channel + target_table("production", migrations=states.migrations("up_to_date")) + status_table(github))
    assert main(["verify", "--quiet"]) == 0
    assert github.statuses == []
    # The folder has no version, so there is no commit.
    assert main(["verify", "--quiet", "--notify"]) == 1
    assert "no version that could name a commit" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"repository": "name"}, "`repository` must be like owner/name"),
        ({"api": "http://github.example.com"}, "`api` must be like https://"),
        ({"context": "a\nb"}, "`context` must be 1 to 100 characters on one line"),
        ({"token": Secret("env:TOKEN", "two words")}, "`token` must be one line, without spaces"),
    ],
)
def test_settings_that_cannot_be(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("`", ".")):
        CommitStatusSettings(**{"repository": "owner/name", "token": Secret("env:TOKEN", TOKEN), **wrong})
