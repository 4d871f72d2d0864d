"""Several targets that share incident groups, and what their channels receive: for tests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared.alerts.channels.pagerduty.events import events_of
from shared.alerts.channels.pagerduty.settings import PagerDutyChannel
from shared.alerts.decide.silences import silenced
from shared.alerts.delivery.deliver import Delivery
from shared.alerts.groups import GATHER, IncidentGroups, last_in
from shared.alerts.notifier import Notified, notify
from shared.memory import MemoryFile
from shared.model.alerts import AlertSettings, Channel, TargetAlerts
from shared.model.finding import Finding, Json
from shared.model.knowledge import Unavailable
from shared.model.memory import Memory
from shared.model.message import Message
from shared.model.news import Silence
from shared.model.report import Report
from shared.model.setting_types import Secret
from tests.alerts.decide.story import ALERTING, TEAM, report
from tests.builders import NOW, target

PAGER = PagerDutyChannel("pager", ("critical",), routing_key=Secret("env:KEY", "0" * 32))
SERVER = "db.example.com:5432"


@dataclass
class Fleet:
    """Targets whose memories are in *folder*; `received` is what channels took, `moods` names those that do not."""

    folder: Path
    channels: tuple[Channel, ...] = (TEAM, PAGER)
    rules: Mapping[str, TargetAlerts] = field(default_factory=dict)
    moods: dict[str, str] = field(default_factory=dict)
    received: list[tuple[str, Message, Mapping[str, Json] | None]] = field(default_factory=list)
    now: datetime = NOW
    waited: list[float] = field(default_factory=list)
    has_groups: bool = True
    # What others do while a run waits.
    meanwhile: Callable[[], object] | None = None

    @property
    def alerts(self) -> AlertSettings:
        return replace(ALERTING, channels=self.channels, weekly=False, group_targets=True)

    def run(
        self, name: str, *findings: Finding, leads: bool = True, gather: timedelta = GATHER, **rest: Any
    ) -> Notified:
        made = self.report(name, *findings, **rest)
        watched = replace(target(), name=name, alerts=self.rules.get(name, TargetAlerts()))
        return notify(
            made,
            watched,
            self.alerts,
            MemoryFile(self.folder, name),
            groups=self.groups(leads=leads, gather=gather) if self.has_groups else None,
            send=self.send,
            clock=lambda: self.now,
        )

    def report(self, name: str, *findings: Finding, unreachable: bool = False, **rest: Any) -> Report:
        made = replace(report(findings, self.now, **rest), target=name)
        if not unreachable:
            return made
        lost = Unavailable(f'database "{name}" at {SERVER} cannot be reached: no answer', server=SERVER)
        return replace(
            made, checks=tuple(replace(each, unknown=lost if each.unknown else None) for each in made.checks)
        )

    def groups(self, *, leads: bool = True, gather: timedelta = GATHER) -> IncidentGroups:
        return IncidentGroups(
            self.place(),
            self.alerts,
            lambda name: last_in(MemoryFile(self.folder, name)),
            gather=gather,
            leads=leads,
            send=self.send,
            clock=lambda: self.now,
            sleep=self.sleep,
        )

    def place(self) -> MemoryFile:
        return MemoryFile(self.folder, "~groups")

    def tick(self, *names: str, found: tuple[Finding, ...] = (), after: timedelta = timedelta(minutes=5)) -> None:
        """Run all of *names* at the same time: the groups are sent once all have handed over."""
        self.now += after
        for name in names:
            self.run(name, *found, leads=False)
        self.now += GATHER
        self.flush()

    def flush(self) -> Sequence[Delivery]:
        return self.groups().flush()

    def silence(self, name: str, incident: str) -> None:
        place = MemoryFile(self.folder, name)
        silence = Silence(incident, "Ada", "on it", self.now + timedelta(hours=4))
        place.save(silenced(place.load(), silence, self.now))

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        self.now += timedelta(seconds=seconds)

    def send(
        self, message: Message, channels: Sequence[Channel], report: Mapping[str, Json] | None
    ) -> Sequence[Delivery]:
        deliveries = []
        for channel in channels:
            mood = self.moods.get(channel.name)
            if mood is None:
                self.received.append((channel.name, message, report))
            deliveries.append(Delivery(channel.name, mood is None, mood or "taken", mood == "busy", mood == "never"))
        return deliveries

    def memory(self, name: str = "~groups") -> Memory:
        return MemoryFile(self.folder, name).load()

    @property
    def headlines(self) -> list[str]:
        """Give what was received since the last time, as ``channel: headline``."""
        said = [f"{name}: {'late ' if message.late else ''}{message.headline}" for name, message, _ in self.received]
        self.received.clear()
        return said

    def pages(self) -> list[tuple[str, str]]:
        """Give the events for PagerDuty that were received, as action and deduplication key."""
        events = [each for name, message, _ in self.received if name == "pager" for each in events_of(message)]
        return [(str(event["event_action"]), str(event["dedup_key"])) for event in events]
