"""Which incidents somebody has silenced since channels were last sent that."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ...model.memory import Incident, SilenceInForce
from ...model.news import UNKNOWN_CHECK, OpenIncident
from ...model.value import replace
from .silences import silence_of


def acknowledged(
    incidents: Iterable[Incident], silences: Sequence[SilenceInForce], now: datetime
) -> Iterator[tuple[Incident, OpenIncident | None]]:
    """Give every incident as channels know it afterwards, and what they are to be sent: that it is silenced, once."""
    for incident in incidents:
        silence = silence_of(incident, silences, now) if incident.is_open and incident.notified else None
        is_new = silence is not None and not incident.acknowledged and not incident.name.startswith(UNKNOWN_CHECK)
        news = OpenIncident(incident.name, incident.severity, incident.since, silence) if is_new else None
        yield replace(incident, acknowledged=silence is not None), news
