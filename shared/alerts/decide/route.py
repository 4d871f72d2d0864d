"""To whom: each channel hears of the severities it is there for, and of nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...model.alerts import AlertSettings, Channel, TargetAlerts
from ...model.finding import Severity
from ...model.memory import Unheard
from ...model.news import BLIND, Decision, News, Why
from ..messages.parts import thread

_ENDS = frozenset({Why.RESOLVED, Why.SEES_AGAIN})


def channels_of(rules: TargetAlerts, alerts: AlertSettings) -> tuple[Channel, ...]:
    """Give the channels that hear of a target: all, where it names none."""
    return tuple(c for c in alerts.channels if not rules.only_channels or c.name in rules.only_channels)


def severities_heard(rules: TargetAlerts, alerts: AlertSettings) -> frozenset[Severity]:
    """Give the severities of a target that somebody hears of: the others wait until a channel takes them."""
    taken = {name for channel in channels_of(rules, alerts) for name in channel.severities}
    return frozenset(Severity(name) for name in taken & set(rules.severities))


def routed(
    news: News, channels: Sequence[Channel], unheard: Sequence[Unheard] = ()
) -> Iterator[tuple[News, tuple[Channel, ...]]]:
    """Split *news* by who hears what; channels that hear the same share it.

    Where a channel is among the *unheard* for the beginning of an incident, it hears nothing of its end.
    """
    hear: dict[tuple[tuple[int, bool], ...], list[Channel]] = {}
    for channel in channels:
        heard = tuple(
            (place, _is_first(decision, channel))
            for place, decision in enumerate(news.decisions)
            if decision.severity.value in channel.severities and not _is_of_the_unheard(decision, channel, unheard)
        )
        if heard:
            hear.setdefault(heard, []).append(channel)
    for places, sharing in hear.items():
        decisions = (
            replace(news.decisions[place], why=Why.OPENED) if is_first else news.decisions[place]
            for place, is_first in places
        )
        yield replace(news, decisions=tuple(decisions)), tuple(sharing)


def _is_of_the_unheard(decision: Decision, channel: Channel, unheard: Sequence[Unheard]) -> bool:
    return decision.why in _ENDS and Unheard(channel.name, thread(decision.incident, decision.since)) in unheard


def _is_first(decision: Decision, channel: Channel) -> bool:
    """Say whether *channel* hears of the incident for the first time: it was not as bad before as it wants to hear."""
    return (
        decision.why is Why.CHANGED
        and decision.heard is not None
        and decision.heard.value not in channel.severities
        and not decision.incident.startswith(BLIND)
    )
