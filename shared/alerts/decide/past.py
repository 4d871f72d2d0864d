"""The incidents that ended: for the status page and its charts."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from ...model.alerts import AlertSettings
from ...model.memory import Incident, PastIncident
from ...model.news import Decision, Why
from ...model.phrases import clipped
from ...model.value import replace
from ..messages.parts import summary

_KEPT, _MOST = timedelta(days=30), 200
# Of names and summaries, in characters: the document has its limit.
_MOST_TEXT = 20_000
_LONGEST_SUMMARY = 200
_ENDS = frozenset({Why.RESOLVED, Why.WORKS_AGAIN})


def past_after(
    before: Sequence[PastIncident],
    found: Iterable[Incident],
    decisions: Iterable[Decision],
    alerts: AlertSettings,
    now: datetime,
) -> tuple[PastIncident, ...]:
    """Give those of *before* that are not too old, and those of *found* whose end *decisions* send."""
    by_name = {incident.name: incident for incident in found}
    discreetly = replace(alerts, error_lines=False)
    new = [
        _past(by_name[decision.incident], decision, discreetly)
        for decision in decisions
        if decision.why in _ENDS and decision.incident in by_name
    ]
    return _bounded([each for each in (*before, *new) if now - each.ended_at <= _KEPT][-_MOST:])


def _bounded(past: Sequence[PastIncident]) -> tuple[PastIncident, ...]:
    """Give the latest of them, as far as there is place."""
    ends = accumulate(len(each.name) + len(each.summary) for each in reversed(past))
    count = sum(end <= _MOST_TEXT for end in ends)
    return tuple(past[len(past) - count :])


def _past(incident: Incident, decision: Decision, alerts: AlertSettings) -> PastIncident:
    return PastIncident(
        incident.name,
        incident.since,
        incident.changed_at,
        decision.severity,
        incident.checks,
        clipped(_summary(incident, alerts), _LONGEST_SUMMARY),
    )


def _summary(incident: Incident, alerts: AlertSettings) -> str:
    worst = min(incident.findings, key=lambda finding: finding.severity.rank, default=None)
    if worst is not None:
        return summary(worst, alerts)
    return f"The check {incident.check or ', '.join(incident.checks)} had no result: {incident.because}."
