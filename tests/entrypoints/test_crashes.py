"""A bug in a run: the entry point fails loudly, and people get a last plain message. Here the driver has the bug."""

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests import states
from tests.entrypoints.conftest import target_table
from tests.entrypoints.functions_runtime import FunctionFailedError, FunctionsRuntime
from tests.entrypoints.test_function_app import URL
from tests.gather.servers import Reply, Request, http_server

SETTINGS = """
[alerts]
weekly = false
heartbeat = "env:HEARTBEAT"
channel = [{ name = "hook", kind = "webhook", url = "env:HOOK", tries = 1 }]
"""


@pytest.fixture
def received(configure: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Request]]:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("password=hunter2")

    configure(SETTINGS + target_table("production", migrations=states.migrations("up_to_date")))
    monkeypatch.setattr(psycopg, "connect", fail)
    with http_server(lambda _: Reply()) as (port, requests):
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{port}/hook")
        monkeypatch.setenv("HEARTBEAT", f"http://127.0.0.1:{port}/heartbeat")
        yield requests


def headlines(received: list[Request]) -> list[str]:
    assert not any(b"hunter2" in request.body for request in received)
    return [json.loads(request.body)["message"]["headline"] for request in received if request.path == "/hook"]


CRASHED = "production: the monitor crashed and checked nothing. This is NOT an all-clear."


def test_a_check_that_crashes(functions: FunctionsRuntime, received: list[Request]) -> None:
    for _ in range(2):
        with pytest.raises(FunctionFailedError, match="ZeroDivisionError"):
            functions.deliver("check_target", b'{"target": "production"}')
    assert headlines(received) == [CRASHED], "it is tried again, and sent once"
    signs = [request.path for request in received if request.path != "/hook"]
    assert signs == ["/heartbeat/start", "/heartbeat/fail"] * 2


def test_a_verification_that_crashes(functions: FunctionsRuntime, received: list[Request]) -> None:
    """It gives no sign of life, for better or worse: the clock's runs do."""
    with pytest.raises(FunctionFailedError, match="ZeroDivisionError"):
        functions.request("verify", "POST", URL)
    assert headlines(received) == [CRASHED]
    assert len(received) == 1
