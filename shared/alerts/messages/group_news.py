"""What one channel is to be sent of an incident group, before it is put into words."""

from collections.abc import Iterable

from ...model.finding import Severity
from ...model.groups import IncidentGroup, Member
from ...model.message import Change
from ...model.news import UNKNOWN_CHECK
from ...model.value import dataclass, replace


@dataclass(frozen=True, slots=True)
class GroupNews:
    """What some channels are to be sent of *group*: the *members* that are open and not silenced, the worst first.

    *joined* are those of them that the channels do not know, *ended* and *silenced* what is no longer listed: of these,
    *newly_silenced* since the last message. *known* is what the channels know of the only member, where there is one.
    """

    group: IncidentGroup
    change: Change
    members: tuple[Member, ...]
    joined: tuple[Member, ...]
    ended: tuple[Member, ...]
    silenced: tuple[Member, ...]
    newly_silenced: tuple[Member, ...]
    known: tuple[str, ...]
    severities: tuple[Severity, ...]

    @property
    def is_unknown(self) -> bool:
        return self.group.key.startswith(UNKNOWN_CHECK)


def group_news(group: IncidentGroup, channel: str, change: Change) -> GroupNews:
    """Give what *channel* is to be sent of *group*."""
    members = [_as_received(member, channel) for member in group.members]
    is_open = [member for member in members if member.incidents]
    known = [member for member in members if member.known_to(channel)]
    listed_now = _worst_first(member for member in is_open if member.silence is None)
    concerned = {member.target: member for member in (*is_open, *known)}.values()
    silenced = [member for member in concerned if member.silence is not None]
    severities = {member.severity for member in is_open or known}
    only = group.only_member
    return GroupNews(
        group,
        change,
        listed_now,
        tuple(member for member in listed_now if not member.known_to(channel)),
        tuple(member for member in concerned if not member.incidents),
        tuple(silenced),
        tuple(member for member in silenced if member.states(channel) != member.known_to(channel)),
        () if only is None else only.known_to(channel),
        tuple(sorted(severities, key=lambda severity: severity.rank)),
    )


def _worst_first(members: Iterable[Member]) -> tuple[Member, ...]:
    return tuple(sorted(members, key=lambda member: (member.severity.rank, member.since, member.target)))


def _as_received(member: Member, channel: str) -> Member:
    """Give *member* with those of its incidents that *channel* receives."""
    incidents = member.of(channel)
    worst = min((each.severity for each in incidents), key=lambda severity: severity.rank, default=member.severity)
    return replace(member, incidents=incidents, severity=worst)
