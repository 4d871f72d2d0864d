"""What goes out on which channel, in which order, and what of it is kept for a later run."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from ..model.alerts import Channel
from ..model.finding import Json
from ..model.memory import Incident, Memory, NotReceived, Refusing, Undelivered
from ..model.message import Change, Event, Handle, Message
from ..model.value import dataclass, replace
from .delivery.deliver import Delivery
from .messages.parts import thread

Send = Callable[[Message, Sequence[Channel], Mapping[str, Json] | None], Sequence[Delivery]]
Whole = Callable[[Undelivered], tuple[Message, Mapping[str, Json] | None]]
# So long a channel that refuses a message is tried again: a redeployment, a switched off flow, a wrong password.
TRIED_FOR = timedelta(days=1)
# However long there was no run, or however far a clock jumped: more than this it counts for nothing.
_LONGEST_PAUSE = timedelta(hours=2)
# So many threads are remembered by what their channels call them: those of the last incidents.
_MOST_HANDLES = 100
# A channel that takes nothing for months must not fill the memory; what is still open is reminded of anyway.
_MOST_UNDELIVERED = 100


@dataclass(frozen=True, slots=True)
class Sent:
    """*delivery* is None where the channel was not asked: it did not take what comes before."""

    entry: Undelivered
    delivery: Delivery | None

    @property
    def is_taken(self) -> bool:
        return self.delivery is not None and self.delivery.taken

    @property
    def is_refused(self) -> bool:
        """Say whether the channel answered and does not want it: not only that it is away for now."""
        return self.delivery is not None and not (self.delivery.taken or self.delivery.passing or self.delivery.never)


@dataclass(frozen=True, slots=True)
class Settled:
    """What is kept, and what is given up: those entries go out no more."""

    undelivered: tuple[Undelivered, ...]
    given_up: tuple[Undelivered, ...]
    not_received: tuple[NotReceived, ...]
    refusing: tuple[Refusing, ...]


def left_over(undelivered: Iterable[Undelivered], channels: Sequence[Channel]) -> Iterator[Undelivered]:
    """Give what was kept. What nobody received, kept for a channel that is gone, goes to all there are."""
    names = [channel.name for channel in channels]
    for each in undelivered:
        if each.channel in names:
            yield each
        elif not each.received:
            yield from (replace(each, channel=name) for name in names)


def sent(outbox: Iterable[Undelivered], channels: Sequence[Channel], whole: Whole, send: Send) -> Iterator[Sent]:
    """Send message by message, each to its channels at once.

    A channel that does not take one is not asked again in this run: it must receive the beginning of an incident
    before its end.
    """
    by_name = {channel.name: channel for channel in channels}
    stuck: set[str] = set()
    for _, group in groupby(outbox, lambda each: (each.whole, each.message)):
        waiting = list(group)
        ready = [by_name[each.channel] for each in waiting if each.channel not in stuck]
        deliveries = {each.channel: each for each in send(*_addressed(waiting[0], ready, whole))} if ready else {}
        stuck |= {each.channel for each in deliveries.values() if not each.taken}
        yield from (Sent(each, deliveries.get(each.channel)) for each in waiting)


def _addressed(
    entry: Undelivered, ready: Sequence[Channel], whole: Whole
) -> tuple[Message, Sequence[Channel], Mapping[str, Json] | None]:
    message, report = whole(entry)
    return message, ready, report


def pause_since(memory: Memory, now: datetime) -> timedelta:
    """Give how long what is kept has waited since the last run, by a clock that may have jumped."""
    last = memory.runs[-1].at if memory.runs else memory.flushed_at
    return timedelta(0) if last is None else min(max(now - last, timedelta(0)), _LONGEST_PAUSE)


def settled(attempts: Sequence[Sent], memory: Memory, new: Iterable[str], pause: timedelta) -> Settled:
    """Give what must go out with a later run: what time may fix, and what nobody has received.

    And what comes after that on the same channel: received late, a beginning must not come last. *memory* is
    the one after this run, *new* are the ids of its own messages, *pause* is how long the others have waited since
    the last run.
    """
    taken = [each.entry.message for each in attempts if each.is_taken]
    fresh = set(new)
    kept: list[Undelivered] = []
    given_up: list[Undelivered] = []
    for each in attempts:
        if each.is_taken:
            continue
        received = each.entry.received or any(_says_all(message, each.entry.message) for message in taken)
        waited = timedelta(0) if each.entry.message.id in fresh else pause
        entry = replace(each.entry, received=received, tried_for=each.entry.tried_for + waited)
        # Were it kept, it would keep all that comes behind it from this channel for ever.
        is_never = each.delivery is not None and each.delivery.never
        is_over = received and each.is_refused and entry.tried_for >= TRIED_FOR
        (given_up if is_never or is_over else kept).append(entry)
    given_up += kept[:-_MOST_UNDELIVERED]
    kept = kept[-_MOST_UNDELIVERED:]
    not_received = _unheard(memory, attempts, given_up, kept)
    return Settled(
        undelivered=tuple(_without_ends_of(not_received, kept)),
        given_up=tuple(given_up),
        not_received=not_received,
        refusing=_still_refusing(memory, attempts),
    )


def still_not_received(memory: Memory) -> list[NotReceived]:
    """Give the incidents that a channel will not have received when it gets the next message."""
    coming = {
        NotReceived(each.channel, event.thread)
        for each in memory.undelivered
        for event in each.message.events
        if event.change is not Change.RESOLVED
    }
    return [each for each in memory.not_received if each not in coming]


def receivable_events(message: Message, channel: str, not_received: Sequence[NotReceived]) -> Message:
    """Give *message* without the ends of incidents whose beginning *channel* has not received."""
    events = tuple(event for event in message.events if not _is_end(event, channel, not_received))
    return message if events == message.events else replace(message, events=events)


def sent_again(incidents: Iterable[Incident], attempts: Sequence[Sent], after: Settled) -> Iterator[Incident]:
    """Give *incidents*, marking those whose last message all channels gave up: it is sent again."""
    gone = {(each.channel, each.message.id): each.received for each in after.given_up}
    waiting = [each.entry.message for each in attempts if (each.entry.channel, each.entry.message.id) not in gone]
    last: dict[str, Change] = {}
    for each in attempts:
        message = each.entry.message
        received = gone.get((each.entry.channel, message.id))
        for event in message.events:
            if event.change is Change.ACKNOWLEDGED:
                continue
            if received is None:
                last.pop(event.incident, None)
            elif not (received or any(_says_all(other, message) for other in waiting)):
                last[event.incident] = event.change
    for incident in incidents:
        change = last.get(incident.name)
        if change is None:
            yield incident
        else:
            yield replace(incident, unsure=True, begun=incident.begun and change is not Change.OPENED)


def lost_to_all(attempts: Sequence[Sent], after: Settled) -> set[tuple[str, str]]:
    """Give each channel and thread whose last message was given up, and which no channel received."""
    gone = {(each.channel, each.message.id): each.received for each in after.given_up}
    lost = set[tuple[str, str]]()
    for each in attempts:
        message, channel = each.entry.message, each.entry.channel
        received = gone.get((channel, message.id))
        for event in message.events:
            (lost.discard if received is not False else lost.add)((channel, event.thread))
    return lost


def live_handles(handles: Iterable[Handle], memory: Memory, kept: Iterable[Undelivered]) -> tuple[Handle, ...]:
    """Give those of *handles* whose incident is not over, or has a message still to be sent."""
    lives = _lives(memory, kept)
    return tuple(each for each in handles if each.thread in lives)[-_MOST_HANDLES:]


def refused(attempts: Iterable[Sent]) -> dict[str, str]:
    """Give what each channel says that refuses a message."""
    return {each.entry.channel: each.delivery.said for each in attempts if each.is_refused and each.delivery}


def _unheard(
    memory: Memory, attempts: Iterable[Sent], given_up: Iterable[Undelivered], kept: Iterable[Undelivered]
) -> tuple[NotReceived, ...]:
    """Give the incidents whose beginning a channel will not have received."""
    lives = _lives(memory, kept)
    received = {
        NotReceived(each.entry.channel, event.thread)
        for each in attempts
        if each.is_taken
        for event in each.entry.message.events
        if event.change is not Change.RESOLVED
    }
    new = [
        NotReceived(each.channel, event.thread)
        for each in given_up
        for event in each.message.events
        if event.change is Change.OPENED
    ]
    return tuple(
        each for each in dict.fromkeys((*memory.not_received, *new)) if each.thread in lives and each not in received
    )


def _lives(memory: Memory, kept: Iterable[Undelivered]) -> set[str]:
    lives = {thread(incident.name, incident.since) for incident in memory.incidents}
    lives |= {group.thread for group in memory.groups}
    return lives | {name for each in kept for name in each.message.threads}


def _without_ends_of(not_received: Sequence[NotReceived], kept: Iterable[Undelivered]) -> Iterator[Undelivered]:
    """Leave out the ends of incidents whose beginning will not have been received."""
    left = list(not_received)
    for each in kept:
        message = receivable_events(each.message, each.channel, left)
        if message.events or not each.message.events:
            yield replace(each, message=message)
        coming = {NotReceived(each.channel, event.thread) for event in message.events}
        left = [not_received for not_received in left if not_received not in coming]


def _is_end(event: Event, channel: str, not_received: Sequence[NotReceived]) -> bool:
    return event.change is Change.RESOLVED and NotReceived(channel, event.thread) in not_received


def _still_refusing(memory: Memory, attempts: Sequence[Sent]) -> tuple[Refusing, ...]:
    taking = {each.entry.channel for each in attempts if each.is_taken} - refused(attempts).keys()
    return tuple(each for each in memory.refusing if each.channel not in taking)


def _says_all(one: Message, other: Message) -> bool:
    """Say whether who got *one* knows all that *other* says: of one run, one channel receives more than another."""
    return one.written_at == other.written_at and set(other.threads) <= set(one.threads)
