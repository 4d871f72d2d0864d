"""Which channels: each one receives the severities that it is for, and nothing else."""

from collections.abc import Iterator, Sequence

from ...model.alerts import AlertSettings, Channel, TargetAlerts
from ...model.finding import Severity
from ...model.memory import NotReceived
from ...model.news import UNKNOWN_CHECK, Decision, News, Why
from ...model.value import replace
from ..messages.parts import thread

_ENDS = frozenset({Why.RESOLVED, Why.WORKS_AGAIN})


def channels_of(rules: TargetAlerts, alerts: AlertSettings) -> tuple[Channel, ...]:
    """Give the channels of a target: all, where it names none."""
    return tuple(c for c in alerts.channels if not rules.only_channels or c.name in rules.only_channels)


def severities_received(rules: TargetAlerts, alerts: AlertSettings) -> frozenset[Severity]:
    """Give the severities of a target that a channel receives: the others wait until a channel takes them."""
    taken = {name for channel in channels_of(rules, alerts) for name in channel.severities}
    return frozenset(Severity(name) for name in taken & set(rules.severities))


def routed(
    news: News, channels: Sequence[Channel], not_received: Sequence[NotReceived] = ()
) -> Iterator[tuple[News, tuple[Channel, ...]]]:
    """Split *news* by what each channel receives; channels that receive the same share it.

    Where a channel is among the *not_received* for the beginning of an incident, it does not receive its end.
    """
    takers: dict[tuple[tuple[int, bool], ...], list[Channel]] = {}
    for channel in channels:
        received = tuple(
            (place, _is_first(decision, channel))
            for place, decision in enumerate(news.decisions)
            if decision.severity.value in channel.severities
            and not _has_unknown_beginning(decision, channel, not_received)
        )
        if received:
            takers.setdefault(received, []).append(channel)
    for places, sharing in takers.items():
        decisions = (
            replace(news.decisions[place], why=Why.OPENED) if is_first else news.decisions[place]
            for place, is_first in places
        )
        yield replace(news, decisions=tuple(decisions)), tuple(sharing)


def _has_unknown_beginning(decision: Decision, channel: Channel, not_received: Sequence[NotReceived]) -> bool:
    return (
        decision.why in _ENDS and NotReceived(channel.name, thread(decision.incident, decision.since)) in not_received
    )


def _is_first(decision: Decision, channel: Channel) -> bool:
    """Say whether *channel* receives the incident for the first time: it had none of its severities before."""
    return (
        decision.why is Why.CHANGED
        and decision.received is not None
        and decision.received.value not in channel.severities
        and not decision.incident.startswith(UNKNOWN_CHECK)
    )
