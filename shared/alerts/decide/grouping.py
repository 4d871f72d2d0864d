"""Which decisions of a run go to an incident group, and by which key: others may have the same problem. Pure.

A key is a code and a migration, or what concerns a server. All that one run opens about migrations goes by one key,
with what it causes: a bad release is one problem, however many findings it has on a target.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ...model.codes import row_of
from ...model.finding import Finding
from ...model.groups import RESOLVED
from ...model.memory import Memory, Undelivered
from ...model.message import Change, Event
from ...model.news import UNKNOWN_CHECK, Decision, News, OpenIncident, Why
from ...model.report import Report
from ..messages.parts import plain_name, short

# So many incidents of a target go to a group; the target itself notifies people of more.
MOST_INCIDENTS = 20
_LONGEST_TEXT = 200


def group_keys(news: News, memory: Memory, server: str | None) -> Mapping[str, str]:
    """Give by incident the key of the group that the decisions of *news* go to; *memory* is the one before them.

    What a group knows of stays with it. A new incident goes to a group where it has a key, or where its cause does.
    *server* names the database server of the target, where that is known.
    """
    before = {incident.name: incident.group for incident in memory.incidents if incident.group}
    known = {
        each.incident: before[each.incident] for each in news.decisions if each.notified and each.incident in before
    }
    new = [decision for decision in news.decisions if not decision.notified]
    keys = {**known, **_of_migrations(new), **_of_servers(new, server), **_of_unreachable(new, news.report)}
    followers = [each for each in new if each.findings and each.incident not in keys and each.why is not Why.VERIFY]
    keys |= _of_consequences(followers, {**before, **keys}, news.report)
    if keys:
        # The pipeline has its answer; people have the group.
        keys |= {each.incident: next(iter(keys.values())) for each in new if each.why is Why.VERIFY}
    space = MOST_INCIDENTS - sum(each.is_open and bool(each.group) for each in memory.incidents)
    fresh = [(name, key) for name, key in keys.items() if name not in known]
    return known | dict(fresh[: max(space, 0)])


def parted(news: News, keys: Mapping[str, str]) -> Iterator[tuple[str | None, News]]:
    """Give what of *news* the target itself notifies people of, with no key, and what goes to each group."""
    for key in (None, *dict.fromkeys(keys.values())):
        decisions = tuple(each for each in news.decisions if keys.get(each.incident) == key)
        others = tuple(
            OpenIncident(each.incident, each.severity, each.since)
            for each in news.decisions
            if keys.get(each.incident) != key and each.why not in {Why.RESOLVED, Why.WORKS_AGAIN, Why.VERIFY}
        )
        if decisions:
            yield key, replace(news, decisions=decisions, also_open=(*news.also_open, *others))


def with_groups(memory: Memory, news: News, keys: Mapping[str, str]) -> Memory:
    """Give *memory* where each incident of *news* says which group notifies people of it, if one does."""
    new = {decision.incident for decision in news.decisions if not decision.notified}
    incidents = (
        replace(each, group=keys.get(each.name)) if each.name in keys or each.name in new else each
        for each in memory.incidents
    )
    return replace(memory, incidents=tuple(incidents))


def without_groups(memory: Memory, entries: Iterable[Undelivered]) -> Memory:
    """Give *memory* where the target itself sends those of *entries* that open incidents, and all that follows on them.

    An empty key: a group may know of it all the same, and is to forget it. So no incident is sent by both: what shares
    one with an entry that only the group can send stays the group's.
    """
    entries = tuple(entries)
    said = [(each, event) for each in entries for event in each.message.events]
    opened = {(each.channel, event.incident) for each, event in said if event.change is Change.OPENED}
    of_group = {event.incident for each, event in said if (each.channel, event.incident) not in opened}
    own, left = list[Undelivered](), list(entries)
    while len(own) != len(left):
        own, left = (
            left,
            [each for each in left if of_group.isdisjoint(event.incident for event in each.message.events)],
        )
        of_group |= {event.incident for each in own if each not in left for event in each.message.events}
    names = {event.incident for each in own for event in each.message.events}
    incidents = (replace(each, group="") if each.name in names and each.group else each for each in memory.incidents)
    undelivered = (replace(each, group=None) if each in own else each for each in memory.undelivered)
    return replace(memory, incidents=tuple(incidents), undelivered=tuple(undelivered))


def with_texts(events: Sequence[Event], decisions: Sequence[Decision]) -> tuple[Event, ...]:
    """Give *events* with what a group says of each: what is wrong, or why it ended."""
    texts = {decision.incident: _text(decision) for decision in decisions}
    return tuple(replace(event, text=texts[event.incident][:_LONGEST_TEXT]) for event in events)


def _text(decision: Decision) -> str:
    if decision.why is Why.WORKS_AGAIN:
        return RESOLVED
    if decision.why is Why.RESOLVED:
        return decision.because or RESOLVED
    worst = min(decision.findings, key=lambda finding: finding.severity.rank, default=None)
    return decision.because or plain_name(decision.incident) if worst is None else short(worst)


def is_listed(event: Event) -> bool:
    """Say whether a group keeps the incident of *event*: nothing ends a verification."""
    return event.change is not Change.VERIFICATION


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
