"""Which decisions of a run go to an incident group, and by which key: others may have the same problem. Pure.

A key is a code and a migration, or what concerns a server. All that one run opens about migrations goes by one key,
with what it causes: a bad release is one problem, however many findings it has on a target.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ...model.alerts import Channel
from ...model.codes import row_of
from ...model.finding import Finding
from ...model.groups import RESOLVED, MemberIncident, TargetState
from ...model.memory import Incident, Memory, Notified
from ...model.news import UNKNOWN_CHECK, Decision, News, OpenIncident, Silence, Why
from ...model.report import Report
from ...model.value import replace
from ..messages.parts import moment, plain_name, short
from .decide import Outcome, is_all_unknown
from .silences import silence_of

# So many incidents of a target go to a group; the target itself notifies people of more.
MOST_INCIDENTS = 20
_LONGEST_TEXT = 200
# What a group says of an incident that ends and begins again and again, after what is wrong.
FLAPPING = " (flapping)"
_ON_ITS_OWN = "has messages of its own"
_ENDS = frozenset({Why.RESOLVED, Why.WORKS_AGAIN})


def group_keys(news: News, memory: Memory, server: str | None) -> Mapping[str, str]:
    """Give by incident the key of the group that the decisions of *news* go to; *memory* is the one before them.

    What a group knows of stays with it. A new incident goes to a group where it has a key, or where its cause does.
    *server* names the database server of the target, where that is known.
    """
    known = known_keys(news, memory)
    before = {incident.name: incident.group for incident in memory.incidents if incident.group}
    new = [each for each in news.decisions if not each.notified and each.why is not Why.VERIFY]
    keys = {**known, **_of_migrations(new), **_of_servers(new, server), **_of_unreachable(new, news.report)}
    followers = [each for each in new if each.findings and each.incident not in keys]
    keys |= _of_consequences(followers, {**before, **keys}, news.report)
    space = MOST_INCIDENTS - sum(each.is_open and bool(each.group) for each in memory.incidents)
    fresh = [(name, key) for name, key in keys.items() if name not in known]
    return {**known, **dict(fresh[: max(space, 0)])}


def known_keys(news: News, memory: Memory) -> Mapping[str, str]:
    """Give the keys of `group_keys` of what groups know of."""
    before = {incident.name: incident.group for incident in memory.incidents if incident.group}
    return {d.incident: before[d.incident] for d in news.decisions if d.notified and d.incident in before}


def own_news(news: News, keys: Mapping[str, str]) -> News:
    """Give what of *news* the target itself notifies people of.

    What a verification found goes to a group with the incident: the pipeline has its answer, and its people the group.
    """
    opening = [each.incident for each in news.decisions if each.incident in keys and each.why not in _ENDS]
    decisions = tuple(
        each for each in news.decisions if each.incident not in keys and not (opening and each.why is Why.VERIFY)
    )
    others = (
        OpenIncident(each.incident, each.severity, each.since) for each in news.decisions if each.incident in opening
    )
    return replace(news, decisions=decisions, also_open=(*news.also_open, *others))


def with_groups(memory: Memory, news: News, keys: Mapping[str, str]) -> Memory:
    """Give *memory* where each incident of *news* says which group notifies people of it, if one does."""
    decisions = {decision.incident: decision for decision in news.decisions}
    incidents = (_with_group(each, decisions.get(each.name), keys) for each in memory.incidents)
    return replace(memory, incidents=tuple(incidents))


def _with_group(incident: Incident, decision: Decision | None, keys: Mapping[str, str]) -> Incident:
    if decision is None:
        return incident
    key = keys.get(incident.name)
    return replace(incident, group=key, says=None if key is None else _text(decision, incident))


def target_state(outcome: Outcome, memory: Memory, channels: Sequence[Channel], now: datetime) -> TargetState:
    """Give what people are to know through the groups of a target whose *memory* is as it is after *outcome*."""
    is_total = is_all_unknown(outcome.news.report, memory.incidents)
    listed, kept, ended = list[tuple[str, MemberIncident]](), set[str](), dict[str, str]()
    for incident in memory.incidents:
        notified = incident.notified
        if incident.group is not None and notified is not None:
            silence = silence_of(incident, memory.silences, now) if incident.is_open else None
            listed.append((incident.group, _listed(incident, notified, silence, channels, now, is_total=is_total)))
        elif notified is not None:
            ended[incident.name] = _ON_ITS_OWN
        elif incident.is_open or incident.unsure:
            kept.add(incident.name)
        else:
            ended[incident.name] = incident.says or RESOLVED
    return TargetState(tuple(listed), frozenset(kept), ended, outcome.complete)


def _listed(
    incident: Incident,
    notified: Notified,
    silence: Silence | None,
    channels: Sequence[Channel],
    now: datetime,
    *,
    is_total: bool,
) -> MemberIncident:
    """As people were to be notified of it last: what is held back since then is held back here, too."""
    until = "" if silence is None else f"until {moment(silence.until, now)}: {silence.because}"
    return MemberIncident(
        incident.name,
        incident.since,
        notified.severity,
        incident.says or plain_name(incident.name),
        f"{notified.digest}{' flapping' if incident.flapping else ''}",
        tuple(channel.name for channel in channels if notified.worst.value in channel.severities),
        is_total and incident.name.startswith(UNKNOWN_CHECK),
        None if silence is None else f"silenced by {silence.who} {until}",
    )


def _text(decision: Decision, incident: Incident) -> str:
    """Give what a group says of *incident*: what is wrong, or why it ended."""
    if decision.why is Why.WORKS_AGAIN:
        return RESOLVED
    if decision.why is Why.RESOLVED:
        return decision.because or RESOLVED
    findings = decision.findings or incident.findings
    worst = min(findings, key=lambda finding: finding.severity.rank, default=None)
    text = decision.because or plain_name(incident.name) if worst is None else short(worst)
    return f"{text[:_LONGEST_TEXT]}{FLAPPING if decision.why is Why.FLAPPING else ''}"


def _of_migrations(new: Sequence[Decision]) -> dict[str, str]:
    """Give all new incidents of migrations the key of the one that matters: the worst, a cause, the newest."""
    found = [(worst, each) for each in new if (worst := _worst(each)) is not None and row_of(worst.code).of_migration]
    if not found:
        return {}
    first = max(found, key=lambda pair: (-pair[0].severity.rank, not pair[0].because, pair[0].subject))[0]
    return {decision.incident: _key(first.incident, first.code) for _, decision in found}


def _of_servers(new: Sequence[Decision], server: str | None) -> dict[str, str]:
    worst = {each.incident: _worst(each) for each in new}
    return {
        name: _key(name, f"{finding.code} {server}")
        for name, finding in worst.items()
        if server is not None and finding is not None and row_of(finding.code).check == "server"
    }


def _of_unreachable(new: Sequence[Decision], report: Report) -> dict[str, str]:
    """Give unknown checks the key of the server that could not be reached."""
    servers = {
        f"{UNKNOWN_CHECK}{check.name}": check.unknown.server for check in report.checks if check.unknown is not None
    }
    return {
        each.incident: f"{UNKNOWN_CHECK}on {servers[each.incident]}"
        for each in new
        if each.incident.startswith(UNKNOWN_CHECK) and servers.get(each.incident)
    }


def _of_consequences(decisions: Sequence[Decision], groups: Mapping[str, str], report: Report) -> dict[str, str]:
    """Give what is caused by an incident of a group the key of that group."""
    findings = {finding.key: finding for finding in report.findings}
    keys = {}
    for decision in decisions:
        waiting, seen = [cause.key for finding in decision.findings for cause in finding.because], set[str]()
        while waiting:
            cause = findings.get(waiting.pop(0))
            if cause is None or cause.key in seen:
                continue
            seen.add(cause.key)
            if cause.incident in groups:
                keys[decision.incident] = groups[cause.incident]
                break
            waiting += [each.key for each in cause.because]
    return keys


def _key(incident: str, what: str) -> str:
    return f"{incident} · {what}"


def is_about(key: str, incident: str) -> bool:
    """Say whether it is *incident* that gave *key*, and others go with it."""
    return key.startswith(f"{incident} · ")


def _worst(decision: Decision) -> Finding | None:
    return min(decision.findings, key=lambda finding: finding.severity.rank, default=None)
