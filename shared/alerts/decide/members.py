"""What becomes of the incident groups when a run hands its messages over, and when they are due. Pure.

A target that joins or leaves a group is handed over as often as its run is repeated, and changes nothing twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from ...model.alerts import AlertSettings
from ...model.groups import RESOLVED, IncidentGroup, Listed, Member, MemberIncident
from ...model.memory import Memory, Undelivered
from ...model.message import Change, Event
from ...model.news import UNKNOWN_CHECK
from ...model.value import dataclass
from ..messages.parts import thread
from .grouping import is_about, is_listed

# Joins and leaves of a group whose message was sent wait for so long, and go out in one message.
UPDATE_EVERY = timedelta(minutes=15)
# A channel that did not take a message of the groups is tried again with the next run after so long.
_TRY_AGAIN = timedelta(minutes=4, seconds=30)
# One document holds all groups: what does not fit is sent by its target, as if there were no groups.
MOST_MEMBERS, MOST_GROUPS = 1_000, 100
# A run hands over again what it handed over before it died.
_MOST_HANDED_OVER = 500
_ON_ITS_OWN = "has messages of its own"


@dataclass(frozen=True, slots=True)
class _Received:
    """What became of an incident, and the *channels* that receive it."""

    event: Event
    channels: tuple[str, ...]


def handed_over(memory: Memory, target: str, entries: Sequence[Undelivered]) -> Memory:
    """Give the *memory* of the groups once a run of *target* has handed over *entries*, its messages by channel."""
    known = set(memory.handed_over)
    new = [each for each in entries if each.message.id not in known]
    for _, lines in groupby(new, lambda each: (each.message.written_at, each.group)):
        memory = _with_run(memory, target, list(lines))
    ids = dict.fromkeys([*memory.handed_over, *(each.message.id for each in new)])
    return replace(memory, handed_over=tuple(ids)[-_MOST_HANDED_OVER:])


def synced(memory: Memory, target: str, known: Mapping[str, str | None], at: datetime) -> Memory:
    """Give *memory* where the members of *target* are as its run *at* that moment left it.

    *known* are the incidents that the groups notify people of, each with who silenced it. What opened later is not
    among them: another run of the target may have handed it over since.
    """
    groups = []
    for group in memory.groups:
        member = group.member(target)
        now = member and _synced(member, known, at)
        groups.append(group if now is None or now == member else _with_member(group, now))
    return memory if tuple(groups) == memory.groups else replace(memory, groups=tuple(groups))


def _synced(member: Member, known: Mapping[str, str | None], at: datetime) -> Member:
    incidents = tuple(
        replace(each, silence=known.get(each.name)) if each.name in known else each
        for each in member.incidents
        if each.name in known or each.since > at
    )
    is_over = bool(member.incidents) and not incidents
    return replace(member, incidents=incidents, ended=_ON_ITS_OWN if is_over else member.ended)


def is_due(memory: Memory, now: datetime) -> bool:
    """Say whether a group has something to send, or a channel is to be tried again."""
    if any(_has_come(group, now) for group in memory.groups):
        return True
    is_waiting = any(each.group is None for each in memory.undelivered)
    passed = None if memory.flushed_at is None else now - memory.flushed_at
    return is_waiting and (passed is None or not timedelta(0) <= passed < _TRY_AGAIN)


def due_groups(memory: Memory, now: datetime) -> list[IncidentGroup]:
    return [group for group in memory.groups if _has_come(group, now)]


def change_to_send(group: IncidentGroup, channel: str) -> Change | None:
    """Give what a message about *group* says to *channel* now; None where it gets none.

    Where there has been one member only, its own messages do. That all of it is silenced is for channels that
    acknowledge.
    """
    change = _change_of(group, channel)
    if change is Change.RESOLVED or change is Change.OPENED:
        return change if group.shared else None
    is_known = any(member.known_to(channel) for member in group.members)
    if is_known and is_silenced(group):
        return None if group.acknowledged else Change.ACKNOWLEDGED
    if not group.shared:
        return None
    return change or (Change.REMINDER if is_known and group.reminds else None)


def _change_of(group: IncidentGroup, channel: str) -> Change | None:
    """Give what is different from what *channel* knows of *group*."""
    known = [member for member in group.members if member.known_to(channel)]
    is_open = [member for member in group.members if member.of(channel)]
    if not known:
        return Change.OPENED if any(member.silence is None for member in is_open) else None
    if not is_open:
        return Change.RESOLVED
    concerned = {member.target: member for member in (*known, *is_open)}
    is_changed = any(member.state(channel) != member.known_to(channel) for member in concerned.values())
    return Change.CHANGED if is_changed else None


def _channels_of_group(group: IncidentGroup) -> list[str]:
    """Name the channels that know of *group*, or are to."""
    receiving = (channel for member in group.members for each in member.incidents for channel in each.channels)
    knowing = (each.channel for member in group.members for each in member.listed)
    return list(dict.fromkeys([*knowing, *receiving]))


def is_silenced(group: IncidentGroup) -> bool:
    """Say whether every open member is silenced."""
    is_open = [member for member in group.members if member.incidents]
    return bool(is_open) and all(member.silence is not None for member in is_open)


def released(group: IncidentGroup, undelivered: Iterable[Undelivered]) -> list[Undelivered]:
    """Give *undelivered*; in it the messages of the only member of *group* wait no more."""
    return [replace(each, group=None) if each.group == group.thread else each for each in undelivered]


def sent_of(group: IncidentGroup, now: datetime) -> IncidentGroup | None:
    """Give *group* once all that was due is on its way; None where it is over."""
    members = tuple(replace(member, listed=_listed(member)) for member in group.members if member.incidents)
    if not members:
        return None
    severity = min((member.severity for member in members), key=lambda each: each.rank)
    acknowledged = is_silenced(group)
    return replace(
        group,
        members=members,
        beside=tuple(_beside(group)),
        severity=severity,
        sent_at=now,
        due=None,
        reminds=False,
        acknowledged=acknowledged,
    )


def _listed(member: Member) -> tuple[Listed, ...]:
    """Say which channels know of *member* once all was sent: of what is silenced, only those that did before."""
    receiving = [] if member.silence else [channel for each in member.incidents for channel in each.channels]
    channels = dict.fromkeys([*(each.channel for each in member.listed), *receiving])
    return tuple(Listed(channel, member.state(channel)) for channel in channels)


def _beside(group: IncidentGroup) -> Iterator[MemberIncident]:
    """Give the incidents beside that of the group that the messages of its only member have opened."""
    if group.shared:
        over = group.over
        yield from (each for each in group.beside if each not in over)
    else:
        home = group.member(group.home)
        incidents = () if home is None else home.incidents
        yield from (each for each in incidents if (each.name, each.since) != (group.incident, group.since))


def given_up(group: IncidentGroup, channel: str) -> IncidentGroup:
    """Give *group* where *channel* is notified once more: nobody received what was last sent."""
    members = tuple(
        replace(member, listed=tuple(each for each in member.listed if each.channel != channel))
        for member in group.members
    )
    return replace(group, members=members, shared=True)


def _has_come(group: IncidentGroup, now: datetime) -> bool:
    # What a clock wrote that was ahead must hold nothing back.
    return group.due is not None and not now < group.due <= now + UPDATE_EVERY


def _with_run(memory: Memory, target: str, lines: Sequence[Undelivered]) -> Memory:
    """Give *memory* with what the messages of one run of *target* say, which are for the channels of *lines*."""
    events = _events(lines)
    group = _group_for(memory, target, [each.event for each in events], lines[0].group or "")
    if group is None:
        # No group knows of it, or there is no space: it is sent as it is.
        return _with_lines(memory, [replace(each, group=None) for each in lines])
    changed = _with_events(group, target, events)
    changed = replace(changed, shared=changed.shared or len(changed.members) > 1)
    others = {each.thread: each for each in memory.groups}
    memory = replace(memory, groups=tuple((others | {group.thread: changed}).values()))
    if not changed.shared:
        return _with_lines(memory, [replace(each, group=group.thread) for each in lines])
    left = tuple(each for each in memory.undelivered if each.group != group.thread)
    return replace(memory, undelivered=left)


def _events(lines: Iterable[Undelivered]) -> list[_Received]:
    """Give what became of each incident, with the channels that receive it: some receive more than others."""
    channels: dict[str, list[str]] = {}
    events: dict[str, Event] = {}
    for line in lines:
        for event in filter(is_listed, line.message.events):
            events.setdefault(event.incident, event)
            channels.setdefault(event.incident, []).append(line.channel)
    return [_Received(event, tuple(dict.fromkeys(channels[name]))) for name, event in events.items()]


def _with_lines(memory: Memory, lines: Iterable[Undelivered]) -> Memory:
    known = {(each.channel, each.message.id) for each in memory.undelivered}
    new = [each for each in lines if (each.channel, each.message.id) not in known]
    return replace(memory, undelivered=(*memory.undelivered, *new))


def _group_for(memory: Memory, target: str, events: Sequence[Event], key: str) -> IncidentGroup | None:
    names = {event.incident for event in events}
    for group in memory.groups:
        member = group.member(target)
        if member is not None and any(incident.name in names for incident in member.incidents):
            return group
    opening = min(
        (event for event in events if event.change is not Change.RESOLVED),
        key=lambda event: (not is_about(key, event.incident), event.severity.rank),
        default=None,
    )
    if opening is None:
        return None
    open_groups = [group for group in memory.groups if any(member.incidents for member in group.members)]
    if sum(len(group.members) for group in memory.groups) >= MOST_MEMBERS:
        return None
    same = next((group for group in open_groups if group.key == key), None)
    if same is not None or len(memory.groups) >= MOST_GROUPS:
        return same
    return IncidentGroup(key, target, opening.incident, opening.since, _thread(memory, target, opening))


def _thread(memory: Memory, target: str, event: Event) -> str:
    """Give the thread of the first member's incident: its messages may be sent as they are."""
    taken = {group.thread for group in memory.groups}
    own = thread(event.incident, event.since)
    return own if own not in taken else f"{own} on {target}"


def _with_events(group: IncidentGroup, target: str, received: Sequence[_Received]) -> IncidentGroup:
    if received and all(each.event.change is Change.REMINDER for each in received):
        group = replace(group, reminds=True)
    member = group.member(target)
    incidents = {} if member is None else {each.name: each for each in member.incidents}
    ended = None if member is None else member.ended
    for each in received:
        event = each.event
        if event.change is not Change.RESOLVED:
            incidents[event.incident] = _incident(event, incidents.get(event.incident), each.channels)
        elif incidents.pop(event.incident, None) is not None:
            ended = event.text or RESOLVED
    if member is None:
        since = min(each.event.since for each in received)
        member = Member(target, (), since, min((e.event.severity for e in received), key=lambda worst: worst.rank))
    left = tuple(incidents.values())
    worst = min((each.severity for each in left), key=lambda each: each.rank, default=member.severity)
    return _with_member(group, replace(member, incidents=left, severity=worst, ended=None if left else ended))


def _incident(event: Event, before: MemberIncident | None, channels: tuple[str, ...]) -> MemberIncident:
    known = () if before is None else before.channels
    return MemberIncident(
        event.incident,
        event.since,
        event.severity,
        event.text or event.incident,
        tuple(dict.fromkeys([*known, *channels])),
        event.total,
        None if before is None else before.silence,
    )


def _with_member(group: IncidentGroup, member: Member) -> IncidentGroup:
    others = [member if each.target == member.target else each for each in group.members]
    members = tuple(others) if group.member(member.target) is not None else (*others, member)
    open_now = sum(bool(each.incidents) for each in members)
    return replace(group, members=members, most=max(group.most, open_now))


def scheduled(memory: Memory, alerts: AlertSettings, now: datetime, gather: timedelta) -> Memory:
    """Give *memory* where each group says when what it has to say is sent: what opens one, after *gather*."""
    groups = []
    for group in memory.groups:
        hours = alerts.blind_reminder_hours if group.key.startswith(UNKNOWN_CHECK) else alerts.reminder_hours
        is_late = group.sent_at is None or not timedelta(0) <= now - group.sent_at < timedelta(hours=hours) / 2
        # The members are reminded of at different moments, the group once.
        group = replace(group, reminds=group.reminds and is_late)  # noqa: PLW2901  # the same one
        at = _due(group, memory.undelivered, now, gather)
        groups.append(replace(group, due=at if at is None or group.due is None else min(group.due, at)))
    # Where no run of a member comes by, the timer has it sent.
    is_waiting = any(each.group is None for each in memory.undelivered)
    moments = [*(group.due for group in groups if group.due is not None), *([now + _TRY_AGAIN] if is_waiting else [])]
    return replace(memory, groups=tuple(groups), next_run_at=min(moments, default=None))


def _due(group: IncidentGroup, undelivered: Iterable[Undelivered], now: datetime, gather: timedelta) -> datetime | None:
    changes = {_change_of(group, channel) for channel in _channels_of_group(group)}
    if not group.shared:
        if any(each.group == group.thread for each in undelivered):
            return now + gather if group.sent_at is None else now
        return now if is_silenced(group) and not group.acknowledged else None
    if Change.RESOLVED in changes or (is_silenced(group) and not group.acknowledged):
        return now
    worst = min((m.severity.rank for m in group.members if m.incidents and m.silence is None), default=99)
    is_worse = group.severity is not None and worst < group.severity.rank
    if Change.OPENED in changes or is_worse or group.reminds:
        return now + gather
    if Change.CHANGED not in changes:
        return None
    return now if group.sent_at is None else max(now, min(group.sent_at, now) + UPDATE_EVERY)
