"""What one run has to tell, decided but not yet worded."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from .finding import Finding, Severity
from .report import Report
from .value import dataclass

# What the incident of a check that could not tell is called by, before the check's name.
BLIND = "unknown "


class Why(StrEnum):
    """Why an incident is spoken of; *SILENCE_ENDED* where a silence broke or ran out."""

    OPENED = "opened"
    CHANGED = "changed"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    CANNOT_SEE = "cannot see"
    SEES_AGAIN = "sees again"
    FLAPPING = "flapping"
    VERIFY = "verify"
    SILENCE_ENDED = "silence ended"


@dataclass(frozen=True, slots=True)
class Silence:
    """Somebody is on it: *incident* (None: the whole target) stays quiet until *until*, and in every report."""

    incident: str | None
    who: str
    because: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """One incident that is to be spoken of, and why.

    *findings* are those of this run; of a resolved incident, those last seen. *severity* is the
    worst that was told of it, so that who heard the beginning hears the end. *told* counts earlier
    messages, *heard* is the worst that was told in them. *because* completes the reason: what cannot be seen
    and why, which silence ended. *total*: no check has a result.
    """

    incident: str
    why: Why
    severity: Severity
    since: datetime
    findings: tuple[Finding, ...] = ()
    told: int = 0
    because: str | None = None
    heard: Severity | None = None
    total: bool = False


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that stands and is not spoken of now: known, held back, or silenced."""

    incident: str
    severity: Severity
    since: datetime
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class News:
    """All that is to be told of one target after one run: one message, causes above consequences.

    *notes* are about the monitor itself: what it has forgotten. *acknowledged* is what was silenced, for channels
    that acknowledge.
    """

    report: Report
    decisions: tuple[Decision, ...]
    also_open: tuple[OpenIncident, ...] = ()
    next_run_at: datetime | None = None
    notes: tuple[str, ...] = ()
    acknowledged: tuple[OpenIncident, ...] = ()


@dataclass(frozen=True, slots=True)
class Week:
    """What the weekly card proves that somebody looked at; *blind* is how long a check was unknown."""

    target: str
    begins: datetime
    ends: datetime
    runs: int
    failed_runs: int
    blind: timedelta
    messages: int
    open: tuple[OpenIncident, ...]
    silences: tuple[Silence, ...]
    accepted: int


@dataclass(frozen=True, slots=True)
class Jump:
    """What the clock did since the last run, at *since*; "forward" may be that nothing ran for so long."""

    direction: Literal["forward", "back"]
    since: datetime
    by: timedelta
