"""Targets that share incident groups, in whatever order they run and die: nothing is lost, no page is left open."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.alerts.decide.grouping import FLAPPING
from shared.alerts.delivery.deliver import Delivery
from shared.alerts.groups import GATHER, IncidentGroups
from shared.alerts.messages.parts import short
from shared.alerts.notifier import NobodyNotifiedError, notify
from shared.alerts.outbox import Send
from shared.memory import RememberError
from shared.model.alerts import Channel
from shared.model.finding import Finding, Json
from shared.model.knowledge import Unavailable
from shared.model.memory import Memory
from shared.model.message import Change, Kind, Message
from tests.alerts.decide.story import ALERTING, EDITED, FAILED, FEW_USERS, ROLLED_BACK, TEAM, report
from tests.builders import NOW, target
from tests.examples import examples

ONCALL = replace(TEAM, name="oncall", severities=("critical",))
ALERTS = replace(ALERTING, channels=(TEAM, ONCALL), weekly=False)
NAMES = ("db1", "db2", "db3")
CHECKS = ("history", "schema", "seeds")
# By what a group says of it.
INCIDENTS = {short(each): each.incident for each in (FAILED, ROLLED_BACK, FEW_USERS, EDITED)}
# So many times at most a run does something outside of itself, and may die there.
_MOST_STEPS = 12


class Killed(BaseException):
    """The process dies here."""


@dataclass(frozen=True)
class Run:
    """*dies* is the number of the step before which it dies; *broken* are the memories that it cannot write.

    *meanwhile* is a run of another target, while this one waits. *lost*: the server of the target cannot be reached.
    """

    name: str
    findings: tuple[Finding, ...]
    after: timedelta = timedelta(minutes=5)
    dies: int | None = None
    busy: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    waits: bool = True
    meanwhile: "Run | None" = None
    lost: bool = False

    def __repr__(self) -> str:
        found = ", ".join(each.key for each in self.findings)
        rest = (str(self.after), self.dies, self.busy, self.broken, self.waits, self.meanwhile, self.lost)
        return f"Run({self.name}, ({found}), {', '.join(map(repr, rest))})"


@dataclass
class Process:
    """One run, which dies before one of its steps."""

    run: Run
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.run.dies:
            raise Killed


@dataclass
class Place:
    name: str
    memory: Memory
    texts: dict[str, str] = field(default_factory=dict)
    process: Process | None = None

    def load(self) -> Memory:
        return self.memory

    def save(self, memory: Memory, texts: Mapping[str, str] | None = None) -> None:
        if self.process is not None:
            self.process.step()
            if self.name in self.process.run.broken or ("own" in self.process.run.broken and self.name in NAMES):
                raise RememberError("no space left on device")
        self.memory = replace(memory, unsaved=None)
        self.texts |= texts or {}
        self.texts = {name: text for name, text in self.texts.items() if name in set(memory.documents())}

    def text(self, digest: str) -> str | None:
        return self.texts.get(digest)

    @contextmanager
    def alone(self) -> Iterator[None]:
        yield


@dataclass
class World:
    """What channels know: of each alert, by its key, the open incidents and their targets."""

    places: dict[str, Place] = field(default_factory=lambda: {n: Place(n, Memory(n)) for n in (*NAMES, "~groups")})
    now: datetime = NOW
    open: dict[tuple[str, str], set[tuple[str, str]]] = field(default_factory=dict)
    begun: set[tuple[str, str]] = field(default_factory=set)
    received: dict[tuple[str, str], int] = field(default_factory=dict)
    newest: dict[tuple[str, str], int] = field(default_factory=dict)
    # The moments in which something was written, in their order: the clock jumps.
    moments: dict[datetime, int] = field(default_factory=dict)
    # What a run sent that could not save it: its end may be known to nobody.
    unsaved: set[tuple[str, str]] = field(default_factory=set)
    shaken: set[int] = field(default_factory=set)
    number: int = 0
    found: dict[str, tuple[Finding, ...]] = field(default_factory=lambda: dict.fromkeys(NAMES, ()))

    def live(self, run: Run) -> None:
        self.number += 1
        self.found[run.name] = run.findings
        # An incident that begins twice within a second has one thread.
        self._wait(run.after + timedelta(seconds=1))
        if run.dies is not None or run.broken:
            self.shaken.add(self.number)
        process = Process(run)
        for place in self.places.values():
            place.process = process

        def send(
            message: Message, channels: Sequence[Channel], _report: Mapping[str, Json] | None
        ) -> Sequence[Delivery]:
            process.step()
            deliveries = []
            for channel in channels:
                taken = channel.name not in run.busy
                if taken and message.kind is not Kind.CRASH:
                    self._take(message, channel.name)
                deliveries.append(Delivery(channel.name, taken, "taken" if taken else "busy", passing=True))
            process.step()
            return deliveries

        def sleep(seconds: float) -> None:
            process.step()
            if run.meanwhile is not None:
                self.live(run.meanwhile)
                # What this run does from here on comes after that.
                if run.dies is not None or run.broken:
                    self.shaken.add(self.number)
                for place in self.places.values():
                    place.process = process
            self._wait(timedelta(seconds=seconds))

        groups = self._groups(send, sleep, waits=run.waits)
        place, watched = self.places[run.name], replace(target(), name=run.name)
        made = replace(report(run.findings, self.now, no_result=CHECKS if run.lost else ()), target=run.name)
        lost = Unavailable("no answer", server="db.example.com:5432")
        made = replace(made, checks=tuple(replace(c, unknown=lost if c.unknown else None) for c in made.checks))
        began = place.memory.number
        try:
            notify(made, watched, ALERTS, place, began=began, groups=groups, send=send, clock=lambda: self.now)
        except Killed:
            pass
        except RememberError:
            assert run.broken
        except NobodyNotifiedError:
            assert run.busy

    def _wait(self, pause: timedelta) -> None:
        """No two moments are the same, wherever the clock jumps."""
        self.now += pause
        while self.now in self.moments:
            self.now += timedelta(microseconds=1)
        self.moments[self.now] = len(self.moments)

    def _groups(self, send: Send, sleep: Callable[[float], None], *, waits: bool) -> IncidentGroups:
        gather = GATHER if waits else timedelta(0)
        return IncidentGroups(
            self.places["~groups"],
            ALERTS,
            lambda _: None,
            gather=gather,
            send=send,
            clock=lambda: self.now,
            sleep=sleep,
        )

    def _send_all(
        self, message: Message, channels: Sequence[Channel], _report: Mapping[str, Json] | None
    ) -> Sequence[Delivery]:
        for channel in channels:
            self._take(message, channel.name)
        return [Delivery(channel.name, taken=True, said="taken") for channel in channels]

    def tick(self) -> None:
        """Do what the timer does where something waits that no run of a member sends."""
        for place in self.places.values():
            place.process = None
        awaited = self.places["~groups"].memory.next_run_at
        if awaited is not None and awaited <= self.now:
            self._groups(self._send_all, lambda _: None, waits=True).flush()

    def _take(self, message: Message, channel: str) -> None:
        at = self.received.get((channel, message.id))
        if at is not None:
            assert any(at <= number <= self.number for number in self.shaken), "twice, and nothing broke"
        self.received[channel, message.id] = self.number
        for event in message.events:
            key = channel, message.key_of(event)
            written = self.moments[message.written_at]
            assert at is not None or self.newest.get(key, 0) <= written, "an older message after a newer one"
            self.newest[key] = written
            if "could not save" in repr(message.sections):
                self.unsaved.add((message.target, event.incident))
            if event.change is Change.RESOLVED:
                assert key in self.begun, "its end came before its beginning"
                self.open.pop(key, None)
                continue
            self.begun.add(key)
            if message.targets:
                self.open[key] = {
                    (each.target, INCIDENTS.get(problem.removesuffix(FLAPPING), "unknown"))
                    for each in message.targets
                    if each.state == "open"
                    for problem in each.problems
                }
            else:
                self.open[key] = {(message.target, event.incident)}


FINDINGS = st.lists(
    st.sampled_from([FAILED, FAILED, ROLLED_BACK, FEW_USERS, EDITED]), unique_by=lambda each: each.incident, max_size=2
).map(tuple)
RUNS = st.builds(
    Run,
    name=st.sampled_from(NAMES),
    findings=FINDINGS,
    after=st.sampled_from([0, 1, 5, 5, 20, 60, 1500, -4320, 576_000]).map(lambda minutes: timedelta(minutes=minutes)),
    dies=st.one_of(st.none(), st.none(), st.integers(1, _MOST_STEPS)),
    busy=st.sampled_from([(), (), (), ("team",), ("oncall",), ("team", "oncall")]),
    broken=st.sampled_from([()] * 6 + [("~groups",), ("own",), ("~groups", "own")]),
    waits=st.booleans(),
    lost=st.sampled_from([False] * 5 + [True]),
)
RUNS |= st.builds(lambda run, other: replace(run, meanwhile=other, waits=True), RUNS, RUNS)
HISTORIES = st.lists(RUNS, max_size=16)


# What opened was never handed over, and is over in part once the groups cannot be written.
HANDED_OVER_BY_NOBODY = [
    Run("db1", (FAILED,)),
    Run("db3", (FAILED, EDITED), dies=2),
    Run("db3", (FAILED,), broken=("~groups",)),
]


def test_what_nobody_handed_over_is_sent_by_its_target() -> None:
    live_through(HANDED_OVER_BY_NOBODY)


@settings(max_examples=examples(120), deadline=None)
@given(HISTORIES)
def test_nothing_is_lost_and_no_alert_is_left_open(history: list[Run]) -> None:
    live_through(history)


@pytest.mark.heavy
@settings(max_examples=20_000, deadline=None)
@given(HISTORIES)
def test_nor_in_many_more_histories(history: list[Run]) -> None:
    live_through(history)


def live_through(history: Sequence[Run]) -> None:
    world = World()
    for run in history:
        world.live(run)
    # Longer than what flaps is left alone, and than a group gathers what joins and leaves.
    for minutes in (0, 5, 20, 61, 61, 20, 20):
        for name in NAMES:
            world.live(Run(name, world.found[name], timedelta(minutes=minutes) if name == NAMES[0] else timedelta(0)))
        world.tick()
    believes_what_is_so(world, world.found)


def believes_what_is_so(world: World, found: Mapping[str, Sequence[Finding]]) -> None:
    assert [each for place in world.places.values() for each in place.memory.undelivered] == []
    for channel in ALERTS.channels:
        expected = {
            (name, finding.incident)
            for name, findings in found.items()
            for finding in findings
            if finding.severity.value in channel.severities
        }
        believed = {each for (at, _), known in world.open.items() if at == channel.name for each in known}
        assert expected <= believed
        assert believed - expected <= world.unsaved
    members = {
        (member.target, incident.name)
        for group in world.places["~groups"].memory.groups
        for member in group.members
        for incident in member.incidents
    }
    grouped = {
        (name, incident.name)
        for name in NAMES
        for incident in world.places[name].memory.incidents
        if incident.group and incident.is_open
    }
    assert members == grouped
