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
from shared.notify.attempts import persistently
from shared.notify.error import DeliveryError

# However often a channel is tried, the run must end.
LONGEST = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of a message on one channel; *said* is a sentence for people, without secrets.

    *passing* says of one that was not taken whether a later run may do better.
    """

    channel: str
    taken: bool
    said: str
    passing: bool = False


def deliver(
    message: Message,
    channels: Iterable[Channel],
    report: Mapping[str, Json] | None = None,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Delivery, ...]:
    """Send *message* to every one of *channels* and say of each what came of it, in their order.

    *report* goes along to webhooks. It takes as long as the slowest channel, `LONGEST` at most.
    """
    sending = [
        (channel, InBackground(lambda channel=channel: _deliver(message, channel, report, sleep)))  # type: ignore[misc]
        for channel in channels
    ]
    return tuple(_outcome(channel, sent) for channel, sent in sending)


def _outcome(channel: Channel, sent: InBackground[Delivery]) -> Delivery:
    outcome = sent.within(LONGEST).fact
    if isinstance(outcome, Unavailable):
        return Delivery(channel.name, taken=False, said=outcome.because, passing=True)
    return outcome


def _deliver(
    message: Message, channel: Channel, report: Mapping[str, Json] | None, sleep: Callable[[float], None]
) -> Delivery:
    try:
        said = _sent(message, channel, report, sleep)
    except DeliveryError as error:
        return Delivery(channel.name, taken=False, said=str(error), passing=error.passing)
    except AzureError as error:
        # The channel itself was not asked: whatever is wrong, what was to be said must not be lost.
        return Delivery(channel.name, taken=False, said=str(error), passing=True)
    return Delivery(channel.name, taken=True, said=said)


def _sent(message: Message, channel: Channel, report: Mapping[str, Json] | None, sleep: Callable[[float], None]) -> str:
    """Send it; if the channel refuses a secret out of a vault, once more with the one that is there now."""
    ready = with_secrets(channel)
    try:
        return persistently(lambda: _send(message, ready, report), channel.tries, sleep)
    except DeliveryError as error:
        if error.passing or ready is channel:
            raise
        refusal = error
    forget_secrets(ready)
    renewed = with_secrets(channel)
    if renewed == ready:
        raise refusal
    return persistently(lambda: _send(message, renewed, report), channel.tries, sleep)


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
