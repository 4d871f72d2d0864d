"""`migration-monitor serve`: the status page at this machine, for nobody who comes by another name."""

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import urlencode, urljoin

import pytest

from shared.entrypoints.cli.main import main
from shared.entrypoints.http.local import Checks
from shared.entrypoints.http.openapi import written
from shared.memory import MemoryFile
from tests.entrypoints.conftest import APP, TO_A_HOOK, target_table
from tests.gather.servers import Reply, http_server
from tests.patience import until


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[int]:
    """Give the port of the command in a process of its own, which ends as by Ctrl-C."""
    command = [sys.executable, str(APP / "monitor.py"), "serve", "--port", "0", *options]
    # A shell that runs tests in the background has them ignore an interrupt, and what they start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, cwd=folder, env=os.environ, stdout=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        try:
            assert process.stdout is not None
            found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/api/status\n", process.stdout.readline())
            assert found is not None
            yield int(found[1])
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait() == 130


@pytest.fixture
def port(configure: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    targets = target_table("production") + target_table("a.b-c")
    with http_server(lambda _request: Reply(200)) as (receiver, _):
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{receiver}/")
        configure(TO_A_HOOK + targets)
        for _ in range(2):
            assert main(["check", "--target", "production", "--notify"]) == 1
    configure(targets)
    with serving(tmp_path) as made:
        yield made


def ask(
    port: int, path: str, method: str = "GET", body: str | None = None, **headers: str
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def test_the_pages_from_the_memory_of_the_settings(port: int, tmp_path: Path) -> None:
    assert (ask(port, "/")[0], ask(port, "/")[1]["location"]) == (302, "/api/status")
    status, headers, fleet = ask(port, "/api/status")
    assert (status, "production" in fleet) == (200, True)
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    links = [unescape(each) for each in re.findall(r'href="(status/[^"]*)"', fleet)]
    assert {urljoin("/api/status", each) for each in links} == {"/api/status/production", "/api/status/a.b-c"}
    assert [ask(port, urljoin("/api/status", each))[0] for each in links] == [200, 200]
    assert ask(port, "/api/status/production", "HEAD")[2] == ""
    assert ask(port, "/api/report/production")[1]["content-type"] == "application/json"
    assert ask(port, "/api/openapi.json")[::2] == (200, written())

    status, _, page = ask(port, "/api/status/production")
    (action,) = re.findall(r'action="(\.\./silence/[^"]*)"', page)
    (token,) = re.findall(r'name="token" value="([^"]*)"', page)
    fields = {"token": token, "for": "1h", "who": "Ada", "why": "on it"}
    where = urljoin("/api/status/production", action)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, headers, _ = ask(port, where, "POST", urlencode(fields), **form)
    assert (status, headers["location"]) == (303, "../status/production?done=silenced")
    assert [each.silence.who for each in MemoryFile(tmp_path / "memory", "production").load().silences] == ["Ada"]
    # What only a queue can do is left out.
    assert "../check/" not in page
    assert ask(port, "/api/check/production", "POST", "")[0] == 404


def test_check_now_checks_once_a_minute_at_most_and_notifies(
    configure: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = MemoryFile(tmp_path / "memory", "production")
    with http_server(lambda _request: Reply(200)) as (receiver, _):
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{receiver}/")
        configure(TO_A_HOOK + target_table("production"))
        with serving(tmp_path, "--notify") as port:
            pages = [ask(port, "/api/status/production")[2] for _ in range(2)]
            ((first, token), (_, another)) = [
                re.findall(r'action="(\.\./check/[^"]*)".*?name="token" value="([^"]*)"', page, re.DOTALL)[0]
                for page in pages
            ]
            where, form = (
                urljoin("/api/status/production", first),
                {"Content-Type": "application/x-www-form-urlencoded"},
            )
            assert ask(port, where, "POST", "token=forged", **form)[1]["location"].endswith("done=refused")
            status, headers, _ = ask(port, where, "POST", urlencode({"token": token}), **form)
            assert (status, headers["location"]) == (303, "../status/production?done=queued")
            until(lambda: memory.load().number == 1)
            assert ask(port, where, "POST", urlencode({"token": token}), **form)[1]["location"].endswith("done=refused")
            status, headers, _ = ask(port, where, "POST", urlencode({"token": another}), **form)
            assert (status, "retry-after" in headers) == (429, True)
            until(lambda: len(memory.load().runs) == 1)
            assert "no check of this target has ended yet" not in ask(port, "/api/status/production")[2]
    assert memory.load().number == 1


def test_without_a_channel_nobody_can_be_notified(
    configure: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(target_table("production"))
    assert main(["serve", "--port", "0", "--notify"]) == 1
    assert "--notify needs a settings file with at least one [[alerts.channel]]" in capsys.readouterr().err


def test_checks_that_are_asked_for_run_one_at_a_time_and_wait_once() -> None:
    begun, goes_on = SimpleQueue[str](), SimpleQueue[None]()

    def check(target: str) -> None:
        begun.put(target)
        goes_on.get()

    checks = Checks(check)
    checks.queue("a")
    assert begun.get() == "a"
    for target in ("a", "b", "a", "b"):
        checks.queue(target)
    assert begun.empty()
    for expected in ("a", "b"):
        goes_on.put(None)
        assert begun.get() == expected
    goes_on.put(None)
    checks.queue("c")
    assert begun.get() == "c"
    assert begun.empty()


def test_nothing_for_who_comes_by_another_name(port: int) -> None:
    for host in ("evil.example.com", f"evil.example.com:{port}", "127.0.0.1", f"127.0.0.1.nip.io:{port}", ""):
        assert ask(port, "/api/status", Host=host)[0::2] == (421, "")
    assert ask(port, "/api/status", Host=f"localhost:{port}")[0] == 200


def test_what_is_not_served(port: int) -> None:
    asked = (
        ("/api/unknown", "GET"), ("/api/status/unknown", "GET"), ("/api/status/a/b", "GET"), ("/api/silence/production", "GET"),
        ("/api/status", "POST"), ("/status", "GET"), ("//evil.example.com/api/status", "GET"), ("/..", "GET"),
    )  # fmt: skip
    assert {each: ask(port, *each)[0] for each in asked} == dict.fromkeys(asked, 404)


def test_a_body_that_is_too_long_is_not_read(port: int) -> None:
    assert ask(port, "/api/silence/production", "POST", **{"Content-Length": "1000000000"})[0] == 404
    assert ask(port, "/api/silence/production", "POST", **{"Content-Length": "-1"})[0] == 404


def test_a_port_that_is_taken_is_said(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", str(port)]) == 1
    assert f"port {port} cannot be used" in capsys.readouterr().err
    assert main(["serve", "--port", "70000"]) == 1
