"""An incident from run to run: it opens, goes on, is hidden by an unknown check, ends."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ...model.memory import Incident
from ...model.value import replace
from .observe import Observation, Seen

# How long an end counts towards flapping.
A_DAY = timedelta(days=1)


def carried_on(remembered: tuple[Incident, ...], observation: Observation, at: datetime) -> Iterator[Incident]:
    """Give every incident as it stands after a run at *at*: first those remembered, then those that open."""
    for incident in remembered:
        yield _carried_on(incident, observation, at)
    known = {incident.name for incident in remembered}
    for name, seen in observation.seen.items():
        if name not in known:
            yield _as_seen(Incident(name, at, at, seen.severity, seen.digest, seen.checks, check=seen.check), seen)


def _carried_on(incident: Incident, observation: Observation, at: datetime) -> Incident:
    incident = replace(incident, ended=tuple(end for end in incident.ended if at - end <= A_DAY))
    seen = observation.seen.get(incident.name)
    if seen is not None:
        return _as_seen(incident if incident.is_open else _reopened(incident, at), seen)
    if not incident.is_open or is_hidden(incident, observation):
        return incident
    # What nobody was notified of opened and ended for nobody.
    ended = (*incident.ended, at) if incident.notified else incident.ended
    return replace(incident, is_open=False, changed_at=at, ended=ended)


def is_hidden(incident: Incident, observation: Observation) -> bool:
    """Say whether an incident that was not seen may stand all the same."""
    if not observation.asleep.isdisjoint(incident.checks):
        return True
    if incident.check is not None:
        return False
    return incident.name in observation.under_way or not observation.unknown.isdisjoint(incident.checks)


def _reopened(incident: Incident, at: datetime) -> Incident:
    """To people who were not notified of its end, or may not have been, it is one incident."""
    is_new = incident.notified is None and not incident.unsure
    return replace(incident, is_open=True, changed_at=at, since=at if is_new else incident.since)


def _as_seen(incident: Incident, seen: Seen) -> Incident:
    return replace(
        incident,
        severity=seen.severity,
        digest=seen.digest,
        checks=seen.checks,
        findings=seen.findings,
        because=seen.because,
    )
