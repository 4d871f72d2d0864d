"""Incident groups: one bad release on 200 databases is one message and one page.

A document beside the memories of the targets has the state of every target, and what every channel knows of it. The
guarantee follows from three rules:

1. Each run of a target makes its state from its own memory (`decide.grouping`), and puts it into the document in
   the place of the last one (`publish`). What is lost on the way, by a crash or a full disk, the next run makes good;
   to publish twice changes nothing.
2. What channels know is written in one place, this document, and only together with the messages that say it. They are
   saved before they are sent, and settled after, in one outbox, in the order in which they were written. So a message
   is never lost, is repeated only after a run that died, and never comes after a later one.
3. What is to be sent is the difference between both (`decide.members`). So it does not matter which run sends it, or
   how often one died before: as long as anything runs, every channel comes to know the state of every target.

What opens is sent after a minute, so that other targets of the same tick are in the same message; what ends before it
is sent is not sent at all. Later joins and leaves are sent together, every 15 minutes at most; a worse severity, the
last member's end and what is new to a channel at once. The run that opens a group waits for that minute outside every
lease. As long as one target only is concerned, the message has the words that the target itself would use.

Where the document cannot be read or written, a target sends what is new itself, until that ends. What the groups know
of waits for them, and people are notified that it does.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from ..memory import MemoryPlace, RememberError, memory_of, memory_of_groups
from ..memory.document import PATIENCE, packed
from ..model.alerts import AlertSettings
from ..model.digest import digest
from ..model.groups import IncidentGroup, TargetState
from ..model.memory import Memory, Undelivered
from ..model.message import Change, Message
from ..model.report import Report
from ..model.settings import Settings
from ..model.value import replace
from ..report.json import as_document, bounded
from ..report.reading import NoReportError, as_report
from .decide.decide import failed_verification
from .decide.members import change_to_send, due_at, given_up, sends_at, sent_of, with_target
from .delivery.deliver import Delivery, deliver
from .dispatch import Dispatch
from .link_key import with_link_key
from .messages import discreet
from .messages.group import group_message
from .messages.group_news import GroupNews, group_news
from .messages.only_member import Last
from .outbox import Send, left_over, lost_to_all, still_not_received

# So long the first message of a group waits for other targets of the same tick.
GATHER = timedelta(minutes=1)
# Of so many members the last report is tried to be read.
_MOST_READ = 3
# In a message about the channels themselves.
_NAME = "all targets"


class IncidentGroups:
    """The groups in the document at *place*, for one run of a target.

    *last_of* gives what is remembered of a target with its last report, where it can be read. What opens a group waits
    for *gather*. A run that does not *lead* leaves it to a later `flush`.
    """

    def __init__(
        self,
        place: MemoryPlace,
        alerts: AlertSettings,
        last_of: Callable[[str], Last | None],
        *,
        gather: timedelta = GATHER,
        leads: bool = True,
        send: Send = deliver,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._place, self._alerts, self._last_of = place, alerts, last_of
        self._gather, self._leads = gather, leads
        self._send, self._clock, self._sleep = send, clock, sleep
        # The document as this run has left it, and when it has to send what it opened.
        self._left: Memory | None = None
        self._wait_until: datetime | None = None

    def publish(self, target: str, state: TargetState) -> None:
        """Note what people are to know of *target*; raises `RememberError`, and then nothing is noted."""
        now = self._clock()
        found = self._readable()
        if found.lost is None and with_target(found, target, state, now) == found:
            self._left = found
            return
        with self._place.alone():
            found = self._readable()
            after = self._scheduled(with_target(found, target, state, now), now)
            self._place.save(after)
        before = {group.thread: self._due_at(group, now) for group in found.groups}
        opened = [at for g in after.groups if _is_sooner(at := self._due_at(g, now), before.get(g.thread))]
        self._left, self._wait_until = after, min((at for at in opened if at is not None), default=None)

    def follow(self) -> Sequence[Delivery]:
        """Send what is due after a run, where its target could be published.

        A run that opened a group waits until its message is due, and others may join until then.
        """
        if self._left is None or not self._leads:
            return ()
        wait = timedelta(0) if self._wait_until is None else self._wait_until - self._clock()
        if timedelta(0) < wait <= self._gather:
            self._sleep(wait.total_seconds())
            return self._sent_what_is_due()
        return self._sent_what_is_due() if self._is_due(self._left, self._clock()) else ()

    def flush(self) -> Sequence[Delivery]:
        """Send what is due of all groups, after runs that did not lead."""
        found = self._place.load()
        return () if found.out_of_reach or not self._is_due(found, self._clock()) else self._sent_what_is_due()

    def _readable(self) -> Memory:
        found = self._place.load()
        if found.out_of_reach:
            raise RememberError(f"the incident groups cannot be read: {found.lost}")
        return found

    def _due_at(self, group: IncidentGroup, now: datetime) -> datetime | None:
        return due_at(group, self._alerts, now, self._gather)

    def _is_due(self, memory: Memory, now: datetime) -> bool:
        at = sends_at(memory, self._alerts, now, self._gather, reminds=True)
        return at is not None and at <= now

    def _scheduled(self, memory: Memory, now: datetime) -> Memory:
        """Give *memory* where the timer finds when something is to be sent that no run of a member may send."""
        return replace(memory, next_run_at=sends_at(memory, self._alerts, now, self._gather))

    def _sent_what_is_due(self) -> Sequence[Delivery]:
        with self._place.alone():
            found, now = self._place.load(), self._clock()
            return () if found.out_of_reach or not self._is_due(found, now) else self._sent(found, now)

    def _sent(self, found: Memory, now: datetime) -> Sequence[Delivery]:
        """Save what is to be sent, send it, save what came of it."""
        channels = self._alerts.channels
        memory, texts = self._written(found, now)
        outbox = tuple(left_over(memory.undelivered, channels))
        memory = self._scheduled(replace(memory, undelivered=outbox, flushed_at=now), now)
        self._place.save(memory, texts)
        dispatch = Dispatch(found, self._place, channels, self._send, name=_NAME, alerts=self._alerts, now=now)
        attempts = dispatch.sent(outbox, texts, texts)
        ids = [each.message.id for each in outbox if each.whole in texts]
        settled, after = dispatch.settled(attempts, memory, ids)
        groups = settled.groups
        for channel, thread in lost_to_all(attempts, after):
            groups = tuple(given_up(each, channel, now) if each.thread == thread else each for each in groups)
        self._place.save(self._scheduled(replace(settled, groups=groups), now))
        dispatch.insist_on_somebody((*after.undelivered, *after.given_up))
        return dispatch.deliveries

    def _written(self, memory: Memory, now: datetime) -> tuple[Memory, Mapping[str, str]]:
        """Give *memory* with the messages of all groups that are due, and their documents."""
        undelivered, texts = memory.undelivered, dict[str, str]()
        groups: list[IncidentGroup | None] = []
        for group in memory.groups:
            at = self._due_at(group, now)
            if at is None or at > now:
                groups.append(group)
                continue
            for message, report, channels in self._messages(group, memory, now):
                text = packed(message, None if report is None else bounded(as_document(discreet(report, self._alerts))))
                name = digest(text)
                texts[name] = text
                line = replace(message, sections=(), targets=())
                undelivered += tuple(Undelivered(channel, line, name) for channel in channels)
            groups.append(sent_of(group, now))
        left = tuple(group for group in groups if group is not None)
        return replace(memory, groups=left, undelivered=undelivered), texts

    def _messages(
        self, group: IncidentGroup, memory: Memory, now: datetime
    ) -> Iterator[tuple[Message, Report | None, Sequence[str]]]:
        """Give each message about *group* with its channels: those that are sent the same share it."""
        not_received = {each.channel for each in still_not_received(memory) if each.thread == group.thread}
        by_news: dict[GroupNews, list[str]] = {}
        for channel in self._alerts.channels:
            change = change_to_send(group, channel.name, self._alerts, now)
            has_unknown_beginning = change is Change.RESOLVED and channel.name in not_received
            if change is not None and not has_unknown_beginning:
                by_news.setdefault(group_news(group, channel.name, change), []).append(channel.name)
        for edition, (news, names) in enumerate(by_news.items()):
            last = self._last(group, news)
            message = replace(group_message(news, last, self._alerts, now), edition=edition)
            yield message, None if last is None else last.report, names

    def _last(self, group: IncidentGroup, news: GroupNews) -> Last | None:
        """Give what is remembered of the first member that can be read."""
        only = group.only_member
        names = [member.target for member in news.members[:_MOST_READ]] if only is None else [only.target]
        return next((last for name in names if (last := self._last_of(name)) is not None), None)


def groups_of(
    settings: Settings, *, gather: timedelta = GATHER, leads: bool = True, patience: timedelta = PATIENCE
) -> IncidentGroups | None:
    """Give the groups of all targets of *settings*; None where they are not wanted, or there is one target only."""
    if not settings.alerts.group_targets or not settings.alerts.channels:
        return None
    if len(settings.targets) + len(settings.broken) < 2:
        return None
    alerts, _ = with_link_key(settings.alerts)
    return IncidentGroups(
        memory_of_groups(settings.memory, patience),
        alerts,
        lambda target: last_in(memory_of(target, settings.memory)),
        gather=gather,
        leads=leads,
    )


def last_in(place: MemoryPlace) -> Last | None:
    """Give what is remembered at *place* with its last report, where that can be read."""
    memory = place.load()
    text = None if memory.last_report is None else place.text(memory.last_report)
    if text is None:
        return None
    with suppress(ValueError, RecursionError, NoReportError):
        report = as_report(json.loads(text))
        verification = failed_verification(report)
        return Last(memory, report, verification and replace(verification, findings=()))
    return None


def _is_sooner(due: datetime | None, before: datetime | None) -> bool:
    return due is not None and (before is None or due < before)
