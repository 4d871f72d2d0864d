"""The monitor watches itself: signs of life, and a last message that says where it crashed and nothing else."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import pytest

from shared.alerts.channels.teams.settings import TeamsChannel
from shared.alerts.delivery.deliver import Delivery
from shared.alerts.messages.text import as_plain_text
from shared.alerts.self_watch import SelfWatch
from shared.memory import RememberError
from shared.model.alerts import AlertSettings, Channel
from shared.model.finding import Json
from shared.model.message import Message
from shared.model.setting_types import Secret
from tests.alerts.news import BEGAN
from tests.gather.servers import Reply, http_server, nobody


def channel(name: str, severity: Literal["critical", "warning"] = "critical") -> Channel:
    return TeamsChannel(name, (severity,), url=Secret("env:URL", "https://example.com/?sig=hunter2"))


ALERTS = AlertSettings(channels=(channel("oncall"), channel("hints", "warning")))


class Post:
    """Takes what is sent, or not; and a clock to turn."""

    def __init__(self, *, takes: bool = True) -> None:
        self.sent: list[tuple[str, Message]] = []
        self.now: datetime = BEGAN
        self.silences: list[str] = []
        self._takes = takes
        self.watch = SelfWatch(self.silences.append, send=self.send, clock=lambda: self.now)

    def send(
        self, message: Message, channels: Sequence[Channel], report: Mapping[str, Json] | None
    ) -> Sequence[Delivery]:
        assert report is None
        self.sent += [(channel.name, message) for channel in channels]
        return [Delivery(channel.name, self._takes, "said so") for channel in channels]

    def crash(self, error: Exception, alerts: AlertSettings = ALERTS, target: str = "production") -> None:
        with (
            pytest.raises(type(error)),
            self.watch.over(target, alerts, not_notified=LookupError),
        ):
            raise error


def test_a_run_that_ends_well_says_nothing() -> None:
    post = Post()
    with post.watch.over("production", ALERTS):
        pass
    assert post.sent == []


def test_that_it_cannot_remember_is_no_crash_and_sent_as_what_it_is() -> None:
    post = Post()
    error = RememberError("cannot write memory/production.json: No space left on device")
    post.crash(error)
    post.crash(error)
    [(channel, message)] = post.sent
    assert channel == "oncall"
    assert message.headline == "production: the monitor could not save its state"
    assert "WHAT        Cannot write memory/production.json: No space left on device." in as_plain_text(message)
    post.now += timedelta(hours=1)
    post.crash(error)
    assert len(post.sent) == 2


def test_a_crash_is_sent_and_raised_again() -> None:
    post = Post()
    post.crash(ValueError("password=hunter2"))
    [(name, message)] = post.sent
    text = as_plain_text(message)
    assert name == "oncall"
    assert text.startswith("❔ production: the monitor crashed and checked nothing. This is NOT an all-clear.")
    assert "ValueError in tests/alerts/test_self_watch.py:" in text
    assert "hunter2" not in text


def test_where_nobody_is_on_call_all_are_notified() -> None:
    post = Post()
    post.crash(ValueError(), AlertSettings(channels=(channel("hints", "warning"),)))
    assert [name for name, _ in post.sent] == ["hints"]


def test_an_error_that_nobody_can_be_notified_is_not_sent() -> None:
    post = Post()
    post.crash(KeyError("nobody"))
    assert post.sent == []


def test_the_same_crash_is_sent_once_an_hour() -> None:
    post = Post()
    for passed in (0, 5, 59, 61, 62):
        post.now = BEGAN + timedelta(minutes=passed)
        post.crash(ValueError())
    assert [message.written_at - BEGAN for _, message in post.sent] == [timedelta(0), timedelta(minutes=61)]


def test_another_crash_is_sent_at_once() -> None:
    post = Post()
    post.crash(ValueError())
    post.crash(TypeError())
    post.crash(ValueError(), target="staging")
    assert len(post.sent) == 3


def test_what_nobody_took_is_sent_again() -> None:
    post = Post(takes=False)
    post.crash(ValueError())
    post.crash(ValueError())
    assert len(post.sent) == 2
    assert post.silences == ["oncall: said so"] * 2


def test_a_check_that_was_given_up() -> None:
    assert Post().watch.notify_poisoned("production", ALERTS)
    assert not Post(takes=False).watch.notify_poisoned("production", ALERTS)
    assert not Post().watch.notify_poisoned("production", AlertSettings())


@pytest.mark.parametrize(
    ("error", "paths"),
    [(None, ["/p/start", "/p"]), (ValueError(), ["/p/start", "/p/fail"])],
    ids=["it ran", "it crashed"],
)
def test_signs_of_life(error: Exception | None, paths: list[str]) -> None:
    post = Post()
    with http_server(lambda _: Reply(200)) as (port, seen):
        alerts = AlertSettings(heartbeat=Secret("env:H", f"http://127.0.0.1:{port}/p"))
        if error is not None:
            post.crash(error, alerts)
        else:
            with post.watch.over("production", alerts):
                pass
    assert [request.path for request in seen] == paths
    assert post.silences == []


def test_a_heartbeat_that_nobody_receives_ends_no_run() -> None:
    post, port = Post(), nobody()
    with post.watch.over("production", AlertSettings(heartbeat=Secret("env:H", f"http://127.0.0.1:{port}/hunter2"))):
        ran = True
    assert ran
    assert post.silences == [f"the heartbeat: 127.0.0.1:{port} refused the connection"] * 2
