"""Whatever happens in whatever order: nothing is lost, nothing is repeated without need, no end comes first."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model.alerts import Channel
from shared.model.finding import Finding, Json
from shared.model.memory import Memory
from shared.model.message import Message
from shared.model.news import Decision, Why
from shared.notify.deliver import Delivery
from shared.report.decide import decide
from shared.report.message.parts import thread
from shared.tell import NobodyToldError, tell
from tests.builders import NOW, target
from tests.report.decide.story import API_DOWN, EDITED, FAILED, FEW_USERS, ROLLED_BACK, RUNNING, TEAM, TOLD, report

ONCALL = replace(TEAM, name="oncall", severities=("critical",))
ALERTS = replace(TOLD, channels=(TEAM, ONCALL), weekly=False)
REMINDER = timedelta(hours=ALERTS.reminder_hours)
BLIND_REMINDER = timedelta(hours=ALERTS.blind_reminder_hours)
EARLY = timedelta(seconds=30)
Temper = Literal["takes", "busy", "refuses"]
Crash = Literal["none", "before telling", "amid the channels", "amid the messages", "before remembering"]


class Killed(BaseException):
    """The process dies here."""


@dataclass(frozen=True)
class Run:
    findings: tuple[Finding, ...]
    blind: tuple[str, ...]
    after: timedelta
    tempers: Mapping[str, Temper]
    crash: Crash


@dataclass
class Place:
    """A memory, and a process that may die before it is written: what it was about to tell is noted by then."""

    memory: Memory = field(default_factory=lambda: Memory("production"))
    dies: bool = False

    def load(self) -> Memory:
        return self.memory

    def save(self, memory: Memory) -> None:
        if self.dies and not memory.telling:
            raise Killed
        self.memory = memory

    @contextmanager
    def alone(self) -> Iterator[None]:
        yield


@dataclass(frozen=True)
class Heard:
    """What *channel* took, or refused, in the order of time."""

    channel: str
    decision: Decision
    written_at: datetime
    at: datetime


@dataclass
class World:
    place: Place = field(default_factory=Place)
    now: datetime = NOW
    heard: list[Heard] = field(default_factory=list)
    refused: list[Heard] = field(default_factory=list)
    decided: dict[tuple[datetime, str], Decision] = field(default_factory=dict)
    crashes: list[datetime] = field(default_factory=list)

    def live(self, run: Run) -> None:
        self.now += run.after
        made = report(run.findings, self.now, blind=run.blind)
        for decision in decide(made, self.place.memory, ALERTS, target(), self.now).news.decisions:
            self.decided[self.now, thread(decision.incident, decision.since)] = decision
        self.place.dies = run.crash == "before remembering"
        sent: list[Message] = []

        def send(
            message: Message, channels: Sequence[Channel], _report: Mapping[str, Json] | None
        ) -> Sequence[Delivery]:
            if run.crash == "before telling" or (run.crash == "amid the messages" and sent):
                raise Killed
            sent.append(message)
            deliveries = []
            for channel in channels:
                deliveries.append(self._take(message, channel.name, run.tempers[channel.name]))
                if run.crash == "amid the channels":
                    raise Killed
            return deliveries

        try:
            tell(made, target(), ALERTS, self.place, send=send, clock=lambda: self.now)
        except Killed:
            self.crashes.append(self.now)
        except NobodyToldError:
            assert set(run.tempers.values()) != {"takes"}

    def _take(self, message: Message, channel: str, temper: Temper) -> Delivery:
        if temper != "busy":
            for name in message.threads:
                decision = self.decided[message.written_at, name]
                kept = self.heard if temper == "takes" else self.refused
                kept.append(Heard(channel, decision, message.written_at, self.now))
        return Delivery(channel, taken=temper == "takes", said=temper, passing=temper == "busy")


FINDINGS = st.lists(
    st.sampled_from([FAILED, ROLLED_BACK, RUNNING, FEW_USERS, API_DOWN, EDITED]),
    unique_by=lambda finding: finding.incident,
    max_size=4,
)
TEMPERS = st.sampled_from(["takes", "takes", "takes", "busy", "refuses"])
RUNS = st.builds(
    Run,
    findings=FINDINGS.map(tuple),
    blind=st.sampled_from([(), (), ("history",), ("seeds", "endpoints")]),
    after=st.sampled_from([5, 5, 5, 60, 300, 1500]).map(lambda minutes: timedelta(minutes=minutes)),
    tempers=st.fixed_dictionaries({"team": TEMPERS, "oncall": TEMPERS}),
    crash=st.sampled_from(["none"] * 8 + list(get_args(Crash))),
)
WELL = Run((), (), timedelta(minutes=5), {"team": "takes", "oncall": "takes"}, "none")
ENDS = {Why.RESOLVED, Why.SEES_AGAIN}


HISTORIES = st.lists(RUNS, max_size=14)


@settings(max_examples=100, deadline=None)
@given(HISTORIES)
def test_nothing_is_lost_repeated_or_turned_round(history: list[Run]) -> None:
    live_through(history)


@pytest.mark.heavy
@settings(max_examples=20_000, deadline=None)
@given(HISTORIES)
def test_nor_in_many_more_histories(history: list[Run]) -> None:
    live_through(history)


def live_through(history: list[Run]) -> None:
    world = World()
    for run in history:
        world.live(run)
    standing = tuple(finding for finding in history[-1].findings if finding is not RUNNING) if history else ()
    blind = history[-1].blind if history else ()
    for _ in range(5):  # as long as a deployment whose lock is gone is still waited for
        world.live(replace(WELL, findings=standing, blind=blind))
    nothing_is_lost(world, standing, blind)
    nothing_is_repeated(world)
    no_end_comes_first(world)


def nothing_is_lost(world: World, standing: Sequence[Finding], blind: Sequence[str]) -> None:
    """What stands was told and not told as ended since; what was kept is gone; what is blind for long was told.

    On each channel, unless it has refused to hear of it since.
    """
    assert world.place.memory.undelivered == ()
    last = {(heard.channel, heard.decision.incident): heard for heard in world.heard}
    incidents = {incident.name: incident for incident in world.place.memory.incidents}
    stands = {finding.incident for finding in standing} | {f"unknown {check}" for check in blind}
    assert stands <= {name for _, name in last}, "it opened, and nobody heard"
    may_stand = stands | {name for name, incident in incidents.items() if incident.is_open or incident.flapping}
    for (_, name), heard in last.items():
        if any(_is_refused_since(refused, heard) for refused in world.refused):
            continue
        if heard.decision.why in ENDS:
            assert name not in stands or incidents[name].flapping, "it stands, and was told as ended"
        elif heard.decision.why not in {Why.VERIFY, Why.FLAPPING}:
            assert name in may_stand, "it ended, and nobody heard"


def _is_refused_since(refused: Heard, heard: Heard) -> bool:
    same = (refused.channel, refused.decision.incident) == (heard.channel, heard.decision.incident)
    return same and refused.at > heard.at and refused.written_at > heard.written_at


def nothing_is_repeated(world: World) -> None:
    """What a channel hears of an incident twice is news, a reminder that is due, or a crash came between.

    Or it would not hear what was news in between, and others did.
    """
    before: dict[tuple[str, str], Heard] = {}
    for heard in world.heard:
        key = heard.channel, heard.decision.incident
        last = before.get(key)
        before[key] = heard
        if last is None or any(last.written_at <= crash <= heard.at for crash in world.crashes):
            continue
        if any(_is_between(refused, last, heard) for refused in world.refused):
            continue
        says = [
            (each.why, each.since, [(f.key, f.severity) for f in each.findings])
            for each in (last.decision, heard.decision)
        ]
        if heard.decision.why in {Why.REMINDER, Why.FLAPPING} or says[0] == says[1]:
            span = BLIND_REMINDER if heard.decision.incident.startswith("unknown ") else REMINDER
            is_first_flapping = heard.decision.why is Why.FLAPPING and last.decision.why is not Why.FLAPPING
            assert is_first_flapping or heard.written_at - last.written_at + EARLY >= span


def _is_between(refused: Heard, last: Heard, heard: Heard) -> bool:
    same = (refused.channel, refused.decision.incident) == (heard.channel, heard.decision.incident)
    return same and last.written_at < refused.written_at < heard.written_at


def no_end_comes_first(world: World) -> None:
    begun: set[str] = set()
    for heard in world.heard:
        name = thread(heard.decision.incident, heard.decision.since)
        if heard.decision.why in ENDS:
            assert name in begun, "its end was told before its beginning"
        begun.add(name)
