"""After a run: decide, save what is to be sent, send it, save what came of it.

What is to be sent is saved before: a run that dies may repeat a message, and never loses one. The next run sends the
same messages, in the same order, before any of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from ..memory import MemoryPlace, RememberError, UnsavedError
from ..memory.place import NO_TEXTS
from ..model.alerts import AlertSettings, Channel
from ..model.finding import Severity
from ..model.memory import Memory, Question
from ..model.report import Report
from ..model.settings import BrokenTarget, Target
from ..model.value import dataclass, replace
from .answers import is_answered
from .decide.clock import on_this_clock
from .delivery.deliver import Delivery, deliver
from .dispatch import Dispatch, NobodyNotifiedError, notes_of
from .groups import IncidentGroups
from .link_key import with_link_key
from .messages import unsaved
from .outbox import Send, sent_again
from .sending import Plan, Round, planned

__all__ = ["NobodyNotifiedError", "Notified", "notify"]


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
    groups: IncidentGroups | None = None,
    send: Send = deliver,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Notified:
    """Notify the channels of what is new in *report* and of what they missed before; save that in *place*.

    *began* is the number of the last run that *place* knew of when this one began. *report* is saved as the answer to
    *question*; where that has been answered meanwhile, nobody is notified. What other targets may have
    too is for *groups*.

    Afterwards raises `NobodyNotifiedError` where no channel took something, and `UnsavedError` where it could not be
    saved (the channels were notified of that): such a run must end loudly.
    """
    with place.alone():
        alerts, notes = with_link_key(alerts)
        grouped: Literal["new"] | None = "new" if groups else None
        this = Round(report, target, alerts, place.load(), clock(), began, question, grouped, notes, place.text)
        if question is not None and is_answered(question, on_this_clock(this.found, this.now), this.now):
            return Notified(report, ())
        run = _Run(this, place, send, groups)
        problem: Exception | None = None
        try:
            notified = run.notified()
        except (NobodyNotifiedError, RememberError) as error:
            problem = error
    # Whatever became of the messages of this target: those of the groups are sent, while other runs may begin.
    deliveries = run.of_groups()
    if problem is not None:
        raise problem
    return replace(notified, deliveries=(*notified.deliveries, *deliveries))


class _Run:
    """What one run has to do with its channels and its memory, alone with them."""

    def __init__(self, this: Round, place: MemoryPlace, send: Send, groups: IncidentGroups | None) -> None:
        self._this, self._place, self._groups = this, place, groups
        self._dispatch = Dispatch(
            this.found, place, this.channels, send, name=this.target.name, alerts=this.alerts, now=this.now
        )

    def notified(self) -> Notified:
        plan, unwritten = self._prepared()
        not_published = self._not_published(plan)
        if not_published is not None:
            # What is new is then sent from here, until it ends. What the groups know of has to wait for them.
            self._this = replace(self._this, grouped="known")
            plan, unwritten = self._prepared()
        attempts = self._dispatch.sent(plan.memory.undelivered, plan.texts, plan.new)
        settled, after = self._dispatch.settled(attempts, plan.memory, [message.id for message in plan.new.values()])
        memory = replace(settled, incidents=tuple(sent_again(plan.memory.incidents, attempts, after)))
        problem = self._save(memory, unwritten)
        unsaved_because = problem or (not_published if plan.grouped else None)
        if unsaved_because is not None:
            self._notify_of_unsaved(unsaved_because, memory)
            raise UnsavedError(unsaved_because)
        self._dispatch.insist_on_somebody((*after.undelivered, *after.given_up))
        if not_published is not None:
            raise RememberError(not_published)
        deliveries = tuple(self._dispatch.deliveries)
        return Notified(plan.report, deliveries, self._this.found.lost, tuple(notes_of(after.given_up)))

    def of_groups(self) -> Sequence[Delivery]:
        """Have the incident groups send what is due."""
        return () if self._groups is None else self._groups.follow()

    def _not_published(self, plan: Plan) -> str | None:
        """Have the incident groups know what people are to know of this target, or give why that cannot be.

        It is made from the memory, so nothing is lost with it: the next run makes it again.
        """
        try:
            if self._groups is not None:
                self._groups.publish(self._this.target.name, plan.state)
        except RememberError as error:
            return str(error)
        return None

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

    def _notify_of_unsaved(self, problem: str, memory: Memory) -> None:
        """Notify people that what they know is saved nowhere, and how things are now: once, and then at times."""
        now, notified = self._this.now, on_this_clock(self._this.found, self._this.now).unsaved
        if notified is None or now - notified >= timedelta(hours=self._this.alerts.blind_reminder_hours):
            message = unsaved(self._this.target.name, problem, memory.incidents, self._this.alerts, now)
            notified = now if self._dispatch.taken_by(message, on_call(self._this.channels)) else notified
        # This process alone knows it: where it can be saved again, there is nothing to know.
        self._save(replace(memory, unsaved=notified), NO_TEXTS)


def on_call(channels: Sequence[Channel]) -> Sequence[Channel]:
    """Give the channels that take what is critical; all of them where none does."""
    return [each for each in channels if Severity.CRITICAL.value in each.severities] or channels
