"""What one run has to send, decided but not yet in words."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from .finding import Finding, Severity
from .report import Report
from .value import dataclass

# The name of an incident of a check without a result begins so, before the check's name.
UNKNOWN_CHECK = "unknown "


class Why(StrEnum):
    """Why an incident is sent; *SILENCE_ENDED* where a silence broke or ran out."""

    OPENED = "opened"
    CHANGED = "changed"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    CANNOT_CHECK = "cannot check"
    WORKS_AGAIN = "works again"
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
    """One incident that is to be sent, and why.

    *findings* are those of this run; of a resolved incident, those last seen. *severity* is the
    worst that was sent of it, so that a channel that received the beginning receives the end. *notified* counts earlier
    messages, *received* is the worst severity in them. *because* completes the reason: why a check has no
    result, which silence ended. *total*: no check has a result.
    """

    incident: str
    why: Why
    severity: Severity
    since: datetime
    findings: tuple[Finding, ...] = ()
    notified: int = 0
    because: str | None = None
    received: Severity | None = None
    total: bool = False


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that is open and not sent now: known, held back, or silenced."""

    incident: str
    severity: Severity
    since: datetime
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class News:
    """All that is to be sent of one target after one run: one message, causes above consequences.

    *notes* are about the monitor itself: what it has forgotten. *acknowledged* is what was silenced since the last run.
    """

    report: Report
    decisions: tuple[Decision, ...]
    also_open: tuple[OpenIncident, ...] = ()
    next_run_at: datetime | None = None
    notes: tuple[str, ...] = ()
    acknowledged: tuple[OpenIncident, ...] = ()


@dataclass(frozen=True, slots=True)
class Week:
    """What the weekly card proves to have been checked; *unknown_for* is how long a check was unknown.

    *unseen* are channels where nobody has confirmed the weekly message for two weeks, and since when.
    *schema_changes* are sentences, the newest change first.
    """

    target: str
    begins: datetime
    ends: datetime
    runs: int
    failed_runs: int
    unknown_for: timedelta
    messages: int
    open: tuple[OpenIncident, ...]
    silences: tuple[Silence, ...]
    accepted: int
    unseen: Mapping[str, datetime] = field(default_factory=dict)
    schema_changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Jump:
    """What the clock did since the last run, at *since*; "forward" may be that nothing ran for so long."""

    direction: Literal["forward", "back"]
    since: datetime
    by: timedelta
