"""Incident groups: the same problem on several targets; people are notified once.

A group opens with an incident whose code and migration, or server, others may share. Each target that has it is a
*member*. `shared.alerts.groups` says how what a run of a target finds gets to the channels.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from .digest import digest
from .finding import Severity
from .value import dataclass

# Why an incident ended that was fixed.
RESOLVED = "resolved"

_MARK = 8  # digits


@dataclass(frozen=True, slots=True)
class MemberIncident:
    """An incident of one target that people are to know as open.

    *text* says what is wrong, *digest* is another one where people are to be notified of it again. *channels* are those
    that receive it, *silence* says who silenced it. *total*: no check of the target has a result.
    """

    name: str
    since: datetime
    severity: Severity
    text: str
    digest: str
    channels: tuple[str, ...] = ()
    total: bool = False
    silence: str | None = None

    @property
    def state(self) -> str:
        """Give which incident this is, and what a message would say of it: two digests."""
        says = f"{self.severity} {self.digest} {self.silence}"
        return f"{mark_of(self.name)}:{digest(says, _MARK)}"


@dataclass(frozen=True, slots=True)
class TargetState:
    """What people are to know of one target: made from its memory in each run.

    *listed* has by the key of its group each incident that is open to people. Those in *kept* may be: they stay in
    their group as they are. *ended* says why others are over. What is in none of these is over if *complete*: all
    checks of the target had a result.
    """

    listed: tuple[tuple[str, MemberIncident], ...] = ()
    kept: frozenset[str] = frozenset()
    ended: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    """What the last message to *channel* said of a member: the state of each of its incidents."""

    channel: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One target of a group, with what it has open; *severity* is the worst of it.

    *listed* are the channels that know of it. *ended* is set once it has no incident left, until a message has said
    so: why.
    """

    target: str
    incidents: tuple[MemberIncident, ...]
    since: datetime
    severity: Severity
    listed: tuple[Listed, ...] = ()
    ended: str | None = None

    def of(self, channel: str) -> tuple[MemberIncident, ...]:
        """Give the open incidents that *channel* receives."""
        return tuple(incident for incident in self.incidents if channel in incident.channels)

    def known_to(self, channel: str) -> tuple[str, ...]:
        """Give what *channel* knows of it, as the states of incidents; none where it knows nothing."""
        return next((each.states for each in self.listed if each.channel == channel), ())

    def states(self, channel: str) -> tuple[str, ...]:
        """Give what *channel* is to know of it."""
        return tuple(sorted(incident.state for incident in self.of(channel)))

    @property
    def silence(self) -> str | None:
        """Who silenced the target, where all its incidents are silenced."""
        silences = [incident.silence for incident in self.incidents]
        return silences[0] if silences and all(silences) else None


@dataclass(frozen=True, slots=True)
class IncidentGroup:
    """*home* is the target that opened it, with *incident* *since* then; they give its *thread*, the same to its end.

    *most* is how many members it had at once. *severity* is the worst that was sent, at *sent_at*. Something was to be
    sent first at *news_since*, if it is. *acknowledged*: channels know that all of it is silenced.
    """

    key: str
    home: str
    incident: str
    since: datetime
    thread: str
    members: tuple[Member, ...] = ()
    most: int = 1
    severity: Severity | None = None
    sent_at: datetime | None = None
    news_since: datetime | None = None
    acknowledged: bool = False

    def member(self, target: str) -> Member | None:
        return next((member for member in self.members if member.target == target), None)

    @property
    def only_member(self) -> Member | None:
        """The target that opened it, where no other was ever a member with it."""
        return self.members[0] if self.most == 1 and [each.target for each in self.members] == [self.home] else None


def mark_of(incident: str) -> str:
    """Give what a state begins with that is of *incident*."""
    return digest(incident, _MARK)
