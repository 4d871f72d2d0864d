"""From run to run with a Slack workspace and a PagerDuty service: one thread and one alert an incident."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.alerts.channels.pagerduty.settings import PagerDutyChannel
from shared.alerts.channels.slack.settings import SlackChannel
from shared.alerts.decide.silences import silenced
from shared.alerts.messages.parts import thread
from shared.alerts.notifier import NobodyNotifiedError, notify
from shared.alerts.outbox import live_handles
from shared.memory import MemoryFile
from shared.model.alerts import Channel
from shared.model.finding import Finding
from shared.model.memory import Incident, Memory
from shared.model.message import Handle
from shared.model.news import Silence
from shared.model.setting_types import Secret
from tests.alerts.decide.story import ALERTING, CHECKS, EDITED, FAILED, FEW_USERS, ROLLED_BACK, report
from tests.builders import NOW, target
from tests.gather.servers import Reply, Request, http_server

FIVE = timedelta(minutes=5)


@dataclass
class World:
    """*down* has both channels answer 503."""

    folder: Path
    channels: tuple[Channel, ...] = ()
    posts: list[dict[str, Any]] = field(default_factory=list)
    pages: list[tuple[str, str]] = field(default_factory=list)
    down: bool = False
    now: datetime = NOW

    @property
    def place(self) -> MemoryFile:
        return MemoryFile(self.folder, "production")

    def slack(self, request: Request) -> Reply:
        if self.down:
            return Reply(503)
        self.posts.append(json.loads(request.body))
        return Reply(200, json.dumps({"ok": True, "ts": f"1.{len(self.posts)}"}).encode())

    def pagerduty(self, request: Request) -> Reply:
        if self.down:
            return Reply(503)
        document = json.loads(request.body)
        self.pages.append((document["event_action"], document["dedup_key"]))
        return Reply(202, b"{}")

    def run(self, *findings: Finding, after: timedelta = FIVE, no_result: tuple[str, ...] = ()) -> None:
        self.now += after
        alerts = replace(ALERTING, channels=self.channels, weekly=False, reminder_hours=1)
        made = report(findings, self.now, no_result=no_result)
        notify(made, target(), alerts, self.place, clock=lambda: self.now)

    def silence(self, incident: str) -> None:
        memory = self.place.load()
        silence = Silence(incident, "Ada", "on it", self.now + timedelta(hours=4))
        self.place.save(silenced(memory, silence, self.now))

    @property
    def threads(self) -> list[str | None]:
        return [post.get("thread_ts") for post in self.posts]

    @property
    def actions(self) -> list[str]:
        return [action for action, _ in self.pages]


@contextmanager
def living(folder: Path) -> Iterator[World]:
    world = World(folder)
    with ExitStack() as stack:
        slack, _ = stack.enter_context(http_server(world.slack))
        pagerduty, _ = stack.enter_context(http_server(world.pagerduty))
        world.channels = (
            SlackChannel(
                "slack", token=Secret("env:T", "xoxb"), channel="C0123456789", endpoint=f"http://127.0.0.1:{slack}", tries=1
            ),
            PagerDutyChannel(
                "paging", ("critical",), routing_key=Secret("env:K", "0" * 32),
                endpoint=f"http://127.0.0.1:{pagerduty}", tries=1,
            ),
        )  # fmt: skip
        yield world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with living(tmp_path) as made:
        yield made


def test_a_change_a_reminder_and_the_end_are_in_the_thread(world: World) -> None:
    world.run(FAILED)
    world.run(ROLLED_BACK)
    world.run(ROLLED_BACK, after=timedelta(hours=1))
    world.run()
    assert world.threads == [None, "1.1", "1.1", "1.1"]
    assert [post.get("reply_broadcast") for post in world.posts] == [None, True, False, True]
    assert world.actions == ["trigger", "trigger", "resolve"]
    assert len({key for _, key in world.pages}) == 1
    world.run(after=timedelta(hours=25))
    assert world.place.load().handles == (), "of what is over nothing is remembered after a day"


def test_another_life_of_an_incident_is_another_thread_and_alert(world: World) -> None:
    for findings in ([FAILED], [], [FAILED]):
        world.run(*findings)
    assert world.threads == [None, "1.1", None]
    assert world.actions == ["trigger", "resolve", "trigger"]
    assert world.pages[0][1] == world.pages[1][1] != world.pages[2][1]


def test_what_goes_out_late_is_in_the_thread_that_is_begun_late(world: World) -> None:
    world.down = True
    for findings in ([FAILED], [ROLLED_BACK]):
        with pytest.raises(NobodyNotifiedError):
            world.run(*findings)
    world.down = False
    world.run()
    assert world.threads == [None, "1.1", "1.1"]
    assert world.actions == ["trigger", "trigger", "resolve"]


def test_a_warning_is_posted_and_pages_nobody(world: World) -> None:
    world.run(EDITED)
    assert (world.threads, world.actions) == ([None], [])


def test_a_silence_is_acknowledged_and_posted_once(world: World) -> None:
    world.run(FAILED, FEW_USERS)
    world.silence("migration 2")
    world.run(FAILED, FEW_USERS)
    world.run(FAILED, FEW_USERS)
    assert (len(world.posts), world.threads) == (2, [None, "1.1"])
    assert world.actions == ["trigger", "trigger", "acknowledge"]
    assert world.pages[2][1] == world.pages[0][1]


def test_an_acknowledgement_that_fails_goes_out_later(world: World) -> None:
    world.run(FAILED)
    world.silence("migration 2")
    world.down = True
    with pytest.raises(NobodyNotifiedError):
        world.run(FAILED)
    world.down = False
    world.run(FAILED)
    world.run(FAILED)
    assert world.actions == ["trigger", "acknowledge"]
    assert len(world.posts) == 2


def test_one_unknown_check_is_posted_and_no_result_at_all_pages_once(world: World) -> None:
    for _ in range(2):
        world.run(no_result=("history",))
    assert (len(world.posts), world.actions) == (1, [])
    for _ in range(3):
        world.run(no_result=CHECKS)
    world.run(no_result=CHECKS, after=timedelta(hours=4))
    assert world.actions == ["trigger"]
    world.run(no_result=CHECKS[1:])
    assert world.actions == ["trigger", "resolve"]
    assert len({key for _, key in world.pages}) == 1


def test_so_many_threads_are_remembered() -> None:
    incidents = tuple(Incident(f"seed-missing:{n}", NOW, NOW, FAILED.severity, "d", ("seeds",)) for n in range(150))
    memory = Memory("production", incidents=incidents)
    handles = [Handle("slack", thread(each.name, NOW), "C0123456789/1.1") for each in incidents]
    over = Handle("slack", thread("seed-missing:200", NOW), "C0123456789/1.1")
    assert live_handles([*handles, over], memory, ()) == tuple(handles[-100:])
