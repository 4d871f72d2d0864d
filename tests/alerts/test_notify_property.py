"""Whatever happens in whatever order: nothing is lost, nothing is repeated without need, no end comes first."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.alerts.decide import decide
from shared.alerts.decide.clock import on_this_clock
from shared.alerts.delivery.deliver import Delivery
from shared.alerts.messages.parts import thread
from shared.alerts.notifier import NobodyNotifiedError, notify
from shared.memory import RememberError, UnsavedError
from shared.model.alerts import Channel
from shared.model.finding import Finding, Json
from shared.model.memory import Memory
from shared.model.message import Change, Kind, Message
from shared.model.news import Decision, Why
from tests.alerts.decide.story import ALERTING, API_DOWN, EDITED, FAILED, FEW_USERS, ROLLED_BACK, RUNNING, TEAM, report
from tests.builders import NOW, target
from tests.examples import examples

ONCALL = replace(TEAM, name="oncall", severities=("critical",))
ALERTS = replace(ALERTING, channels=(TEAM, ONCALL), weekly=False)
REMINDER = timedelta(hours=ALERTS.reminder_hours)
UNKNOWN_REMINDER = timedelta(hours=ALERTS.blind_reminder_hours)
EARLY = timedelta(seconds=30)
# Of busy channels, those that refuse all that they are sent, and those that can never take this one message.
Temper = Literal["takes", "busy", "refuses", "never"]
Crash = Literal[
    "none", "before noting", "before sending", "amid the channels", "amid the messages", "before remembering"
]
# Which of the times that a run saves its memory fail.
Disk = Literal["sound", "full", "fills up", "is freed"]
JUMPS = (timedelta(days=-3), timedelta(days=400))


class Killed(BaseException):
    """The process dies here."""


@dataclass(frozen=True)
class Run:
    findings: tuple[Finding, ...]
    no_result: tuple[str, ...]
    after: timedelta
    tempers: Mapping[str, Temper]
    crash: Crash = "none"
    disk: Disk = "sound"


@dataclass
class Place:
    """A memory that may not be written, and a process that may die before it is."""

    memory: Memory = field(default_factory=lambda: Memory("production"))
    texts: dict[str, str] = field(default_factory=dict)
    run: Run | None = None
    has_sent: bool = False
    saves: int = 0

    def load(self) -> Memory:
        return self.memory

    def save(self, memory: Memory, texts: Mapping[str, str] | None = None) -> None:
        self.saves += 1
        crash, disk = ("none", "sound") if self.run is None else (self.run.crash, self.run.disk)
        if crash == "before noting" or (crash == "before remembering" and self.has_sent):
            raise Killed
        is_first = self.saves == 1
        if disk == "full" or (disk == "fills up" and not is_first) or (disk == "is freed" and is_first):
            raise RememberError("no space left on device")
        self.memory = replace(memory, unsaved=None)
        self.texts |= texts or {}

    def text(self, digest: str) -> str | None:
        return self.texts.get(digest)

    @contextmanager
    def alone(self) -> Iterator[None]:
        yield


@dataclass(frozen=True)
class Received:
    """What *channel* took in the run of the number *at*; it was *written* in that run or in one before."""

    channel: str
    decision: Decision
    written: int
    at: int

    @property
    def thread(self) -> str:
        return thread(self.decision.incident, self.decision.since)


@dataclass
class World:
    """*shaken* are the runs that died, could not save, or came after the clock had jumped."""

    place: Place = field(default_factory=Place)
    now: datetime = NOW
    number: int = 0
    received: list[Received] = field(default_factory=list)
    given_up: list[Received] = field(default_factory=list)
    decided: dict[tuple[datetime, str], tuple[int, Decision]] = field(default_factory=dict)
    shaken: set[int] = field(default_factory=set)
    unsaved: set[int] = field(default_factory=set)
    times: list[datetime] = field(default_factory=list)

    def live(self, run: Run) -> None:
        self.number += 1
        # No two runs at the same moment, wherever the clock jumps.
        self.now += run.after + timedelta(microseconds=1)
        self.times.append(self.now)
        made = report(run.findings, self.now, no_result=run.no_result)
        before = on_this_clock(self.place.memory, self.now)
        for decision in decide(made, before, ALERTS, target(), self.now, began=before.number).news.decisions:
            self.decided[self.now, thread(decision.incident, decision.since)] = (self.number, decision)
        self.place.run, self.place.has_sent, self.place.saves = run, False, 0
        if run.crash != "none" or run.disk != "sound" or run.after in JUMPS:
            self.shaken.add(self.number)
        if run.disk == "full":
            self.unsaved.add(self.number)
        sent: list[Message] = []

        def send(
            message: Message, channels: Sequence[Channel], _report: Mapping[str, Json] | None
        ) -> Sequence[Delivery]:
            if run.crash == "before sending" or (run.crash == "amid the messages" and sent):
                raise Killed
            self.place.has_sent = True
            sent.append(message)
            deliveries = []
            for channel in channels:
                deliveries.append(self._take(message, channel.name, run.tempers[channel.name]))
                if run.crash == "amid the channels":
                    raise Killed
            return deliveries

        kept = self._kept()
        try:
            notify(
                made, target(), ALERTS, self.place, began=self.place.memory.number, send=send, clock=lambda: self.now
            )
        except Killed:
            pass
        except UnsavedError:
            assert run.disk != "sound"
        except NobodyNotifiedError:
            assert set(run.tempers.values()) != {"takes"}
        self._note_what_was_given_up(kept, sent)

    def _take(self, message: Message, channel: str, temper: Temper) -> Delivery:
        if temper == "takes" and message.kind is not Kind.CRASH:
            self.received += self._as_received(message, channel)
        return Delivery(channel, temper == "takes", temper, passing=temper == "busy", never=temper == "never")

    def _as_received(self, message: Message, channel: str) -> list[Received]:
        found = []
        # What is said of a channel is no decision.
        for event in (each for each in message.events if not each.incident.startswith("channel ")):
            written, decision = self.decided[message.written_at, event.thread]
            assert (decision.why in ENDS) == (event.change is Change.RESOLVED)
            found.append(Received(channel, decision, written, self.number))
        return found

    def _kept(self) -> dict[tuple[str, str], Message]:
        return {(each.channel, each.message.id): each.message for each in self.place.memory.undelivered}

    def _note_what_was_given_up(self, before: Mapping[tuple[str, str], Message], sent: Sequence[Message]) -> None:
        taken = {(received.channel, received.written) for received in self.received if received.at == self.number}
        new = {(name, message.id): message for message in sent for name in ("team", "oncall")}
        for (channel, _), message in {
            key: m for key, m in {**before, **new}.items() if key not in self._kept()
        }.items():
            self.given_up += [h for h in self._as_received(message, channel) if (channel, h.written) not in taken]


FINDINGS = st.lists(
    st.sampled_from([FAILED, ROLLED_BACK, RUNNING, FEW_USERS, API_DOWN, EDITED]),
    unique_by=lambda finding: finding.incident,
    max_size=4,
)
TEMPERS = st.sampled_from(["takes", "takes", "takes", "busy", "refuses", "never"])
MINUTES = st.sampled_from([5, 5, 5, 60, 300, 1500]).map(lambda minutes: timedelta(minutes=minutes))
RUNS = st.builds(
    Run,
    findings=FINDINGS.map(tuple),
    no_result=st.sampled_from([(), (), ("history",), ("seeds", "endpoints")]),
    after=st.one_of(MINUTES, MINUTES, MINUTES, st.sampled_from(JUMPS)),
    tempers=st.fixed_dictionaries({"team": TEMPERS, "oncall": TEMPERS}),
    crash=st.sampled_from(["none"] * 8 + list(get_args(Crash))),
    disk=st.sampled_from(["sound"] * 8 + list(get_args(Disk))),
)
WELL = Run((), (), timedelta(minutes=5), {"team": "takes", "oncall": "takes"})
ENDS = {Why.RESOLVED, Why.WORKS_AGAIN}


HISTORIES = st.lists(RUNS, max_size=14)


@settings(max_examples=examples(160), deadline=None)
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
    still_open = tuple(finding for finding in history[-1].findings if finding is not RUNNING) if history else ()
    no_result = history[-1].no_result if history else ()
    for _ in range(5):  # as long as a deployment whose lock is gone is still waited for
        world.live(replace(WELL, findings=still_open, no_result=no_result))
    nothing_is_lost(world, still_open, no_result)
    nothing_is_repeated(world)
    no_end_comes_first(world)


def nothing_is_lost(world: World, still_open: Sequence[Finding], no_result: Sequence[str]) -> None:
    """What is open was sent and not sent as ended since; what was kept is gone; what is unknown for long was sent.

    On each channel, unless what was to be said of it since was given up there. What was sent by a run that could not
    save it said so: its end may be unknown to the next.
    """
    assert world.place.memory.undelivered == ()
    last = {(received.channel, received.decision.incident): received for received in world.received}
    incidents = {incident.name: incident for incident in world.place.memory.incidents}
    stands = {finding.incident for finding in still_open} | {f"unknown {check}" for check in no_result}
    assert stands <= {name for _, name in last}, "it opened, and nobody received"
    may_stand = stands | {name for name, incident in incidents.items() if incident.is_open or incident.flapping}
    for (_, name), received in last.items():
        if any(_is_given_up_since(given_up, received) for given_up in world.given_up):
            continue
        if received.decision.why in ENDS:
            assert name not in stands or incidents[name].flapping, "it is open, and was sent as ended"
        elif received.decision.why not in {Why.VERIFY, Why.FLAPPING} and received.written not in world.unsaved:
            assert name in may_stand, "it ended, and nobody received"


def _is_given_up_since(given_up: Received, received: Received) -> bool:
    same = (given_up.channel, given_up.decision.incident) == (received.channel, received.decision.incident)
    return same and given_up.at >= received.at and given_up.written >= received.written


def nothing_is_repeated(world: World) -> None:
    """What a channel receives of an incident twice is news, a reminder that is due, or something broke in between.

    Or it would not receive what was news in between, and others did.
    """
    before: dict[tuple[str, str], Received] = {}
    for received in world.received:
        key = received.channel, received.decision.incident
        last = before.get(key)
        before[key] = received
        if last is None or any(last.written <= number <= received.at for number in world.shaken):
            continue
        if any(_is_between(given_up, last, received) for given_up in world.given_up):
            continue
        says = [
            (each.why, each.since, [(f.key, f.severity) for f in each.findings])
            for each in (last.decision, received.decision)
        ]
        if received.decision.why in {Why.REMINDER, Why.FLAPPING} or says[0] == says[1]:
            span = UNKNOWN_REMINDER if received.decision.incident.startswith("unknown ") else REMINDER
            is_first_flapping = received.decision.why is Why.FLAPPING and last.decision.why is not Why.FLAPPING
            passed = world.times[received.written - 1] - world.times[last.written - 1]
            assert is_first_flapping or passed + EARLY >= span


def _is_between(given_up: Received, last: Received, received: Received) -> bool:
    same = (given_up.channel, given_up.decision.incident) == (received.channel, received.decision.incident)
    return same and last.written < given_up.written < received.written


def no_end_comes_first(world: World) -> None:
    """On each channel for itself; and no end is sent by a run that could not save it."""
    begun: set[tuple[str, str]] = set()
    for received in world.received:
        if received.decision.why in ENDS:
            assert (received.channel, received.thread) in begun, "its end was sent before its beginning"
            assert received.written not in world.unsaved or received.at != received.written, (
                "an end that nothing remembers"
            )
        begun.add((received.channel, received.thread))
