"""The result of one run, complete and ready to be formatted."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from .diagnosis import MigrationStatus
from .finding import Finding, Severity
from .knowledge import Unavailable
from .last_seen import LastSeen
from .plan import Plan
from .release import Stale
from .schema import Schema
from .setting_types import Leaves
from .value import dataclass
from .watching import Seen
from .ways_back import WayBack


class Verdict(StrEnum):
    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


WORST_FIRST = (Verdict.FAILED, Verdict.UNKNOWN, Verdict.WARNING, Verdict.PASSED, Verdict.SKIPPED)
# When a pipeline asks: of a candidate ``before`` its deployment, or of production ``after`` it.
Phase = Literal["before", "after"]


class Trigger(StrEnum):
    SCHEDULE = "schedule"
    VERIFY = "verify"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check ended. *unknown* is set exactly where *verdict* is unknown."""

    name: str
    verdict: Verdict
    took: timedelta
    findings: tuple[Finding, ...] = ()
    unknown: Unavailable | None = None

    @property
    def unknown_because(self) -> str | None:
        return None if self.unknown is None else self.unknown.because


@dataclass(frozen=True, slots=True)
class ReleaseSummary:
    """What production was compared with; the words are those of `Release`."""

    version: str | None
    source: str
    digest: str
    migrations: int
    origin: str = ""
    instead_of: tuple[str, ...] = ()
    stale: Stale | None = None
    folder: str = ""


@dataclass(frozen=True, slots=True)
class ReplicaSummary:
    """How far the standby that was read is behind its primary; None where that could not be read."""

    caught_up: bool | None
    receives: bool | None
    replay_paused: bool | None
    last_replay_seconds: float | None


@dataclass(frozen=True, slots=True)
class DatabaseSummary:
    """*replica* is None on a primary. *another_server*: not the one of the check before.

    *pooled*: read through a pool that gives each transaction any server session. *role_powers* is what the monitor's
    own role could do to the server itself: ``is a superuser``.
    """

    name: str
    schema: str
    server_version: str
    applied: int | None
    replica: ReplicaSummary | None = None
    another_server: bool = False
    pooled: bool = False
    role_powers: str | None = None


@dataclass(frozen=True, slots=True)
class ServerSummary:
    """What Azure says of the database's server; None where it does not say."""

    name: str
    state: str
    version: str | None
    high_availability: str | None
    backup_days: int | None
    geo_backup: bool | None
    public_access: bool
    earliest_restore: datetime | None = None


@dataclass(frozen=True, slots=True)
class AppSummary:
    """What people meet of the app: the revision with most of the traffic.

    *version* is its release, None where the image does not say; *is_release* whether that is the one
    that it was compared with. *database* is the app's own, *not_compared* why that is not known.
    """

    name: str
    revision: str | None
    traffic: int | None
    image: str | None
    version: str | None
    digest: str | None
    healthy: bool
    is_release: bool | None
    database: str | None
    not_compared: str | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a *pattern* of the settings leaves out of the comparison: it belongs to something else, *because* of what.

    *objects* counts it: tables with their columns, indexes and so on. *compared* is what the pattern matches too, but
    migrations make: that is compared.
    """

    pattern: str
    because: str
    objects: int
    compared: tuple[str, ...] = ()
    leaves: Leaves = "tables"

    def __str__(self) -> str:
        return self.pattern if self.leaves == "tables" else f"{self.leaves} {self.pattern}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was compared, what could not be, and what was not even tried.

    *opaque* says of each object what of it is not known, and why. *uncompared* are those of them that leave the schema
    check unknown: whether they exist, or what they hold, could not be compared. *accepted* counts the findings that the
    settings accept; *expired* are accepted keys whose last day has passed, with that day, and *unmatched* those that
    accept nothing. *elsewhere* is left out since it belongs to something else.
    """

    objects: int
    kinds: Mapping[str, int]
    opaque: Mapping[str, str]
    accepted: int
    not_compared: tuple[str, ...]
    uncompared: tuple[str, ...] = ()
    expired: Mapping[str, str] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()
    elsewhere: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class MigrationDay:
    """The migrations that Prisma began to run on a day in UTC, which begins *at* then: how many *ran*, and *failed*.

    *took* is the time of those that ran.
    """

    at: datetime
    ran: int
    took: timedelta
    failed: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was counted in a seeded table, or how long an endpoint took to answer, beside what was *expected*.

    *value* is None where nothing was measured. *because* is a sentence: why *verdict* is not "passed", or that the
    settings accept it.
    """

    kind: Literal["seed", "endpoint"]
    name: str
    expected: str
    value: float | None
    unit: Literal["rows", "ms"]
    verdict: Verdict
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What one run says of one target; *started_at* is in UTC."""

    target: str
    trigger: Trigger
    phase: Phase | None
    started_at: datetime
    took: timedelta
    release: ReleaseSummary | None
    database: DatabaseSummary | None
    checks: tuple[CheckResult, ...]
    migrations: tuple[MigrationStatus, ...]
    coverage: Coverage | None
    # What the next run compares with; None where nothing is remembered, and for a broken target.
    seen: LastSeen | None = None
    server: ServerSummary | None = None
    app: AppSummary | None = None
    # Set where the target sleeps: then only its server was checked.
    sleeps_until: datetime | None = None
    # What the next deployment does; None where there is nothing to deploy, or the settings want no plan.
    plan: Plan | Unavailable | None = None
    # Which earlier releases run on production's schema, newest first, where any are known.
    ways_back: tuple[WayBack, ...] = ()
    # Every seed and endpoint that the settings name, in their order.
    measured: tuple[Measurement, ...] = ()
    # Those of the last 30 days on which any ran, oldest first; None where the history was not read.
    migration_days: tuple[MigrationDay, ...] | None = None
    # The database's schema as it is, for who compares it with that of another run; None where it was not read.
    schema: Schema | None = None
    # What the running deployment did; None where none ran and none was announced.
    deployment: Seen | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for check in self.checks for finding in check.findings)

    @property
    def unreachable(self) -> bool:
        """Say whether the database's server could not be reached."""
        return any(check.unknown is not None and check.unknown.server for check in self.checks)

    @property
    def verdict(self) -> Verdict:
        """One critical finding fails it; else one unknown check leaves it unknown. Info changes nothing."""
        severities = {finding.severity for finding in self.findings}
        if Severity.CRITICAL in severities:
            return Verdict.FAILED
        if any(check.verdict is Verdict.UNKNOWN for check in self.checks):
            return Verdict.UNKNOWN
        return Verdict.WARNING if Severity.WARNING in severities else Verdict.PASSED
