"""What channels are sent once somebody silenced an incident: who is on it, and until when."""

from collections.abc import Sequence
from datetime import datetime

from ...model.alerts import AlertSettings
from ...model.message import Change, Event, Item, Kind, Message
from ...model.news import OpenIncident
from .fold import Draft, folded
from .parts import headline, item, links, moment, plain_name, thread


def acknowledgement(target: str, silenced: Sequence[OpenIncident], alerts: AlertSettings, now: datetime) -> Message:
    first, others = silenced[0], len(silenced) - 1
    more = f" and {others} more" if others else ""
    silence = first.silence
    by = "silenced" if silence is None else f"{silence.who} is on it until {moment(silence.until, now)}"
    return Message(
        kind=Kind.INCIDENT,
        target=target,
        severities=tuple(sorted({each.severity for each in silenced}, key=lambda each: each.rank)),
        headline=headline(f"{target}: {by}: {plain_name(first.incident)}{more}"),
        sections=folded([Draft("SILENCED", tuple(_silenced(each, now) for each in silenced))]),
        written_at=now,
        links=links(alerts, target, now, first.incident, first.incident.partition(":")[0]),
        threads=tuple(thread(each.incident, each.since) for each in silenced),
        events=tuple(
            Event(each.incident, Change.ACKNOWLEDGED, each.severity, each.since, thread(each.incident, each.since))
            for each in silenced
        ),
    )


def _silenced(incident: OpenIncident, now: datetime) -> Item:
    silence = incident.silence
    who = "" if silence is None else f", by {silence.who} until {moment(silence.until, now)}: {silence.because}"
    return item(f"{plain_name(incident.incident)}{who}.", severity=incident.severity)
