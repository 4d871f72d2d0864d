"""Sends what a memory has to send, and says what is to be saved of that: for a target, and for the incident groups."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from ..memory import MemoryPlace
from ..memory.codec import NotInShapeError
from ..memory.document import unpacked
from ..model.alerts import AlertSettings, Channel
from ..model.finding import Json, Severity
from ..model.memory import Memory, Refusing, Undelivered
from ..model.message import Handle, Message
from ..model.value import replace
from .delivery.deliver import Delivery
from .messages import accepting, refusing
from .messages.fit import abridged
from .outbox import Send, Sent, Settled, live_handles, pause_since, refused, sent, settled


class NobodyNotifiedError(Exception):
    """There was something to send, and no channel took it. It is kept, and goes out with the next run."""


class Dispatch:
    """What one run sends from the outbox of one memory, *found* as it was; *texts* are documents not yet written."""

    def __init__(
        self,
        found: Memory,
        place: MemoryPlace,
        channels: Sequence[Channel],
        send: Send,
        *,
        name: str,
        alerts: AlertSettings,
        now: datetime,
    ) -> None:
        self._found, self._place, self._channels, self._send = found, place, channels, send
        self._name, self._alerts, self._now = name, alerts, now
        self._handles = {(each.channel, each.thread): each for each in found.handles}
        self.deliveries: list[Delivery] = []

    def sent(
        self, outbox: Iterable[Undelivered], texts: Mapping[str, str], new: Iterable[str | None]
    ) -> Sequence[Sent]:
        """Send *outbox*; what is not *new*, by the digest of its document, is marked late."""
        fresh = set(new)
        attempts = list(sent(outbox, self._channels, lambda each: self._whole(each, texts, fresh), self._noted))
        self.deliveries += [each.delivery for each in attempts if each.delivery is not None]
        return attempts

    def settled(self, attempts: Sequence[Sent], memory: Memory, new: Iterable[str]) -> tuple[Memory, Settled]:
        """Give *memory* with what is still to be sent after *attempts*; *new* are the ids of this run's messages."""
        after = settled(attempts, memory, new, pause_since(self._found, self._now))
        after_that = replace(
            memory,
            undelivered=after.undelivered,
            not_received=after.not_received,
            refusing=(*self._noticed(attempts, after), *self._not_ended(attempts, after)),
            handles=live_handles(self._handles.values(), memory, after.undelivered),
        )
        return after_that, after

    def taken_by(self, message: Message, channels: Sequence[Channel]) -> tuple[str, ...]:
        """Send a *message* about the monitor itself, which is not kept; give the channels that took it."""
        deliveries = self._send(message, channels, None) if channels else ()
        self.deliveries += deliveries
        return tuple(each.channel for each in deliveries if each.taken)

    def insist_on_somebody(self, kept: Sequence[Undelivered]) -> None:
        """Raise `NobodyNotifiedError` where no channel took one of *kept*."""
        not_received = next((each.message for each in kept if not each.received), None)
        if not_received is not None:
            why = "; ".join(dict.fromkeys(each.said for each in self.deliveries if not each.taken))
            raise NobodyNotifiedError(f"nobody was notified of {not_received.headline!r}: {why}")

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

    def _whole(
        self, entry: Undelivered, texts: Mapping[str, str], new: set[str | None]
    ) -> tuple[Message, Mapping[str, Json] | None]:
        """Give a message with the report of its moment; what goes out later than it was written says so."""
        text = None if entry.whole is None else texts.get(entry.whole) or self._place.text(entry.whole)
        message, report = abridged(entry.message), None  # type: tuple[Message, Mapping[str, Json] | None]
        if text is not None:
            with suppress(NotInShapeError):
                message, report = unpacked(text)
        late = None if entry.whole in new else message.written_at
        named = [each for (_, thread), each in self._handles.items() if thread in message.threads]
        return replace(message, late=late, events=entry.message.events, handles=tuple(named)), report

    def _noticed(self, attempts: Sequence[Sent], after: Settled) -> tuple[Refusing, ...]:
        """Give the channels that refuse, once another one was notified of them; and notify it of what is given up."""
        known = {each.channel: each for each in self._found.refusing}
        new = {channel: said for channel, said in refused(attempts).items() if channel not in known}
        given_up = [each.channel for each in after.given_up]
        if not new and not given_up:
            return after.refusing
        stuck = {each.channel for each in after.refusing} | _stuck(attempts)
        others = [channel for channel in self._channels if channel.name not in stuck]
        since = {name: each.since for name, each in known.items()}
        message = refusing(self._name, new, given_up, self._alerts, self._now, since=since)
        notified = self.taken_by(message, warned(others))
        if not notified:
            return after.refusing
        refuses = {each.channel: each for each in after.refusing}
        for name in dict.fromkeys((*new, *given_up)):
            before = refuses.get(name, known.get(name, Refusing(name, self._now)))
            refuses[name] = replace(before, notified=tuple(dict.fromkeys((*before.notified, *notified))))
        return tuple(refuses.values())

    def _not_ended(self, attempts: Sequence[Sent], after: Settled) -> Iterator[Refusing]:
        """Notify of each channel that takes messages again those that know that it refused them.

        Gives it where one of these did not take that: it is sent again once that channel has taken another message.
        """
        stuck = _stuck(attempts)
        for each in self._found.refusing:
            if each in after.refusing or any(it.channel == each.channel for it in after.given_up):
                continue
            knowing = [channel for channel in self._channels if channel.name in each.notified]
            ready = [channel for channel in knowing if channel.name not in stuck]
            taken = self.taken_by(accepting(self._name, each, self._alerts, self._now), ready)
            left = tuple(channel.name for channel in knowing if channel.name not in taken)
            if left:
                yield replace(each, notified=left)


def _stuck(attempts: Iterable[Sent]) -> set[str]:
    """Give the channels that did not take something: they are not asked again in this run."""
    return {each.entry.channel for each in attempts if not each.is_taken}


def warned(channels: Sequence[Channel]) -> Sequence[Channel]:
    """Give the channels that take warnings; all of them where none does."""
    return [each for each in channels if Severity.WARNING.value in each.severities] or channels


def notes_of(given_up: Iterable[Undelivered]) -> Iterator[str]:
    """Name the messages that were given up for a channel."""
    for each in given_up:
        hours = each.tried_for / timedelta(hours=1)
        yield f"{each.channel}: a message was given up after {hours:.0f} h: {each.message.headline}"
