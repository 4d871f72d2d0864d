"""Signs of life by the protocol of healthchecks.io; that nobody listens never fails a run."""

import pytest

from shared.alerts.heartbeat import Sign, ping
from shared.model.setting_types import Secret
from tests.gather.servers import Reply, http_server, nobody


@pytest.mark.parametrize(
    ("sign", "path"), [("start", "/ping/hunter2/start"), ("success", "/ping/hunter2"), ("fail", "/ping/hunter2/fail")]
)
@pytest.mark.parametrize("end", ["", "/"])
def test_signs(sign: Sign, path: str, end: str) -> None:
    with http_server(lambda _: Reply(200)) as (port, seen):
        assert ping(Secret("env:URL", f"http://127.0.0.1:{port}/ping/hunter2{end}?create=1"), sign) is None
    assert [(request.method, request.path) for request in seen] == [("POST", f"{path}?create=1")]


@pytest.mark.parametrize("status", [404, 500])
def test_a_refusal_is_said_and_nothing_else(status: int) -> None:
    with http_server(lambda _: Reply(status)) as (port, seen):
        said = ping(Secret("env:URL", f"http://127.0.0.1:{port}/hunter2"), "success")
    assert said is not None
    assert said.startswith(f"the heartbeat answered {status}")
    assert len(seen) == 1


def test_nobody_there() -> None:
    port = nobody()
    said = ping(Secret("env:URL", f"http://127.0.0.1:{port}/hunter2"), "start")
    assert said == f"the heartbeat: 127.0.0.1:{port} refused the connection"
