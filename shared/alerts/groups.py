"""Incident groups: one bad release on 200 databases is one message and one page.

A run of a target does not send a message that others may have too (`decide.grouping`). It saves it in its own outbox,
as every message, and hands it over: the target becomes a *member* of a group in a document beside the memories of the
targets (`decide.members`). The run that opens a group waits a minute outside every lease, then sends the group's
message; others only join. Later joins and leaves are sent together, every 15 minutes at most; a worse severity, the
last member's end and what is new to a channel at once. Every run of a member sends what is due, so that a run that dies
while it waits delays a message and loses none.

The guarantee is that of the outbox. A target gives up a message only once the document of the groups has it. What a
group has to send is saved before it is sent, and settled after. To hand over twice changes nothing. Where the document
cannot be read or written, the target sends its message itself. As long as a group has one member, the messages of that
member are sent as they are.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ..memory import MemoryPlace, RememberError, memory_of, memory_of_groups
from ..memory.document import PATIENCE, digest, packed
from ..model.alerts import AlertSettings
from ..model.groups import IncidentGroup
from ..model.memory import Memory, Undelivered
from ..model.message import Change, Message
from ..model.report import Report
from ..model.settings import Settings
from ..report.json import as_document, bounded
from ..report.reading import NoReportError, as_report
from .decide.members import (
    change_to_send,
    due_groups,
    given_up,
    handed_over,
    is_due,
    released,
    scheduled,
    sent_of,
    synced,
)
from .delivery.deliver import Delivery, deliver
from .dispatch import Dispatch
from .messages import discreet
from .messages.group import GroupNews, group_message, group_news
from .outbox import Send, left_over, lost_to_all, still_not_received

# So long the first message of a group waits for other targets of the same tick.
GATHER = timedelta(minutes=1)
# A message that waited longer than this says that it is late.
_LATE = timedelta(minutes=10)
# Of so many members the last report is tried to be read.
_MOST_READ = 3
# In a message about the channels themselves.
_NAME = "all targets"


class IncidentGroups:
    """The groups in the document at *place*, for one run of a target.

    *report_of* gives the last report of a target, where it can be read. What opens a group waits for *gather*. A run
    that does not *lead* leaves it to a later `flush`.
    """

    def __init__(
        self,
        place: MemoryPlace,
        alerts: AlertSettings,
        report_of: Callable[[str], Report | None],
        *,
        gather: timedelta = GATHER,
        leads: bool = True,
        send: Send = deliver,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._place, self._alerts, self._report_of = place, alerts, report_of
        self._gather, self._leads = gather, leads
        self._send, self._clock, self._sleep = send, clock, sleep
        # What this run has handed over: the document as it left it, and when it has to send what it opened.
        self._left: Memory | None = None
        self._wait_until: datetime | None = None

    @property
    def has_taken(self) -> bool:
        return self._left is not None

    def take(self, target: str, entries: Sequence[Undelivered], texts: Mapping[str, str | None]) -> bool:
        """Take *entries* over from the outbox of *target*; say whether they are saved here, else it sends them."""
        try:
            with self._place.alone():
                found, now = self._place.load(), self._clock()
                if found.out_of_reach:
                    return False
                after = scheduled(handed_over(found, target, entries), self._alerts, now, self._gather)
                self._place.save(after, _new_texts(found, after, texts))
        except RememberError:
            return False
        before = {group.thread: group.due for group in found.groups}
        sooner = [g.due for g in after.groups if g.due is not None and _is_sooner(g.due, before.get(g.thread))]
        self._left, self._wait_until = after, min(sooner, default=None)
        return True

    def follow(self, target: str, known: Mapping[str, str | None], at: datetime) -> Sequence[Delivery]:
        """Send what is due, after the run of *target* *at* that moment; *known* is as of `synced`.

        A run that opened a group waits until its message is due, and others may join until then.
        """
        found = self._left or self._place.load()
        if found.out_of_reach:
            return ()
        now = self._clock()
        wait = timedelta(0) if self._wait_until is None else self._wait_until - now
        is_changed = synced(found, target, known, at) != found
        if self._leads and timedelta(0) < wait <= self._gather:
            self._sleep(wait.total_seconds())
        elif not (is_changed or (self._leads and (self._has_relayed or is_due(found, now)))):
            return ()
        return self._sent_what_is_due(lambda memory: synced(memory, target, known, at))

    def flush(self) -> Sequence[Delivery]:
        """Send what is due of all groups, after runs that did not lead."""
        found = self._place.load()
        self._leads = True
        return () if found.out_of_reach or not is_due(found, self._clock()) else self._sent_what_is_due()

    @property
    def _has_relayed(self) -> bool:
        """Say whether a message was handed over that no group keeps: it is sent at once."""
        return self._left is not None and any(each.group is None for each in self._left.undelivered)

    def _sent_what_is_due(self, as_it_is: Callable[[Memory], Memory] = lambda memory: memory) -> Sequence[Delivery]:
        with self._place.alone():
            found, now = self._place.load(), self._clock()
            if found.out_of_reach:
                return ()
            memory = scheduled(as_it_is(found), self._alerts, now, self._gather)
            if self._leads and (self._has_relayed or is_due(memory, now)):
                return self._sent(found, memory, now)
            if memory != found:
                self._place.save(memory)
            return ()

    def _sent(self, found: Memory, memory: Memory, now: datetime) -> Sequence[Delivery]:
        """Save what is to be sent, send it, save what came of it."""
        channels = self._alerts.channels
        memory, texts, new = self._written(memory, now)
        waiting = tuple(each for each in memory.undelivered if each.group is not None)
        outbox = tuple(left_over((each for each in memory.undelivered if each.group is None), channels))
        memory = replace(memory, undelivered=(*outbox, *waiting), flushed_at=now)
        self._place.save(memory, texts)
        dispatch = Dispatch(found, self._place, channels, self._send, name=_NAME, alerts=self._alerts, now=now)
        attempts = dispatch.sent(outbox, texts, new)
        ids = [each.message.id for each in outbox if each.whole in new]
        settled, after = dispatch.settled(attempts, memory, ids)
        groups = settled.groups
        for channel, thread in lost_to_all(attempts, after):
            groups = tuple(given_up(each, channel) if each.thread == thread else each for each in groups)
        settled = replace(settled, groups=groups, undelivered=(*settled.undelivered, *waiting))
        self._place.save(scheduled(settled, self._alerts, now, self._gather))
        dispatch.insist_on_somebody((*after.undelivered, *after.given_up))
        return dispatch.deliveries

    def _written(self, memory: Memory, now: datetime) -> tuple[Memory, Mapping[str, str], set[str | None]]:
        """Give *memory* with the messages of all groups that are due, their documents, and which of them are new."""
        undelivered, texts, new = memory.undelivered, dict[str, str](), set[str | None]()
        groups: list[IncidentGroup | None] = []
        for group in memory.groups:
            if group.due is None or group not in due_groups(memory, now):
                groups.append(group)
                continue
            new |= {each.whole for each in undelivered if each.group == group.thread and _is_fresh(each, now)}
            undelivered = tuple(released(group, undelivered))
            for message, report, channels in self._messages(group, memory, now):
                text = packed(message, None if report is None else bounded(as_document(discreet(report, self._alerts))))
                name = digest(text)
                texts[name] = text
                new.add(name)
                line = replace(message, sections=(), targets=())
                undelivered += tuple(Undelivered(channel, line, name) for channel in channels)
            groups.append(sent_of(group, now))
        left = tuple(group for group in groups if group is not None)
        return replace(memory, groups=left, undelivered=undelivered), texts, new

    def _messages(
        self, group: IncidentGroup, memory: Memory, now: datetime
    ) -> Iterator[tuple[Message, Report | None, Sequence[str]]]:
        """Give each message about *group* with its channels: those that are sent the same share it."""
        not_received = {each.channel for each in still_not_received(memory) if each.thread == group.thread}
        by_news: dict[GroupNews, list[str]] = {}
        for channel in self._alerts.channels:
            change = change_to_send(group, channel.name)
            is_wanted = channel.acknowledges or change is not Change.ACKNOWLEDGED
            has_unknown_beginning = change is Change.RESOLVED and channel.name in not_received
            if change is not None and is_wanted and not has_unknown_beginning:
                by_news.setdefault(group_news(group, channel.name, change), []).append(channel.name)
        for news, channels in by_news.items():
            report = self._report(news)
            yield group_message(news, report, self._alerts, now), report, channels

    def _report(self, news: GroupNews) -> Report | None:
        """Give the last report of the first member that has a readable one."""
        reports = (self._report_of(member.target) for member in news.members[:_MOST_READ])
        return next((report for report in reports if report is not None), None)


def groups_of(
    settings: Settings, *, gather: timedelta = GATHER, leads: bool = True, patience: timedelta = PATIENCE
) -> IncidentGroups | None:
    """Give the groups of all targets of *settings*; None where they are not wanted, or there is one target only."""
    if not settings.alerts.group_targets or not settings.alerts.channels:
        return None
    if len(settings.targets) + len(settings.broken) < 2:
        return None
    return IncidentGroups(
        memory_of_groups(settings.memory, patience),
        settings.alerts,
        lambda target: report_in(memory_of(target, settings.memory)),
        gather=gather,
        leads=leads,
    )


def report_in(place: MemoryPlace) -> Report | None:
    """Give the last report of the target whose memory is at *place*, where it can be read."""
    last = place.load().last_report
    text = None if last is None else place.text(last)
    if text is None:
        return None
    with suppress(ValueError, RecursionError, NoReportError):
        return as_report(json.loads(text))
    return None


def _new_texts(found: Memory, after: Memory, texts: Mapping[str, str | None]) -> Mapping[str, str]:
    known = set(found.documents())
    wanted = {name: texts.get(name) for name in after.documents() if name not in known}
    return {name: text for name, text in wanted.items() if text is not None}


def _is_sooner(due: datetime, before: datetime | None) -> bool:
    return before is None or due < before


def _is_fresh(entry: Undelivered, now: datetime) -> bool:
    return now - entry.message.written_at < _LATE
