"""``examples/curl/verify.sh`` against a real server: every answer of a monitor."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.action.steps import ROOT
from tests.gather.servers import Reply, Request, http_server

SCRIPT = ROOT / "examples/curl/verify.sh"
KEY = "k3y-0f-th3-m0nit0r"


def verdict(status: int, word: str, **headers: str) -> Reply:
    body = json.dumps({"verdict": word}).encode()
    return Reply(
        status, body, {"X-Migration-Verdict": word, **{name.replace("_", "-"): text for name, text in headers.items()}}
    )


def run(tmp_path: Path, replies: Sequence[Reply], *words: str, **variables: str) -> tuple[Any, list[Request]]:
    left = list(replies)
    with http_server(lambda _request: left.pop(0) if len(left) > 1 else left[0]) as (port, seen):
        url = f"http://127.0.0.1:{port}/api/verify"
        for number, each in enumerate(left):
            if each.headers.get("Location", "").startswith("/"):
                left[number] = Reply(
                    each.status,
                    each.body,
                    {**each.headers, "Location": url.removesuffix("/api/verify") + each.headers["Location"]},
                )
        done = subprocess.run(
            ["bash", str(SCRIPT), *words],
            env={
                "PATH": os.environ["PATH"], "TMPDIR": str(tmp_path), "MONITOR_URL": url, "MONITOR_KEY": KEY,
                "MONITOR_PAUSE": "0.1", "MONITOR_PATIENCE": "20", **variables,
            },
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    assert KEY not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == [], "the key is in no file that is left"
    return done, seen


WAITS = verdict(202, "failed", Location="/api/verify?id=1")


@pytest.mark.parametrize(
    ("replies", "variables", "status"),
    [
        pytest.param([verdict(200, "passed")], {}, 0, id="passed"),
        pytest.param([verdict(200, "warning")], {}, 0, id="warning"),
        pytest.param([verdict(409, "failed")], {}, 2, id="failed"),
        pytest.param([verdict(409, "failed")], {"MONITOR_ON_UNKNOWN": "warn"}, 2, id="failed is not unknown"),
        pytest.param([verdict(503, "unknown")], {}, 1, id="unknown"),
        pytest.param([verdict(503, "unknown")], {"MONITOR_ON_UNKNOWN": "warn"}, 0, id="unknown, to be warned of"),
        pytest.param([WAITS, WAITS, verdict(200, "passed")], {}, 0, id="waited for"),
        pytest.param([WAITS, verdict(409, "failed")], {}, 2, id="waited for in vain"),
        pytest.param([WAITS], {"MONITOR_PATIENCE": "1"}, 1, id="never answered"),
        pytest.param([verdict(202, "failed", Location="https://evil.example/api/verify?id=1")], {}, 1, id="sent to another host"),
        pytest.param([Reply(502, b""), Reply(503, b"cold start"), verdict(200, "passed")], {}, 0, id="a gateway without its app"),
        pytest.param([Reply(401, b"")], {}, 1, id="a wrong key"),
        pytest.param([Reply(400, b'{"field": "target"}')], {"MONITOR_ON_UNKNOWN": "warn"}, 1, id="a wrong question"),
        pytest.param([Reply(200, b"<html>It works</html>")], {}, 1, id="something else answers"),
    ],
)  # fmt: skip
def test_every_answer(replies: Sequence[Reply], variables: dict[str, str], status: int, tmp_path: Path) -> None:
    done, seen = run(tmp_path, replies, "after", "v1.42.0", **variables)
    assert done.returncode == status, done.stderr
    assert all(each.headers["x-functions-key"] == KEY for each in seen)
    if len(seen) > 1 and replies[0] is WAITS:
        assert {(each.method, each.path) for each in seen[1:]} == {("GET", "/api/verify?id=1")}


def test_what_is_asked(tmp_path: Path) -> None:
    broken = Reply(502, b"")
    variables = {"MONITOR_TARGET": "production", "MONITOR_ID": "run-4711", "MONITOR_WAIT": "5"}
    _, seen = run(tmp_path, [broken, verdict(200, "passed")], "before", "v1.42.0", **variables)
    first, again = (json.loads(each.body) for each in seen)
    assert first == again == {
        "phase": "before", "wait_seconds": "5", "id": "run-4711/before", "target": "production", "release": "v1.42.0",
    }  # fmt: skip


def test_an_aborted_deployment_has_no_verdict(tmp_path: Path) -> None:
    done, _ = run(tmp_path, [Reply(200, b'{"phase": "aborted"}')], "aborted")
    assert done.returncode == 0


def test_what_would_end_the_question_is_refused(tmp_path: Path) -> None:
    done, seen = run(tmp_path, [verdict(200, "passed")], "after", 'v1", "target": "other')
    assert (done.returncode, seen) == (1, [])


def test_nobody_listens(tmp_path: Path) -> None:
    url = "http://127.0.0.1:1/api/verify"
    done, _ = run(tmp_path, [Reply()], "after", MONITOR_URL=url, MONITOR_PATIENCE="0")
    assert done.returncode == 1
    assert "unknown: HTTP 000 until the time was up" in done.stderr
