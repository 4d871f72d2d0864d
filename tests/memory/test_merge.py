"""Two runs that wrote at the same time: what each made of one memory, made one."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.alerts.delivery.deliver import Delivery
from shared.alerts.notifier import NobodyNotifiedError, notify
from shared.memory.merge import merged
from shared.model.alerts import Channel
from shared.model.finding import Finding, Json, Severity
from shared.model.groups import IncidentGroup, Listed
from shared.model.last_seen import LastSeen, SeenRow
from shared.model.memory import (
    Answer,
    Covered,
    Incident,
    Memory,
    Notified,
    PastIncident,
    Point,
    Question,
    Run,
    Series,
    SilenceInForce,
    Undelivered,
    Window,
)
from shared.model.message import Message
from shared.model.news import Silence
from shared.model.report import Verdict
from tests.alerts.decide.story import API_DOWN, EDITED, FAILED, FEW_USERS, ROLLED_BACK, report
from tests.alerts.test_notify_property import ALERTS, WELL, Place, World, no_end_comes_first, nothing_is_lost
from tests.builders import NOW, target
from tests.examples import examples
from tests.memory.sample import EVERYTHING, GROUP, MEMBER, MESSAGE

MINUTE = timedelta(minutes=1)
SOON, LATER = NOW + 5 * MINUTE, NOW + 6 * MINUTE
BASE = Memory("production", runs=(Run(NOW, Verdict.PASSED, MINUTE),))


def ran(at: datetime, memory: Memory = BASE, **changes: object) -> Memory:
    """*memory* after a run at *at*."""
    return replace(memory, runs=(*memory.runs, Run(at, Verdict.FAILED, MINUTE)), **changes)  # type: ignore[arg-type]  # any field


def notified(at: datetime, *, digest: str = "d", severity: Severity = Severity.CRITICAL) -> Notified:
    return Notified(at, severity, severity, digest)


OPEN = Incident("migration 2", NOW, NOW, Severity.CRITICAL, "d", ("history",))
KNOWN = replace(OPEN, notified=notified(NOW), begun=True)
ENDED = replace(OPEN, is_open=False, changed_at=SOON, ended=(SOON,))


@pytest.mark.parametrize(
    ("was", "earlier", "later", "expected"),
    [
        pytest.param(None, KNOWN, None, KNOWN, id="only one saw it open, and notified"),
        pytest.param(KNOWN, KNOWN, ENDED, ENDED, id="only one saw its end, and notified"),
        pytest.param(KNOWN, ENDED, KNOWN, ENDED, id="that may be the earlier one"),
        pytest.param(OPEN, None, OPEN, None, id="over before anybody was notified"),
        pytest.param(
            OPEN, None, KNOWN, replace(KNOWN, unsure=True), id="one forgot it, one sent it: its end is to be sent"
        ),
        pytest.param(
            None, replace(OPEN, notified=notified(SOON)), replace(OPEN, since=SOON, notified=notified(LATER)),
            replace(OPEN, notified=notified(LATER), unsure=True), id="both sent it: the first moment holds, once more it is sent",
        ),
        pytest.param(
            KNOWN, ENDED, replace(KNOWN, notified=notified(LATER)),
            replace(KNOWN, notified=notified(LATER), ended=(SOON,), unsure=True), id="one sent its end, one reminded: it is sent again",
        ),
        pytest.param(
            KNOWN, replace(KNOWN, notified=notified(SOON)), replace(ENDED, changed_at=LATER),
            replace(ENDED, changed_at=LATER, notified=notified(SOON), begun=True, unsure=True), id="reminded, then ended: its end is sent again",
        ),
        pytest.param(
            KNOWN, replace(KNOWN, severity=Severity.WARNING), replace(KNOWN, because="x"), replace(KNOWN, because="x"),
            id="nobody said anything: as the later run saw it",
        ),
    ],
)  # fmt: skip
def test_incidents(
    was: Incident | None, earlier: Incident | None, later: Incident | None, expected: Incident | None
) -> None:
    base, one, other = (replace(BASE, incidents=(each,) if each else ()) for each in (was, earlier, later))
    after = merged(base, ran(SOON, one), ran(LATER, other))
    assert after.incidents == ((expected,) if expected else ())


WHOLE = Silence(None, "Ada", "on it", NOW + timedelta(hours=4))
ONE, TWO = Covered("a", Severity.CRITICAL, "d"), Covered("b", Severity.CRITICAL, "d")
BOTH = SilenceInForce(WHOLE, NOW, (ONE, TWO))
NEWER = SilenceInForce(replace(WHOLE, who="Bob"), LATER, (ONE,))
OF_ONE = SilenceInForce(replace(WHOLE, incident="a"), SOON, (ONE,))


@pytest.mark.parametrize(
    ("was", "one", "other", "expected"),
    [
        pytest.param([], [BOTH], [OF_ONE], [OF_ONE, BOTH], id="each put one"),
        pytest.param([BOTH], [], [BOTH], [], id="ended by a person"),
        pytest.param([BOTH], [], [replace(BOTH, covers=(ONE,))], [], id="ended by a person while a run sent some"),
        pytest.param([BOTH], [], [NEWER], [NEWER], id="used up by a run while another was put"),
        pytest.param([BOTH], [NEWER], [replace(BOTH, covers=(ONE,))], [NEWER], id="the newer one"),
        pytest.param([BOTH], [replace(BOTH, covers=(ONE,))], [replace(BOTH, covers=(TWO,))], [], id="both sent"),
    ],
)
def test_silences(
    was: list[SilenceInForce], one: list[SilenceInForce], other: list[SilenceInForce], expected: list[SilenceInForce]
) -> None:
    base, left, right = (replace(BASE, silences=tuple(each)) for each in (was, one, other))
    assert merged(base, ran(SOON, left), ran(LATER, right)).silences == tuple(expected)


KEPT = Undelivered("team", MESSAGE)
NEW = Undelivered("team", replace(MESSAGE, headline="another"))


@pytest.mark.parametrize(
    ("was", "one", "other", "expected"),
    [
        pytest.param([], [KEPT], [NEW], [NEW, KEPT], id="each kept one"),
        pytest.param([KEPT], [], [KEPT, NEW], [NEW], id="delivered by one"),
        pytest.param(
            [KEPT], [], [replace(KEPT, received=True)], [], id="delivered by one, received elsewhere by the other"
        ),
        pytest.param(
            [], [KEPT], [replace(KEPT, received=True)], [replace(KEPT, received=True)], id="received for one of them"
        ),
        pytest.param([], [KEPT], [replace(KEPT, channel="mail")], [replace(KEPT, channel="mail"), KEPT], id="channels"),
    ],
)
def test_messages_that_wait(
    was: list[Undelivered], one: list[Undelivered], other: list[Undelivered], expected: list[Undelivered]
) -> None:
    base, left, right = (replace(BASE, undelivered=tuple(each)) for each in (was, one, other))
    assert merged(base, ran(SOON, left), ran(LATER, right)).undelivered == tuple(expected)


OPENED = Window(NOW, "verify", NOW, "v3")
REOPENED = Window(SOON, "verify", SOON, "v4")


@pytest.mark.parametrize(
    ("was", "one", "other", "expected"),
    [
        pytest.param(None, OPENED, None, OPENED, id="opened"),
        pytest.param(None, OPENED, REOPENED, REOPENED, id="opened by both: the last"),
        pytest.param(OPENED, None, OPENED, None, id="closed"),
        pytest.param(OPENED, None, replace(OPENED, last_sign_at=SOON), None, id="closed while a run saw a sign of it"),
        pytest.param(OPENED, None, REOPENED, REOPENED, id="closed, and another opened"),
    ],
)
def test_windows(was: Window | None, one: Window | None, other: Window | None, expected: Window | None) -> None:
    base, left, right = (replace(BASE, window=each) for each in (was, one, other))
    assert merged(base, ran(SOON, left), ran(LATER, right)).window == expected


ASKED = Question("run-4711", "d")
WAITED_FOR = Answer(ASKED, NOW, until=LATER)
GIVEN = Answer(ASKED, SOON, verdict=Verdict.PASSED, document="{}")
OF_ANOTHER = replace(GIVEN, question=Question("2", "d"), at=NOW)


@pytest.mark.parametrize(
    ("was", "one", "other", "expected"),
    [
        pytest.param([], [GIVEN], [OF_ANOTHER], [OF_ANOTHER, GIVEN], id="two pipelines"),
        pytest.param([WAITED_FOR], [GIVEN], [WAITED_FOR], [GIVEN], id="answered"),
        pytest.param([], [GIVEN], [replace(WAITED_FOR, at=LATER)], [GIVEN], id="answered before it was waited for"),
        pytest.param([], [replace(GIVEN, at=LATER)], [GIVEN], [GIVEN], id="answered twice: the first answer stands"),
    ],
)
def test_answers(was: list[Answer], one: list[Answer], other: list[Answer], expected: list[Answer]) -> None:
    base, left, right = (replace(BASE, answers=tuple(each)) for each in (was, one, other))
    assert merged(base, ran(SOON, left), ran(LATER, right)).answers == tuple(expected)


def test_all_the_rest() -> None:
    base = replace(
        BASE, next_run_at=SOON, last_report="0", last_seen=LastSeen((), {"users": 6, "rules": 9}, {"a": SOON})
    )
    one = ran(
        SOON, base, next_run_at=LATER, week_sent=SOON, last_report="1",
        last_seen=LastSeen((SeenRow("1", "init"),), {"users": 5, "rules": 9}, {"a": SOON, "b": SOON}, "sha256:1"),
    )  # fmt: skip
    other = ran(
        LATER, base, next_run_at=NOW, week_sent=LATER, last_report="2",
        last_seen=LastSeen((SeenRow("2", "init"),), {"users": 4}, {"a": SOON, "b": LATER}),
    )  # fmt: skip
    after = merged(base, one, other)
    assert [run.at for run in after.runs] == [NOW, SOON, LATER]
    assert (after.next_run_at, after.week_sent, after.last_report) == (NOW, LATER, "2")
    assert after.last_seen == LastSeen((SeenRow("2", "init"),), {"users": 4}, {"a": SOON, "b": SOON}, "sha256:1")


def test_no_field_is_forgotten() -> None:
    """Whatever of the sample one of two runs has brought, it is there."""
    before = replace(Memory("production"), runs=EVERYTHING.runs)
    assert merged(before, EVERYTHING, ran(NOW + MINUTE, before)) == ran(NOW + MINUTE, EVERYTHING)
    assert {field.name for field in fields(Memory) if getattr(EVERYTHING, field.name) == getattr(before, field.name)} == {
        "target", "runs", "lost", "out_of_reach", "unsaved", "version",
    }  # fmt: skip


def measured(*values: float) -> dict[str, Series]:
    return {"seed users": Series(tuple(Point(NOW + number * MINUTE, number) for number in values))}


def test_what_both_measured_is_kept_in_order() -> None:
    base, one, other = (replace(BASE, series=measured(*each)) for each in ([1.0], [1.0, 3.0], [1.0, 2.0]))
    assert merged(base, ran(SOON, one), ran(LATER, other)).series == measured(1.0, 2.0, 3.0)


def test_an_incident_that_ended_in_both_is_one() -> None:
    first = PastIncident("migration 2", NOW, SOON, Severity.CRITICAL, ("history",), "It failed.")
    second, another = replace(first, ended_at=LATER), replace(first, name="migration 3")
    one, other = replace(BASE, past=(first, another)), replace(BASE, past=(second,))
    assert merged(BASE, ran(SOON, one), ran(LATER, other)).past == (another, second)


US = replace(MEMBER, target="us", listed=(), ended=None)
JOINED = replace(GROUP, members=(MEMBER, US))


@pytest.mark.parametrize(
    ("was", "one", "other", "expected"),
    [
        pytest.param(
            GROUP, JOINED, replace(GROUP, members=(replace(MEMBER, listed=(Listed("a", ("e",)),)),), news_since=None, sent_at=LATER),
            replace(JOINED, members=(replace(MEMBER, listed=(Listed("a", ("e",)),)), US), sent_at=LATER),
            id="one joined while the message was sent",
        ),
        pytest.param(
            GROUP, replace(GROUP, members=(replace(MEMBER, incidents=(), ended="resolved"),)),
            replace(GROUP, members=(replace(MEMBER, listed=(Listed("a", ("e",)),)),)),
            replace(GROUP, members=(replace(MEMBER, incidents=(), ended="resolved", listed=(Listed("a", ("e",)),)),)),
            id="it left while the message was sent",
        ),
        pytest.param(GROUP, None, JOINED, JOINED, id="it ended for one, and another joined"),
        pytest.param(GROUP, None, GROUP, None, id="it ended"),
    ],
)  # fmt: skip
def test_groups(
    was: IncidentGroup | None, one: IncidentGroup | None, other: IncidentGroup | None, expected: IncidentGroup | None
) -> None:
    base, *sides = (Memory("~groups", groups=() if group is None else (group,)) for group in (was, one, other))
    assert merged(base, sides[0], sides[1]).groups == (() if expected is None else (expected,))
    assert merged(base, sides[1], sides[0]).groups == (() if expected is None else (expected,))


INCIDENTS = st.lists(
    st.builds(
        replace,
        st.sampled_from([OPEN, KNOWN, ENDED, replace(OPEN, notified=notified(SOON)), replace(KNOWN, flapping=True)]),
        name=st.sampled_from(["a", "b"]),
    ),
    unique_by=lambda each: each.name,
    max_size=2,
)
MEMORIES = st.builds(
    Memory,
    target=st.just("production"),
    incidents=INCIDENTS.map(tuple),
    silences=st.sampled_from([(), (BOTH,), (NEWER,), (OF_ONE, BOTH), (replace(BOTH, covers=(ONE,)),)]),
    undelivered=st.sampled_from([(), (KEPT,), (NEW,), (KEPT, NEW), (replace(KEPT, received=True),)]),
    window=st.sampled_from([None, OPENED, REOPENED]),
    last_seen=st.sampled_from([LastSeen(), EVERYTHING.last_seen, LastSeen((), {"users": 5}, {"release sha256:0": SOON})]),
    runs=st.sampled_from([(), BASE.runs, ran(SOON).runs, ran(LATER).runs]),
    next_run_at=st.sampled_from([None, NOW, SOON]),
    week_sent=st.sampled_from([None, NOW, SOON]),
    last_report=st.sampled_from([None, "1", "2"]),
    groups=st.sampled_from([(), (GROUP,), (replace(GROUP, members=(), news_since=None),), (JOINED,), (replace(JOINED, news_since=LATER),)]),
    flushed_at=st.sampled_from([None, NOW, SOON]),
)  # fmt: skip


@given(MEMORIES, MEMORIES, MEMORIES)
def test_laws(base: Memory, one: Memory, other: Memory) -> None:
    both = merged(base, one, other)
    assert both == merged(base, other, one), "their order means nothing"
    assert merged(base, one, base) == merged(base, base, one) == merged(base, one, one) == one
    messages = [(each.channel, each.message) for each in both.undelivered]
    for side, beside in ((one, other), (other, one)):
        taken = {(e.channel, e.message.id) for e in base.undelivered} - {
            (e.channel, e.message.id) for e in beside.undelivered
        }
        for each in side.undelivered:
            assert (each.channel, each.message) in messages or (each.channel, each.message.id) in taken
        names = {incident.name for incident in both.incidents}
        assert {i.name for i in side.incidents if i not in base.incidents} <= names, "what only one saw is known"


class Together(World):
    """Two runs that read the same memory, both notify, and write one after the other."""

    def live_at_once(self, one: Sequence[Finding], other: Sequence[Finding], apart: timedelta) -> None:
        base, texts, began, memories = self.place.memory, self.place.texts, self.now, []
        for findings, after in ((one, 5 * MINUTE), (other, 5 * MINUTE + apart)):
            self.place, self.now = Place(base, texts), began
            self.live(replace(WELL, findings=tuple(findings), after=after))
            memories.append(self.place.memory)
        self.place = Place(merged(base, *memories), texts)
        # Of two that notify at once it is unknown who is received last.
        self.shaken.add(self.number)


FOUND = st.lists(
    st.sampled_from([FAILED, ROLLED_BACK, FEW_USERS, API_DOWN, EDITED]), unique_by=lambda f: f.incident, max_size=3
)


@settings(max_examples=examples(160), deadline=None, derandomize=True)
@example([([FAILED], [FAILED], MINUTE), ([ROLLED_BACK], [], MINUTE)], [ROLLED_BACK])
@example([([FAILED], [FAILED], MINUTE), ([], [ROLLED_BACK], MINUTE)], [])
@given(st.lists(st.tuples(FOUND, FOUND, st.sampled_from([timedelta(0), MINUTE])), min_size=1, max_size=4), FOUND)
def test_after_two_runs_that_notify_at_the_same_time_people_know_what_is_so(
    history: list[tuple[list[Finding], list[Finding], timedelta]], still_open: list[Finding]
) -> None:
    world = Together()
    for one, other, apart in history:
        world.live_at_once(one, other, apart)
    for _ in range(5):
        world.live(replace(WELL, findings=tuple(still_open)))
    nothing_is_lost(world, still_open, ())
    no_end_comes_first(world)


def test_a_message_that_neither_could_send_goes_out_once_it_can() -> None:
    def busy(message: Message, channels: Sequence[Channel], _report: Mapping[str, Json] | None) -> Sequence[Delivery]:
        return [Delivery(channel.name, taken=False, said="busy", passing=True) for channel in channels]

    memories = []
    for finding in (FAILED, API_DOWN):
        place = Place(BASE)
        with pytest.raises(NobodyNotifiedError):
            notify(report((finding,), SOON), target(), ALERTS, place, send=busy, clock=lambda: SOON)
        memories.append(place.memory)
    waiting = {each.message.threads for each in merged(BASE, *memories).undelivered}
    assert len(waiting) == 2
    assert waiting == {each.message.threads for memory in memories for each in memory.undelivered}
