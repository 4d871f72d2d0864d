"""What becomes of the incident groups with the state of a target, and when they have something to send. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ...model.alerts import AlertSettings
from ...model.groups import RESOLVED, IncidentGroup, Listed, Member, MemberIncident, TargetState
from ...model.memory import Memory
from ...model.message import Change
from ...model.news import UNKNOWN_CHECK
from ...model.value import replace
from ..messages.parts import thread
from .grouping import is_about

# Joins and leaves of a group whose message was sent wait for so long, and go out in one message.
UPDATE_EVERY = timedelta(minutes=15)
# A channel that did not take a message of the groups is tried again with the next run after so long.
_TRY_AGAIN = timedelta(minutes=4, seconds=30)


def with_target(memory: Memory, target: str, state: TargetState, now: datetime) -> Memory:
    """Give the *memory* of the groups where *target* is in *state*, whatever it was in before."""
    groups = [_with_target(group, target, state) for group in memory.groups]
    known = {group.key for group in groups}
    for key in dict.fromkeys(key for key, _ in state.listed if key not in known):
        incidents = [incident for each, incident in state.listed if each == key]
        groups.append(_opened(key, target, incidents, {group.thread for group in groups}))
    kept = (_with_news(group, now) for group in groups if group.members)
    return replace(memory, groups=tuple(kept), lost=None)


def _opened(key: str, target: str, incidents: Sequence[MemberIncident], threads: set[str]) -> IncidentGroup:
    first = min(incidents, key=lambda each: (not is_about(key, each.name), each.severity.rank))
    own = thread(first.name, first.since)
    own = f"{own} on {target}" if own in threads else own
    return IncidentGroup(key, target, first.name, first.since, own, (_member(target, incidents, None, ""),))


def _with_target(group: IncidentGroup, target: str, state: TargetState) -> IncidentGroup:
    """Give *group* with *target* as it is now; one that has nothing open and that no channel knows leaves."""
    before = group.member(target)
    incidents, because = _incidents_now(group.key, () if before is None else before.incidents, state)
    if before is None and not incidents:
        return group
    member = _member(target, incidents, before, because)
    others = [member if each.target == target else each for each in group.members]
    members = others if before is not None else [*others, member]
    members = [each for each in members if each.incidents or each.listed]
    return replace(group, members=tuple(members), most=max(group.most, sum(bool(each.incidents) for each in members)))


def _incidents_now(
    group: str, before: Sequence[MemberIncident], state: TargetState
) -> tuple[Sequence[MemberIncident], str]:
    """Give the incidents of a target in the *group* of this key, and why one of those *before* ended."""
    incidents = {incident.name: incident for key, incident in state.listed if key == group}
    elsewhere = {incident.name for key, incident in state.listed if key != group}
    because = ""
    for each in before:
        if each.name in incidents:
            # It is the same to people, also where a run that could not be saved had found it first.
            incidents[each.name] = replace(incidents[each.name], since=each.since)
        elif each.name in state.ended or each.name in elsewhere:
            because = state.ended.get(each.name, RESOLVED)
        elif each.name in state.kept or not state.complete:
            incidents[each.name] = each
    return list(incidents.values()), because


def _member(target: str, incidents: Sequence[MemberIncident], before: Member | None, because: str) -> Member:
    if not incidents:
        assert before is not None  # noqa: S101  # for the type checker
        return replace(before, incidents=(), ended=because or before.ended or RESOLVED)
    since = min(each.since for each in incidents) if before is None or not before.incidents else before.since
    worst = min((each.severity for each in incidents), key=lambda each: each.rank)
    return Member(target, tuple(incidents), since, worst, () if before is None else before.listed)


def _with_news(group: IncidentGroup, now: datetime) -> IncidentGroup:
    """Give *group* that knows since when it has something to send."""
    since = None if not _has_news(group) else group.news_since or now
    return group if since == group.news_since else replace(group, news_since=since)


def _has_news(group: IncidentGroup) -> bool:
    is_changed = any(_change_of(group, channel) is not None for channel in _channels_of_group(group))
    return is_changed or (is_silenced(group) and not group.acknowledged)


def change_to_send(group: IncidentGroup, channel: str, alerts: AlertSettings, now: datetime) -> Change | None:
    """Give what a message about *group* says to *channel* now; None where it gets none."""
    change = _change_of(group, channel)
    if change is Change.RESOLVED or change is Change.OPENED:
        return change
    is_known = any(member.known_to(channel) for member in group.members)
    if is_known and is_silenced(group):
        return None if group.acknowledged else Change.ACKNOWLEDGED
    if change is not None or not is_known:
        return change
    at = _reminds_at(group, alerts, now)
    return Change.REMINDER if at is not None and at <= now else None


def _change_of(group: IncidentGroup, channel: str) -> Change | None:
    """Give what is different from what *channel* knows of *group*."""
    known = [member for member in group.members if member.known_to(channel)]
    is_open = [member for member in group.members if member.of(channel)]
    if not known:
        return Change.OPENED if any(member.silence is None for member in is_open) else None
    if not is_open:
        return Change.RESOLVED
    # Of a target that is silenced, who does not know of it is not notified.
    concerned = (member for member in group.members if member.known_to(channel) or member.silence is None)
    is_changed = any(member.states(channel) != member.known_to(channel) for member in concerned)
    return Change.CHANGED if is_changed else None


def _channels_of_group(group: IncidentGroup) -> Iterator[str]:
    """Name the channels that know of *group*, or are to."""
    receiving = (channel for member in group.members for each in member.incidents for channel in each.channels)
    knowing = (each.channel for member in group.members for each in member.listed)
    yield from dict.fromkeys([*knowing, *receiving])


def is_silenced(group: IncidentGroup) -> bool:
    """Say whether every open member is silenced."""
    is_open = [member for member in group.members if member.incidents]
    return bool(is_open) and all(member.silence is not None for member in is_open)


def sent_of(group: IncidentGroup, now: datetime) -> IncidentGroup | None:
    """Give *group* once all that was due is on its way; None where it is over."""
    members = tuple(replace(member, listed=tuple(_listed(member))) for member in group.members if member.incidents)
    if not members:
        return None
    severity = min((member.severity for member in members), key=lambda each: each.rank)
    acknowledged = is_silenced(group)
    return replace(group, members=members, severity=severity, sent_at=now, news_since=None, acknowledged=acknowledged)


def _listed(member: Member) -> Iterator[Listed]:
    """Say which channels know of *member* once all was sent: of what is silenced, only those that did before."""
    knowing = {each.channel for each in member.listed}
    for channel in dict.fromkeys(channel for each in member.incidents for channel in each.channels):
        if channel in knowing or member.silence is None:
            yield Listed(channel, member.states(channel))


def given_up(group: IncidentGroup, channel: str, now: datetime) -> IncidentGroup:
    """Give *group* where *channel* is notified once more: nobody received what was last sent."""
    members = tuple(
        replace(member, listed=tuple(each for each in member.listed if each.channel != channel))
        for member in group.members
    )
    return _with_news(replace(group, members=members), now)


def sends_at(
    memory: Memory, alerts: AlertSettings, now: datetime, gather: timedelta, *, reminds: bool = False
) -> datetime | None:
    """Give when something is to be sent, or a channel to be tried again; a reminder counts where *reminds*."""
    due = (due_at(each, alerts, now, gather) for each in memory.groups if reminds or each.news_since is not None)
    moments = [at for at in due if at is not None]
    if memory.undelivered:
        moments.append(_after(memory.flushed_at, _TRY_AGAIN, now))
    return min(moments, default=None)


def due_at(group: IncidentGroup, alerts: AlertSettings, now: datetime, gather: timedelta) -> datetime | None:
    """Give when the next message of *group* is due: what opens it, after *gather*.

    A clock that was ahead delays nothing.
    """
    if group.news_since is None:
        return _reminds_at(group, alerts, now)
    since = _after(group.news_since, timedelta(0), now)
    changes = {_change_of(group, channel) for channel in _channels_of_group(group)}
    if Change.RESOLVED in changes or (is_silenced(group) and not group.acknowledged):
        return since
    worst = min((m.severity.rank for m in group.members if m.incidents and m.silence is None), default=99)
    is_worse = group.severity is not None and worst < group.severity.rank
    if Change.OPENED in changes or is_worse or group.sent_at is None:
        return _after(group.news_since, gather, now)
    if group.only_member is not None:
        return since
    return max(since, _after(group.sent_at, UPDATE_EVERY, now))


def _reminds_at(group: IncidentGroup, alerts: AlertSettings, now: datetime) -> datetime | None:
    """Give when people are reminded of *group*: its members are found again and again, the group is one message."""
    if group.sent_at is None or is_silenced(group):
        return None
    hours = alerts.blind_reminder_hours if group.key.startswith(UNKNOWN_CHECK) else alerts.reminder_hours
    return _after(group.sent_at, timedelta(hours=hours), now)


def _after(moment: datetime | None, pause: timedelta, now: datetime) -> datetime:
    """Give when *pause* is over since *moment*: it is where a clock wrote that was ahead, or it would never end."""
    return now if moment is None or moment > now else moment + pause
