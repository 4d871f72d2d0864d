"""Teams and webhooks against a real local server that answers well, badly, late and not at all."""

import hashlib
import hmac
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from shared.alerts.channels.teams.settings import TeamsChannel
from shared.alerts.channels.webhook.deliver import SIGNATURE
from shared.alerts.channels.webhook.settings import WebhookChannel
from shared.alerts.delivery.attempts import LONGEST_PAUSE, persistently
from shared.alerts.delivery.deliver import Delivery, deliver
from shared.alerts.delivery.error import DeliveryError
from shared.model.alerts import Channel
from shared.model.setting_types import Secret
from tests.alerts.news import opened
from tests.gather.servers import Reply, Request, http_server, nobody, rude_server
from tests.patience import HALF_A_MINUTE, growing

SIG = "sig=hunter2-of-the-webhook"
KEY = "hunter2-of-the-signature"


def channel(
    port: int,
    kind: str = "teams",
    *,
    name: str = "team",
    tries: int = 3,
    secret: str | None = None,
    timeout: timedelta = HALF_A_MINUTE,
) -> Channel:
    url = Secret("env:URL", f"http://127.0.0.1:{port}/workflows/1?{SIG}")
    if kind == "teams":
        return TeamsChannel(name, url=url, timeout=timeout, tries=tries)
    signs = None if secret is None else Secret("env:KEY", secret)
    return WebhookChannel(name, url=url, secret=signs, timeout=timeout, tries=tries)


class Sleeps(list[float]):
    """Remembers how long it was asked to sleep, and does not."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def answers(*replies: Reply) -> Callable[[Request], Reply]:
    """Give each reply in turn, the last one for ever."""
    left = list(replies)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture(autouse=True)
def nothing_secret_is_said(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    out, err = capfd.readouterr()
    assert "hunter2" not in caplog.text + out + err


def outcome(port: int, sleeps: Sleeps, **more: Any) -> Delivery:
    [delivery] = deliver(opened(), [channel(port, **more)], sleep=sleeps)
    assert "hunter2" not in repr(delivery)
    return delivery


TOO_MANY = Reply(429, headers={"Retry-After": "7"})
SOON, LATER = "a date in a moment", timedelta(seconds=25)


@pytest.mark.parametrize(
    ("replies", "taken", "said", "requests"),
    [
        pytest.param([Reply(202)], True, "Teams answered 202: accepted, look in the channel", 1, id="accepted"),
        pytest.param([Reply(200)], True, "Teams answered 200: accepted, look in the channel", 1, id="ok"),
        pytest.param([Reply(500), Reply(202)], True, "Teams answered 202: accepted, look in the channel", 2, id="a bad moment"),
        pytest.param([Reply(503)], False, "Teams answered 503 Service Unavailable", 3, id="down"),
        pytest.param([TOO_MANY, Reply(202)], True, "Teams answered 202: accepted, look in the channel", 2, id="too many"),
        pytest.param([TOO_MANY], False, "Teams answered 429 Too Many Requests", 3, id="too many for good"),
        pytest.param([Reply(408), Reply(202)], True, "Teams answered 202: accepted, look in the channel", 2, id="their timeout"),
        pytest.param([Reply(400)], False, "Teams answered 400 Bad Request", 1, id="refused"),
        pytest.param([Reply(401)], False, "Teams answered 401 Unauthorized", 1, id="not let in"),
        pytest.param([Reply(404)], False, "Teams answered 404 Not Found", 1, id="the workflow is gone"),
        pytest.param([Reply(302, headers={"Location": "http://127.0.0.1:1/"})], False, "Teams answered 302 Found", 1, id="never elsewhere"),
        pytest.param([Reply(799)], False, "Teams answered 799", 3, id="a status of its own"),
    ],
)  # fmt: skip
def test_answers(replies: list[Reply], taken: bool, said: str, requests: int) -> None:
    sleeps = Sleeps()
    with http_server(answers(*replies)) as (port, seen):
        delivery = outcome(port, sleeps)
    passing = not taken and replies[-1].status in {429, 503, 799}
    assert delivery == Delivery("team", taken, said, passing)
    assert len(seen) == requests
    assert len(sleeps) == requests - 1


TOO_LARGE = Reply(413)
NO_CARD = Reply(400, b'{"error": {"code": "TriggerInputSchemaMismatch", "message": "hunter2"}}')
SWITCHED_OFF = Reply(400, b'{"error": {"code": "WorkflowTriggerIsNotEnabled", "message": "hunter2"}}')
ACCEPTED = Reply(202)


@pytest.mark.parametrize(
    ("replies", "expected", "requests"),
    [
        pytest.param([TOO_LARGE, ACCEPTED], Delivery("team", True, "Teams answered 413 Request Entity Too Large; a short message was sent instead: Teams answered 202: accepted, look in the channel", abridged=True), 2, id="too large"),
        pytest.param([Reply(415), ACCEPTED], Delivery("team", True, "Teams answered 415 Unsupported Media Type; a short message was sent instead: Teams answered 202: accepted, look in the channel", abridged=True), 2, id="of another type"),
        pytest.param([NO_CARD, ACCEPTED], Delivery("team", True, "Teams answered 400 Bad Request; a short message was sent instead: Teams answered 202: accepted, look in the channel", abridged=True), 2, id="400 about the message"),
        pytest.param([SWITCHED_OFF], Delivery("team", False, "Teams answered 400 Bad Request"), 1, id="400 about something else"),
        pytest.param([TOO_LARGE], Delivery("team", False, "Teams answered 413 Request Entity Too Large; a short message was refused too: Teams answered 413 Request Entity Too Large", never=True), 2, id="nor a short one"),
        pytest.param([TOO_LARGE, Reply(401)], Delivery("team", False, "Teams answered 413 Request Entity Too Large; a short message was refused too: Teams answered 401 Unauthorized"), 2, id="then not let in"),
        pytest.param([TOO_LARGE, Reply(503)], Delivery("team", False, "Teams answered 413 Request Entity Too Large; a short message was refused too: Teams answered 503 Service Unavailable", passing=True), 4, id="then away"),
    ],
)  # fmt: skip
def test_what_can_never_be_taken_is_replaced_by_a_short_message(
    replies: list[Reply], expected: Delivery, requests: int
) -> None:
    with http_server(answers(*replies)) as (port, seen):
        assert outcome(port, Sleeps()) == expected
    assert len(seen) == requests


def test_a_short_message_to_a_webhook_leaves_the_report_out() -> None:
    with http_server(answers(TOO_LARGE, Reply(200))) as (port, seen):
        deliver(opened(), [channel(port, "webhook")], {"version": 1})
    full, short = (json.loads(request.body) for request in seen)
    assert (full["report"], short["report"]) == ({"version": 1}, None)
    assert short["message"]["headline"] == full["message"]["headline"]
    assert short["message"]["id"] != full["message"]["id"]


@pytest.mark.parametrize(
    ("left", "tries"), [pytest.param(-1, 0, id="none is left"), pytest.param(5, 1, id="the pause is longer")]
)
def test_no_try_begins_that_could_not_end_in_time(left: float, tries: int) -> None:
    """The sender has stopped waiting by then, and has counted the message as not sent."""
    tried: list[None] = []

    def send() -> None:
        tried.append(None)
        raise DeliveryError("is busy", passing=True, retry_after=10)

    with pytest.raises(DeliveryError) as caught:
        persistently(send, 10, Sleeps(), until=time.monotonic() + left)
    assert (caught.value.passing, len(tried)) == (True, tries)


def test_what_is_posted_is_the_card() -> None:
    with http_server(answers(Reply(202))) as (port, seen):
        outcome(port, Sleeps())
    assert seen[0].method == "POST"
    assert seen[0].path == f"/workflows/1?{SIG}"
    assert seen[0].headers["content-type"] == "application/json"
    assert json.loads(seen[0].body)["attachments"][0]["content"]["type"] == "AdaptiveCard"


@pytest.mark.parametrize(
    ("retry_after", "waits"),
    [
        pytest.param("7", lambda s: s == 7, id="seconds"),
        pytest.param("0", lambda s: s == 0, id="at once"),
        pytest.param(SOON, lambda s: 0 < s <= LATER.total_seconds(), id="a date"),
        pytest.param("Mon, 01 Jan 2024 00:00:00 GMT", lambda s: s == 0, id="a date that is over"),
        pytest.param("soon", lambda s: 0.5 <= s <= 1, id="nonsense: our own pause"),
    ],
)
def test_retry_after(retry_after: str, waits: Callable[[float], bool]) -> None:
    sleeps = Sleeps()
    if retry_after == SOON:
        retry_after = format_datetime(datetime.now(UTC) + LATER, usegmt=True)
    with http_server(answers(Reply(429, headers={"Retry-After": retry_after}), Reply(202))) as (port, _):
        assert outcome(port, sleeps).taken
    assert len(sleeps) == 1
    assert waits(sleeps[0])


def test_a_longer_wait_than_a_run_may_take_is_left_to_the_next_run() -> None:
    sleeps = Sleeps()
    with http_server(answers(Reply(429, headers={"Retry-After": f"{LONGEST_PAUSE + 1:.0f}"}))) as (port, seen):
        delivery = outcome(port, sleeps)
    assert delivery == Delivery("team", False, "Teams answered 429 Too Many Requests", passing=True)
    assert (len(seen), sleeps) == (1, [])


def test_pauses_grow_and_have_a_bound() -> None:
    sleeps = Sleeps()
    with http_server(answers(Reply(500))) as (port, _):
        outcome(port, sleeps, tries=9)
    assert all(0.5 * 2**n <= pause <= 2**n for n, pause in enumerate(sleeps[:5]))
    assert max(sleeps) <= LONGEST_PAUSE


def hang(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.recv(65536 * 16)
    while connection.recv(65536):
        pass


def hang_up(connection: socket.socket) -> None:
    connection.recv(10)


def babble(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"I am no web server\r\n\r\n")


@pytest.mark.parametrize(
    ("behave", "said"),
    [
        pytest.param(hang_up, "Teams: 127.0.0.1:{port} closed the connection before the whole answer was there", id="closes"),
        pytest.param(babble, "Teams: what 127.0.0.1:{port} sent is not HTTP", id="babbles"),
    ],
)  # fmt: skip
def test_broken_connections(behave: Callable[[socket.socket], None], said: str) -> None:
    sleeps = Sleeps()
    with rude_server(behave) as (port, _):
        delivery = outcome(port, sleeps, tries=2)
    assert delivery.passing
    assert not delivery.taken
    assert delivery.said == said.format(port=port)
    assert len(sleeps) == 1


def test_a_server_that_hangs() -> None:
    with rude_server(hang) as (port, _):
        for seconds in growing(0.2):
            sleeps = Sleeps()
            delivery = outcome(port, sleeps, tries=2, timeout=timedelta(seconds=seconds))
            if "no connection" not in delivery.said:
                break
    said = f"Teams: no whole answer from 127.0.0.1:{port} within {seconds:.3g} s"
    assert delivery == Delivery("team", False, said, passing=True)
    assert len(sleeps) == 1


def test_nobody_there() -> None:
    port = nobody()
    assert outcome(port, Sleeps()) == Delivery("team", False, f"Teams: 127.0.0.1:{port} refused the connection", True)


def test_channels_are_independent() -> None:
    away = nobody()
    with (
        http_server(answers(Reply(202))) as (well, seen),
        http_server(answers(Reply(404))) as (gone, _),
        rude_server(hang) as (stuck, _),
    ):
        ports = {"nobody": away, "stuck": stuck, "gone": gone, "well": well}
        patience = {"stuck": timedelta(seconds=0.2)}
        channels = [channel(p, name=n, tries=2, timeout=patience.get(n, HALF_A_MINUTE)) for n, p in ports.items()]
        deliveries = deliver(opened(), channels, sleep=Sleeps())
    assert [(delivery.channel, delivery.taken) for delivery in deliveries] == [
        ("nobody", False),
        ("stuck", False),
        ("gone", False),
        ("well", True),
    ]
    assert len(seen) == 1


def test_a_webhook_gets_message_and_report_signed() -> None:
    with http_server(answers(Reply(200))) as (port, seen):
        [delivery] = deliver(opened(), [channel(port, "webhook", secret=KEY)], {"version": 1, "target": "production"})
    assert delivery == Delivery("team", True, "127.0.0.1 answered 200")
    [request] = seen
    document = json.loads(request.body)
    assert document["version"] == 1
    assert document["report"] == {"version": 1, "target": "production"}
    assert document["message"]["headline"] == opened().headline
    assert document["message"]["kind"] == "incident"
    assert document["message"]["severity"] == "critical"
    assert request.headers["idempotency-key"] == opened().id == document["message"]["id"]
    expected = hmac.new(KEY.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers[SIGNATURE.lower()] == f"v1={expected}"


def test_a_webhook_without_a_secret_is_not_signed() -> None:
    with http_server(answers(Reply(204))) as (port, seen):
        [delivery] = deliver(opened(), [channel(port, "webhook")])
    assert delivery.taken
    assert SIGNATURE.lower() not in seen[0].headers
    assert json.loads(seen[0].body)["report"] is None


@contextmanager
def netrc(path: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETRC", path)
        yield


def test_nothing_is_added_from_netrc(tmp_path: object) -> None:
    path = f"{tmp_path}/netrc"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123  # only its name is needed
        file.write("machine 127.0.0.1 login u password hunter2\n")
    with netrc(path), http_server(answers(Reply(202))) as (port, seen):
        outcome(port, Sleeps())
    assert "authorization" not in seen[0].headers
