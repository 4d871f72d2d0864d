"""The message of an incident group that has one target only: in the words of a target that notifies people itself."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ...model.alerts import AlertSettings
from ...model.groups import RESOLVED, MemberIncident, mark_of
from ...model.memory import Incident, Memory
from ...model.message import Change, Message
from ...model.news import UNKNOWN_CHECK, Decision, News, OpenIncident, Why
from ...model.report import Report
from ...model.value import dataclass
from .compose import compose
from .group_news import GroupNews
from .parts import flapping


@dataclass(frozen=True, slots=True)
class Last:
    """What is remembered of one target, its last *report*, and that its verification failed, where that was one."""

    memory: Memory
    report: Report
    verification: Decision | None = None


def only_message(news: GroupNews, last: Last | None, alerts: AlertSettings, now: datetime) -> Message | None:
    """Give the message of the only member of a group; None where it has none, or nothing is remembered of it."""
    if news.group.only_member is None or last is None or news.change is Change.ACKNOWLEDGED:
        return None
    incidents = {each.name: each for each in last.memory.incidents}
    shown = [each for member in news.members for each in member.incidents if each.silence is None]
    decisions = [*_open(shown, incidents, news, last.report), *_ended(shown, incidents, news.known)]
    if not decisions:
        return None
    if last.verification is not None and news.change in {Change.OPENED, Change.CHANGED}:
        decisions.append(last.verification)
    named = {decision.incident for decision in decisions}
    also_open = tuple(
        OpenIncident(each.name, each.severity, each.since)
        for each in last.memory.incidents
        if each.is_open and each.notified is not None and each.name not in named
    )
    return compose(News(last.report, tuple(decisions), also_open, last.memory.next_run_at), alerts, now)


def _open(
    shown: Sequence[MemberIncident], incidents: Mapping[str, Incident], news: GroupNews, report: Report
) -> Iterator[Decision]:
    """Give what is new, what is changed, and of what people are reminded."""
    marks = {state.partition(":")[0] for state in news.known}
    for each in shown:
        before = mark_of(each.name) in marks
        if before and each.state in news.known and news.change is not Change.REMINDER:
            continue
        incident = incidents.get(each.name)
        findings = tuple(finding for finding in report.findings if finding.incident == each.name)
        is_gone = incident is not None and not findings
        yield Decision(
            each.name,
            _why(each, incident, news.change, is_known=before),
            each.severity,
            each.since,
            incident.findings if is_gone and incident is not None else findings,
            notified=incident.notified.times if before and incident is not None and incident.notified else 0,
            because=_because(incident),
            total=each.total,
        )


def _why(each: MemberIncident, incident: Incident | None, change: Change, *, is_known: bool) -> Why:
    if incident is not None and incident.flapping:
        return Why.FLAPPING
    if change is Change.REMINDER:
        return Why.REMINDER
    if is_known:
        return Why.CHANGED
    return Why.CANNOT_CHECK if each.name.startswith(UNKNOWN_CHECK) else Why.OPENED


def _because(incident: Incident | None) -> str | None:
    if incident is None:
        return None
    return flapping(len(incident.ended)) if incident.flapping and not incident.is_open else incident.because


def _ended(
    shown: Sequence[MemberIncident], incidents: Mapping[str, Incident], known: Sequence[str]
) -> Iterator[Decision]:
    """Give what these channels know to be open, and that is over."""
    marks = {state.partition(":")[0] for state in known} - {mark_of(each.name) for each in shown}
    for incident in incidents.values():
        if mark_of(incident.name) in marks and incident.notified is None:
            is_unknown = incident.name.startswith(UNKNOWN_CHECK)
            yield Decision(
                incident.name,
                Why.WORKS_AGAIN if is_unknown else Why.RESOLVED,
                incident.severity,
                incident.since,
                incident.findings,
                notified=1,
                because=None if incident.says in {None, RESOLVED} else incident.says,
            )
