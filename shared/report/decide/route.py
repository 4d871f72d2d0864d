"""To whom: each channel hears of the severities it is there for, and of nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from shared.model.alerts import AlertSettings, Channel, TargetAlerts
from shared.model.finding import Severity
from shared.model.news import News


def channels_of(rules: TargetAlerts, alerts: AlertSettings) -> tuple[Channel, ...]:
    """Give the channels that hear of a target: all, where it names none."""
    return tuple(c for c in alerts.channels if not rules.only_channels or c.name in rules.only_channels)


def severities_heard(rules: TargetAlerts, alerts: AlertSettings) -> frozenset[Severity]:
    """Give the severities of a target that somebody hears of: the others wait until a channel takes them."""
    taken = {name for channel in channels_of(rules, alerts) for name in channel.severities}
    return frozenset(Severity(name) for name in taken & set(rules.severities))


def routed(news: News, channels: Sequence[Channel]) -> Iterator[tuple[News, tuple[Channel, ...]]]:
    """Split *news* by who hears what; channels that hear the same share it."""
    hear: dict[tuple[int, ...], list[Channel]] = {}
    for channel in channels:
        heard = tuple(
            place for place, decision in enumerate(news.decisions) if decision.severity.value in channel.severities
        )
        if heard:
            hear.setdefault(heard, []).append(channel)
    for places, sharing in hear.items():
        yield replace(news, decisions=tuple(news.decisions[place] for place in places)), tuple(sharing)
