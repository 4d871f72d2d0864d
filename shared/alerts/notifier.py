"""After a run: decide, save what is to be sent, send it, save what came of it.

What is to be sent is saved before: a run that dies may repeat a message, and never loses one. The next run sends the
same messages, in the same order, before any of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ..memory import MemoryPlace, RememberError, UnsavedError
from ..memory.codec import NotInShapeError
from ..memory.document import unpacked
from ..memory.place import NO_TEXTS
from ..model.alerts import AlertSettings, Channel
from ..model.finding import Json, Severity
from ..model.memory import Memory, Question, Refusing, Undelivered
from ..model.message import Handle, Message
from ..model.report import Report
from ..model.settings import BrokenTarget, Target
from ..model.value import dataclass
from .answers import is_answered
from .decide.clock import on_this_clock
from .delivery.deliver import Delivery, deliver
from .messages import refusing, unsaved
from .messages.fit import abridged
from .outbox import Send, Sent, Settled, live_handles, pause_since, refused, sent, settled, told_anew
from .sending import Plan, Round, planned, warned


class NobodyNotifiedError(Exception):
    """There was something to tell, and no channel took it. It is kept, and goes out with the next run."""


@dataclass(frozen=True, slots=True)
class Notified:
    """*report* marks what is silenced; *lost* says what became of a memory that could not be read.

    *given_up* says which messages go out no more.
    """

    report: Report
    deliveries: tuple[Delivery, ...]
    lost: str | None = None
    given_up: tuple[str, ...] = ()


def notify(
    report: Report,
    target: Target | BrokenTarget,
    alerts: AlertSettings,
    place: MemoryPlace,
    *,
    began: int | None = None,
    question: Question | None = None,
    send: Send = deliver,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Notified:
    """Tell the channels what is news in *report*, and what they missed before; remember it in *place*.

    *began* is the number of the last run that *place* knew of when this one began. *report* is remembered as the
    answer to *question*; where that has been answered meanwhile, nobody is told anything.

    Afterwards raises `NobodyNotifiedError` where no channel took something, and `UnsavedError` where it could not be
    remembered, of which the channels were notified: such a run must end loudly.
    """
    with place.alone():
        this = Round(report, target, alerts, place.load(), clock(), began, question)
        if question is not None and is_answered(question, on_this_clock(this.found, this.now), this.now):
            return Notified(report, ())
        return _Telling(this, place, send).told()


class _Telling:
    """What one run has to do with its channels and its memory, alone with them."""

    def __init__(self, this: Round, place: MemoryPlace, send: Send) -> None:
        self._this, self._place, self._send = this, place, send
        self._deliveries: list[Delivery] = []
        self._handles = {(each.channel, each.thread): each for each in this.found.handles}

    def told(self) -> Notified:
        plan, unwritten = self._prepared()
        channels = self._this.channels
        attempts = list(sent(plan.memory.undelivered, channels, lambda each: self._whole(each, plan), self._noted))
        self._deliveries += [each.delivery for each in attempts if each.delivery is not None]
        pause = pause_since(self._this.found, self._this.now)
        after = settled(attempts, plan.memory, (message.id for message in plan.new.values()), pause)
        memory = replace(
            plan.memory,
            incidents=tuple(told_anew(plan.memory.incidents, attempts, after)),
            undelivered=after.undelivered,
            unheard=after.unheard,
            refusing=self._noticed(attempts, after),
            handles=live_handles(self._handles.values(), plan.memory, after.undelivered),
        )
        problem = self._save(memory, unwritten)
        if problem is not None:
            self._notify_of_unsaved(problem, memory)
            raise UnsavedError(problem)
        self._insist_on_somebody((*after.undelivered, *after.given_up))
        return Notified(plan.report, tuple(self._deliveries), self._this.found.lost, tuple(_given_up(after)))

    def _noted(
        self, message: Message, channels: Sequence[Channel], report: Mapping[str, Json] | None
    ) -> Sequence[Delivery]:
        """Send, and note what channels call their threads: the next message may be one of the same."""
        deliveries = self._send(message, channels, report)
        for each in deliveries:
            for thread, handle in each.handles.items():
                # The latest last.
                self._handles.pop((each.channel, thread), None)
                self._handles[each.channel, thread] = Handle(each.channel, thread, handle)
        return deliveries

    def _prepared(self) -> tuple[Plan, Mapping[str, str]]:
        """Save what is to be sent before it is; where that cannot be, plan to send no end of anything.

        Gives the plan, and the documents of it that are still to be written.
        """
        plan = planned(self._this)
        if not plan.new:
            return plan, plan.texts
        if self._save(plan.memory, plan.texts) is None:
            return plan, NO_TEXTS
        plan = planned(self._this, can_save=False)
        # This process holds on to it in any case.
        self._save(plan.memory, plan.texts)
        return plan, plan.texts

    def _save(self, memory: Memory, texts: Mapping[str, str]) -> str | None:
        """Save it, or give why that cannot be."""
        try:
            self._place.save(memory, texts)
        except RememberError as error:
            return str(error)
        return None

    def _whole(self, entry: Undelivered, plan: Plan) -> tuple[Message, Mapping[str, Json] | None]:
        """Give a message with the report of its moment; what goes out later than it was written says so."""
        text = None if entry.whole is None else plan.texts.get(entry.whole) or self._place.text(entry.whole)
        message, report = abridged(entry.message), None  # type: tuple[Message, Mapping[str, Json] | None]
        if text is not None:
            with suppress(NotInShapeError):
                message, report = unpacked(text)
        is_late = entry.whole not in plan.new
        late = message.written_at if is_late else None
        named = [each for (_, thread), each in self._handles.items() if thread in message.threads]
        return replace(message, late=late, events=entry.message.events, handles=tuple(named)), report

    def _noticed(self, attempts: Sequence[Sent], after: Settled) -> tuple[Refusing, ...]:
        """Give the channels that refuse, once another one was notified of them; and notify it of what is given up."""
        known = {each.channel for each in after.refusing}
        new = {channel: said for channel, said in refused(attempts).items() if channel not in known}
        given_up = [each.channel for each in after.given_up]
        if not new and not given_up:
            return after.refusing
        stuck = known | {each.entry.channel for each in attempts if not each.is_taken}
        others = [channel for channel in self._this.channels if channel.name not in stuck]
        message = refusing(self._this.target.name, new, given_up, self._this.alerts, self._this.now)
        if not self._is_taken(message, warned(others)):
            return after.refusing
        return (*after.refusing, *(Refusing(channel, self._this.now) for channel in new))

    def _notify_of_unsaved(self, problem: str, memory: Memory) -> None:
        """Notify people that what they know is saved nowhere, and how things are now: once, and then at times."""
        now, notified = self._this.now, on_this_clock(self._this.found, self._this.now).unsaved
        if notified is None or now - notified >= timedelta(hours=self._this.alerts.blind_reminder_hours):
            message = unsaved(self._this.target.name, problem, memory.incidents, self._this.alerts, now)
            notified = now if self._is_taken(message, on_call(self._this.channels)) else notified
        # This process alone knows it: where it can be saved again, there is nothing to know.
        self._save(replace(memory, unsaved=notified), NO_TEXTS)

    def _is_taken(self, message: Message, channels: Sequence[Channel]) -> bool:
        deliveries = self._send(message, channels, None) if channels else ()
        self._deliveries += deliveries
        return any(each.taken for each in deliveries)

    def _insist_on_somebody(self, kept: Sequence[Undelivered]) -> None:
        unheard = next((each.message for each in kept if not each.heard), None)
        if unheard is not None:
            why = "; ".join(dict.fromkeys(each.said for each in self._deliveries if not each.taken))
            raise NobodyNotifiedError(f"nobody was told {unheard.headline!r}: {why}")


def on_call(channels: Sequence[Channel]) -> Sequence[Channel]:
    """Give the channels that take what is critical; all of them where none does."""
    return [each for each in channels if Severity.CRITICAL.value in each.severities] or channels


def _given_up(after: Settled) -> Iterator[str]:
    for each in after.given_up:
        hours = each.tried_for / timedelta(hours=1)
        yield f"{each.channel}: a message was given up after {hours:.0f} h: {each.message.headline}"
