"""``mode: verify`` against a real server: every answer of a monitor, and of what answers instead of one."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from shared.entrypoints.http.verify import verify
from shared.report.json import as_document
from tests.action.steps import Done, Runner
from tests.gather.servers import Reply, Request, http_server
from tests.report.sample import FAILED, HOSTILE, report

KEY = "k3y-0f-th3-m0nit0r"
PASSED, WARNING, STOPS = (as_document(each) for each in (report(), report(HOSTILE), report(FAILED)))
UNKNOWN = as_document(report(unknown="the database refused"))
WAITS = {**STOPS, "status_url": "/api/verify?target=production"}


def reply(status: int, document: object, **headers: str) -> Reply:
    return Reply(
        status, json.dumps(document).encode(), {name.replace("_", "-"): text for name, text in headers.items()}
    )


@contextmanager
def monitor(*replies: Reply) -> Iterator[tuple[str, list[Request]]]:
    """Answer with *replies*, one after the other, and with the last one from then on."""
    left = list(replies)
    with http_server(lambda _request: left.pop(0) if len(left) > 1 else left[0]) as (port, seen):
        yield f"http://127.0.0.1:{port}/api/verify", seen


def verified(runner: Runner, *replies: Reply, **inputs: str) -> tuple[Done, list[Request]]:
    with monitor(*replies) as (url, seen):
        given = {"mode": "verify", "url": url, "key": KEY, "target": "production", "release": "v1.42.0", "wait": "5"}
        done = runner.step(**{**given, "patience": "20", **inputs})
    assert KEY not in done.log + done.summary + json.dumps(done.outputs)
    return done, seen


@pytest.mark.parametrize(
    ("replies", "inputs", "status", "verdict", "said"),
    [
        pytest.param([reply(200, PASSED)], {}, 0, "passed", "::notice", id="passed"),
        pytest.param([reply(200, WARNING)], {}, 0, "warning", "::warning", id="warning"),
        pytest.param([reply(409, STOPS)], {}, 1, "failed", "::error", id="failed"),
        pytest.param([reply(409, STOPS)], {"on_unknown": "warn"}, 1, "failed", "::error", id="failed is not unknown"),
        pytest.param([reply(503, UNKNOWN)], {}, 1, "unknown", "::error", id="unknown"),
        pytest.param([reply(503, UNKNOWN)], {"on_unknown": "warn"}, 0, "unknown", "::warning", id="unknown, to be warned of"),
        pytest.param([reply(503, {"verdict": "unknown", "error": "its settings cannot be used"})], {}, 1, "unknown", "its settings cannot be used", id="no settings"),
        pytest.param([reply(202, WAITS, Location="/api/verify?id=1", Retry_After="0"), reply(200, PASSED)], {}, 0, "passed", "::notice", id="waited for"),
        pytest.param([reply(202, WAITS, Location="/api/verify?id=1", Retry_After="0"), reply(409, STOPS)], {}, 1, "failed", "::error", id="waited for in vain"),
        pytest.param([reply(202, WAITS, Location="/api/verify?id=1", Retry_After="1")], {"wait": "1", "patience": "1"}, 1, "unknown", "answered 202 until the time was up", id="never answered"),
        pytest.param([reply(202, WAITS, Location="https://evil.example/api/verify", Retry_After="0")], {}, 1, "unknown", "no address", id="sent to another host"),
        pytest.param([Reply(502, b"<html>", {"Retry-After": "0"}), reply(200, PASSED)], {}, 0, "passed", "::notice", id="a gateway without its app"),
        pytest.param([Reply(503, b"cold start", {"Retry-After": "0"}), reply(409, STOPS)], {}, 1, "failed", "::error", id="503 without a verdict"),
        pytest.param([Reply(200, b"x" * 10, {}, 5), reply(200, PASSED)], {}, 0, "passed", "::notice", id="an answer that breaks off"),
        pytest.param([Reply(500, b"{}")], {"wait": "0", "patience": "1"}, 1, "unknown", "answered 500 until the time was up", id="only errors"),
        pytest.param([Reply(401, b"")], {}, 1, "unknown", "HTTP 401: the monitor refuses the `key`", id="a wrong key"),
        pytest.param([Reply(404, b"")], {"on_unknown": "warn"}, 0, "unknown", "HTTP 404", id="a wrong address, to be warned of"),
        pytest.param([Reply(200, b"<html>It works</html>")], {}, 1, "unknown", "HTTP 200: this is no answer of a monitor.", id="something else answers"),
        pytest.param([reply(302, {}, Location="https://login.example/")], {}, 1, "unknown", "HTTP 302", id="a login page"),
        pytest.param([reply(200, {"target": "production", "phase": "aborted"})], {"phase": "aborted"}, 0, "passed", "no longer held back", id="aborted"),
        pytest.param([reply(200, {"verdict": "excellent"})], {}, 1, "unknown", "no answer of a monitor", id="a verdict that is none"),
        pytest.param([reply(200, {**PASSED, "findings_left_out": 3, "checks": [{"findings": ["x"]}]})], {}, 0, "passed", "0 findings.", id="a report that cannot be read whole"),
    ],
)  # fmt: skip
def test_every_answer(
    replies: Sequence[Reply], inputs: dict[str, str], status: int, verdict: str, said: str, runner: Runner
) -> None:
    done, _ = verified(runner, *replies, **inputs)
    assert (done.status, done.outputs["verdict"]) == (status, verdict), done.log
    assert said in done.log
    assert done.summary


def test_what_is_asked_and_that_each_try_of_an_attempt_asks_the_same(runner: Runner) -> None:
    broken = Reply(502, b"", {"Retry-After": "0"})
    _, seen = verified(runner, broken, broken, reply(200, PASSED), phase="before")
    asked = {json.dumps([each.method, json.loads(each.body)]) for each in seen}
    assert (len(seen), len(asked)) == (3, 1)
    assert seen[0].headers["x-functions-key"] == KEY
    assert json.loads(seen[0].body) == {
        "phase": "before",
        "wait_seconds": 5,
        "id": "owner/name/4711/2/deploy/before",
        "target": "production",
        "release": "v1.42.0",
    }


def test_a_wait_goes_on_at_the_address_that_the_monitor_names(runner: Runner) -> None:
    waits = reply(202, WAITS, Location="/api/verify?id=1&wait_seconds=3", Retry_After="0")
    _, seen = verified(runner, waits, waits, reply(200, PASSED))
    assert [(each.method, each.path) for each in seen] == [
        ("POST", "/api/verify"),
        ("GET", "/api/verify?id=1&wait_seconds=3"),
        ("GET", "/api/verify?id=1&wait_seconds=3"),
    ]
    assert all(each.headers["x-functions-key"] == KEY for each in seen)


def test_nobody_listens(runner: Runner) -> None:
    for on_unknown, status in (("fail", 1), ("warn", 0)):
        done = runner.step(
            mode="verify", url="http://127.0.0.1:1/api/verify", key=KEY, patience="1", on_unknown=on_unknown
        )
        assert (done.status, done.outputs) == (status, {"verdict": "unknown"})
        assert "The monitor did not answer: 127.0.0.1 does not answer: ConnectionRefusedError." in done.log


def test_the_summary_has_the_findings_and_nothing_of_them_is_obeyed(runner: Runner) -> None:
    evil = {**STOPS, "findings": [{**STOPS["findings"][0], "summary": "a\n::error::b \u202e<script>"}]}  # type: ignore[index,dict-item]  # JSON
    done, _ = verified(runner, reply(409, evil))
    assert "migration-failed" in done.summary
    assert "<script>" not in done.summary
    assert "\u202e" not in done.log + done.summary
    assert done.commands("error") == [line for line in done.log.splitlines() if line.startswith("::")]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"url": ""}, "mode verify needs the input `url`"),
        ({"phase": "during"}, "`phase` must be before or after or aborted, not 'during'"),
        ({"wait": "soon"}, "`wait` must be whole seconds, 0 to 3600, not 'soon'"),
        ({"wait": "3601"}, "`wait` must be whole seconds"),
        ({"on_unknown": "ignore"}, "`on-unknown` must be fail or warn"),
        ({"mode": "guess"}, "`mode` must be plan or verify or check or pack, not 'guess'"),
        (
            {"url": "http://monitor.example/api/verify", "patience": "0", "wait": "1"},
            "the URL must begin with https://",
        ),
    ],
)
def test_wrong_inputs(inputs: dict[str, str], said: str, runner: Runner) -> None:
    done, seen = verified(runner, reply(200, PASSED), **inputs)
    assert (done.status, len(seen)) == (1, 0)
    assert said in done.log


def test_a_question_that_the_monitor_refuses_fails_whatever_is_wanted_of_unknown(runner: Runner) -> None:
    refused = reply(400, {"field": "target", "error": "there is no such target"})
    done, _ = verified(runner, refused, on_unknown="warn")
    assert done.status == 1
    assert "the monitor refuses `target`: there is no such target" in done.log


def test_a_python_that_is_too_old_is_named(runner: Runner) -> None:
    (runner.temp / "python").write_text("#!/bin/sh\nexit 1\n")
    (runner.temp / "python").chmod(0o755)
    done = runner.step({}, {"PYTHON": str(runner.temp / "python")}, mode="verify")
    assert done.status == 1
    assert "Python 3.11 or newer is needed" in done.log


def test_the_checkout_is_not_imported(runner: Runner) -> None:
    for name in ("json.py", "action.py", "shared.py", "sitecustomize.py"):
        (runner.workspace / name).write_text("raise SystemExit('imported from the checkout')")
    done, _ = verified(runner, reply(200, PASSED))
    assert done.status == 0, done.log


@pytest.mark.parametrize(("state", "status", "verdict"), [("up_to_date", 0, "passed"), ("pending", 1, "failed")])
def test_the_app_itself_is_asked(
    state: str,
    status: int,
    verdict: str,
    production: Callable[[str], str],
    runner: Runner,  # the fixture
) -> None:
    production(state)

    def answered(request: Request) -> Reply:
        path, _, query = request.path.partition("?")
        fields = dict(parse_qsl(query))
        # Nothing is held: what waits is answered by 202, and asked for again.
        answer = verify(request.method, f"http://{request.headers['host']}{path}", fields, request.body, timedelta(0))
        return Reply(answer.status, answer.body.encode(), dict(answer.headers))

    with http_server(answered) as (port, seen):
        done = runner.step(
            mode="verify", url=f"http://127.0.0.1:{port}/api/verify", target="production", wait="2", patience="120"
        )
    assert (done.status, done.outputs["verdict"]) == (status, verdict), done.log
    assert ("GET" in {each.method for each in seen}) is (state == "pending")
