"""A message to the channels of its route, all at once: none waits for another, and none fails another."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import timedelta
from functools import partial

from ...azure.error import AzureError
from ...azure.secrets import forget_secrets, with_secrets
from ...model.alerts import Channel
from ...model.finding import Json
from ...model.message import Message
from ...model.value import dataclass, replace
from ...net.background import Started
from ...net.deadline import Deadline
from ..channels import send
from ..messages.fit import abridged
from .accepted import Accepted
from .attempts import persistently
from .error import DeliveryError

# Sends, and tries again as long as there is time.
_Tries = Callable[[Callable[[], Accepted]], Accepted]

# However often a channel is tried, the run must end.
LONGEST = timedelta(minutes=2)
# A channel with the longest timeout there is gets one try all the same, and a moment to fetch its secret.
_AT_LEAST = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of a message on one channel; *said* is a sentence for people, without secrets.

    *passing* says of one that was not taken that the channel is only away for now, *never* that it is this
    message that it cannot take. *abridged*: a short message was taken in the place of one that could not be.
    *handles* as of `Accepted`.
    """

    channel: str
    taken: bool
    said: str
    passing: bool = False
    never: bool = False
    abridged: bool = False
    handles: Mapping[str, str] = field(default_factory=dict)


def deliver(
    message: Message,
    channels: Iterable[Channel],
    report: Mapping[str, Json] | None = None,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Delivery, ...]:
    """Send *message* to every one of *channels* and say of each what came of it, in their order.

    *report* goes along to webhooks. It takes as long as the slowest channel, `LONGEST` at most unless one try on
    it may take longer. What is not taken then is not sent later either: no try begins that could not end in time.
    """
    sending = [(channel, *_started(message, channel, report, sleep)) for channel in channels]
    return tuple(
        each.outcome() if each.has_ended(deadline.left) else _late(channel, deadline)
        for channel, deadline, each in sending
    )


def _started(
    message: Message, channel: Channel, report: Mapping[str, Json] | None, sleep: Callable[[float], None]
) -> tuple[Deadline, Started[Delivery]]:
    one_try = channel.longest_exchange
    deadline = Deadline.after(max(LONGEST, one_try + _AT_LEAST))
    try_until = partial(persistently, tries=channel.tries, sleep=sleep, until=deadline.ends - one_try.total_seconds())
    return deadline, Started(lambda: _deliver(message, channel, report, try_until))


def _late(channel: Channel, deadline: Deadline) -> Delivery:
    late = f"no answer within {deadline.limit.total_seconds():.3g} s"
    return Delivery(channel.name, taken=False, said=late, passing=True)


def _deliver(message: Message, channel: Channel, report: Mapping[str, Json] | None, tries: _Tries) -> Delivery:
    full = _tried(message, channel, report, tries)
    if not full.never:
        return full
    short = _tried(abridged(message), channel, None, tries)
    if short.taken:
        return replace(short, said=f"{full.said}; a short message was sent instead: {short.said}", abridged=True)
    return replace(short, said=f"{full.said}; a short message was refused too: {short.said}")


def _tried(message: Message, channel: Channel, report: Mapping[str, Json] | None, tries: _Tries) -> Delivery:
    try:
        accepted = _sent(message, channel, report, tries)
    except DeliveryError as error:
        return Delivery(channel.name, taken=False, said=str(error), passing=error.passing, never=error.never)
    except AzureError as error:
        # The channel itself was not asked: whatever is wrong, the message must not be lost.
        return Delivery(channel.name, taken=False, said=str(error), passing=True)
    return Delivery(channel.name, taken=True, said=accepted.said, handles=accepted.handles)


def _sent(message: Message, channel: Channel, report: Mapping[str, Json] | None, tries: _Tries) -> Accepted:
    """Send it; if the channel refuses a secret out of a vault, once more with the one that is there now."""
    ready = with_secrets(channel)
    try:
        return tries(lambda: send(message, ready, report))
    except DeliveryError as error:
        if error.passing or ready is channel:
            raise
        refusal = error
    forget_secrets(ready)
    renewed = with_secrets(channel)
    if renewed == ready:
        raise refusal
    return tries(lambda: send(message, renewed, report))
