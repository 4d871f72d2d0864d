"""A message to the channels of its route, all at once: none waits for another, and none fails another."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from shared.azure.error import AzureError
from shared.azure.secrets import forget_secrets, with_secrets
from shared.gather.attempt import InBackground
from shared.model.alerts import Channel
from shared.model.finding import Json
from shared.model.knowledge import Unavailable
from shared.model.message import Message
from shared.model.value import dataclass
from shared.notify.attempts import longest_exchange, persistently
from shared.notify.error import DeliveryError
from shared.report.message.fit import abridged

# However often a channel is tried, the run must end.
LONGEST = timedelta(minutes=2)
# A channel with the longest timeout there is gets one try all the same, and a moment to fetch its secret.
_AT_LEAST = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of a message on one channel; *said* is a sentence for people, without secrets.

    *passing* says of one that was not taken that the channel is only away for now, *never* that it is this
    message that it cannot take. *abridged*: a short message was taken in the place of one that could not be.
    """

    channel: str
    taken: bool
    said: str
    passing: bool = False
    never: bool = False
    abridged: bool = False


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
    sending = [_Sending(message, channel, report, sleep) for channel in channels]
    return tuple(each.outcome() for each in sending)


class _Sending:
    """A message on its way to one channel, beside those to others."""

    def __init__(
        self, message: Message, channel: Channel, report: Mapping[str, Json] | None, sleep: Callable[[float], None]
    ) -> None:
        one_try = longest_exchange(channel)
        self._channel, self._longest = channel, max(LONGEST, one_try + _AT_LEAST)
        until = time.monotonic() + (self._longest - one_try).total_seconds()
        self._sent = InBackground(lambda: _deliver(message, channel, report, _Tries(channel.tries, sleep, until)))

    def outcome(self) -> Delivery:
        outcome = self._sent.within(self._longest).fact
        if isinstance(outcome, Unavailable):
            return Delivery(self._channel.name, taken=False, said=outcome.because, passing=True)
        return outcome


@dataclass(frozen=True, slots=True)
class _Tries:
    most: int
    sleep: Callable[[float], None]
    until: float


def _deliver(message: Message, channel: Channel, report: Mapping[str, Json] | None, tries: _Tries) -> Delivery:
    try:
        return Delivery(channel.name, taken=True, said=_sent(message, channel, report, tries))
    except DeliveryError as error:
        if not error.never:
            return Delivery(channel.name, taken=False, said=str(error), passing=error.passing)
        refusal = str(error)
    except AzureError as error:
        # The channel itself was not asked: whatever is wrong, what was to be said must not be lost.
        return Delivery(channel.name, taken=False, said=str(error), passing=True)
    try:
        said = _sent(abridged(message), channel, None, tries)
    except DeliveryError as error:
        said = f"{refusal}; a short message was refused too: {error}"
        return Delivery(channel.name, taken=False, said=said, passing=error.passing, never=error.never)
    except AzureError as error:
        # The channel itself was not asked: whatever is wrong, what was to be said must not be lost.
        return Delivery(channel.name, taken=False, said=str(error), passing=True)
    said = f"{refusal}; a short message was sent instead: {said}"
    return Delivery(channel.name, taken=True, said=said, abridged=True)


def _sent(message: Message, channel: Channel, report: Mapping[str, Json] | None, tries: _Tries) -> str:
    """Send it; if the channel refuses a secret out of a vault, once more with the one that is there now."""
    ready = with_secrets(channel)
    try:
        return persistently(lambda: _send(message, ready, report), tries.most, tries.sleep, until=tries.until)
    except DeliveryError as error:
        if error.passing or ready is channel:
            raise
        refusal = error
    forget_secrets(ready)
    renewed = with_secrets(channel)
    if renewed == ready:
        raise refusal
    return persistently(lambda: _send(message, renewed, report), tries.most, tries.sleep, until=tries.until)


def _send(message: Message, channel: Channel, report: Mapping[str, Json] | None) -> str:
    # Each brings libraries of its own: imported where a channel asks for them.
    if channel.kind == "teams":
        from shared.notify import teams  # noqa: PLC0415

        return teams.send(message, channel)
    if channel.kind == "webhook":
        from shared.notify import webhook  # noqa: PLC0415

        return webhook.send(message, channel, report)
    if channel.smtp is not None:
        from shared.notify import smtp  # noqa: PLC0415

        return smtp.send(message, channel)
    from shared.notify import azure_mail  # noqa: PLC0415

    return azure_mail.send(message, channel)
