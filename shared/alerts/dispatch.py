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
from .messages import refusing
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
            refusing=self._noticed(attempts, after),
            handles=live_handles(self._handles.values(), memory, after.undelivered),
        )
        return after_that, after

    def is_taken(self, message: Message, channels: Sequence[Channel]) -> bool:
        """Send a *message* about the monitor itself, which is not kept; say whether a channel took it."""
        deliveries = self._send(message, channels, None) if channels else ()
        self.deliveries += deliveries
        return any(each.taken for each in deliveries)

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
        known = {each.channel for each in after.refusing}
        new = {channel: said for channel, said in refused(attempts).items() if channel not in known}
        given_up = [each.channel for each in after.given_up]
        if not new and not given_up:
            return after.refusing
        stuck = known | {each.entry.channel for each in attempts if not each.is_taken}
        others = [channel for channel in self._channels if channel.name not in stuck]
        message = refusing(self._name, new, given_up, self._alerts, self._now)
        if not self.is_taken(message, warned(others)):
            return after.refusing
        return (*after.refusing, *(Refusing(channel, self._now) for channel in new))


def warned(channels: Sequence[Channel]) -> Sequence[Channel]:
    """Give the channels that take warnings; all of them where none does."""
    return [each for each in channels if Severity.WARNING.value in each.severities] or channels


def notes_of(given_up: Iterable[Undelivered]) -> Iterator[str]:
    """Name the messages that were given up for a channel."""
    for each in given_up:
        hours = each.tried_for / timedelta(hours=1)
        yield f"{each.channel}: a message was given up after {hours:.0f} h: {each.message.headline}"
