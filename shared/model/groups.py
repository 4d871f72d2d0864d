"""Incident groups: the same problem on several targets; people are notified once.

A group opens with an incident whose code and migration, or server, others may share. Each target that has it is a
*member*. `shared.alerts.groups` says how a message gets from a run of a target through a group to the channels.
"""

from datetime import datetime
from hashlib import sha256

from .finding import Severity
from .value import dataclass

# Why an incident ended that was fixed.
RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class MemberIncident:
    """An open incident of one target; *text* says what is wrong, *silence* who silenced it."""

    name: str
    since: datetime
    severity: Severity
    text: str
    channels: tuple[str, ...] = ()
    total: bool = False
    silence: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """What the last message to *channel* said of a member, as a digest."""

    channel: str
    state: str


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

    def known_to(self, channel: str) -> str | None:
        """Give what *channel* knows of it, as a digest; None where it does not."""
        return next((each.state for each in self.listed if each.channel == channel), None)

    @property
    def silence(self) -> str | None:
        """Who silenced the target, where all its incidents are silenced."""
        silences = [incident.silence for incident in self.incidents]
        return silences[0] if silences and all(silences) else None

    def state(self, channel: str) -> str:
        """Give a digest of what a message to *channel* would say of it."""
        says = [f"{e.name} {e.since.isoformat()} {e.severity} {e.text} {e.silence}" for e in self.of(channel)]
        return sha256("\n".join([*says, self.ended or ""]).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class IncidentGroup:
    """*home* is the target that opened it, with *incident* *since* then; they give its *thread*, the same to its end.

    *shared* is set once there was a second member. Until then the messages of the only one are sent as they are:
    *beside* are the other incidents that they opened, whose ends are to be sent too.

    *most* is how many members it had at once. *severity* is the worst that was sent, at *sent_at*. Something is to be
    sent at *due*. *reminds*: a reminder of a member is due. *acknowledged*: channels know that all of it is silenced.
    """

    key: str
    home: str
    incident: str
    since: datetime
    thread: str
    members: tuple[Member, ...] = ()
    shared: bool = False
    beside: tuple[MemberIncident, ...] = ()
    most: int = 1
    severity: Severity | None = None
    sent_at: datetime | None = None
    due: datetime | None = None
    reminds: bool = False
    acknowledged: bool = False

    def member(self, target: str) -> Member | None:
        return next((member for member in self.members if member.target == target), None)

    @property
    def over(self) -> tuple[MemberIncident, ...]:
        """Give what of *beside* has ended."""
        home = self.member(self.home)
        known = set() if home is None else {(each.name, each.since) for each in home.incidents}
        return tuple(each for each in self.beside if (each.name, each.since) not in known)
