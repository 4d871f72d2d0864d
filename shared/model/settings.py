"""The shapes of the settings. They are filled from TOML by `shared.settings`, and from options by the CLI."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import field
from datetime import date, datetime, timedelta
from typing import ClassVar, Literal

from .alerts import AlertSettings, TargetAlerts
from .app import AppExpectation
from .audit import AuditSettings
from .azure import DEFAULT, Identity
from .commit_status import CommitStatusSettings
from .endpoint import EndpointExpectation
from .hours import SleepingHours, end_of
from .mistake import Mistake
from .release_settings import ReleaseSettings
from .seed import SeedExpectation
from .server import ServerExpectation
from .setting_types import (
    ONE_WILL_DO,
    STRICT,
    OneOrMore,
    Pattern,
    PrismaVersion,
    Secret,
    Timespan,
    Whole,
    YesNo,
    insist,
)
from .urls import is_container, is_host, is_vault
from .value import dataclass, replace

# What may be accepted: drift of the schema, what of it cannot be compared (`migration-monitor baseline` writes both),
# and what a deployment does that somebody wants it to do. Never that it fails.
OPAQUE = "opaque:"
ACCEPTABLE = (
    "schema-missing:", "schema-unexpected:", "schema-changed:", "index-invalid:", "constraint-not-valid:", OPAQUE,
    "privilege-missing:", "privilege-unexpected:", "owner-changed:",
    "deploy-blocks:", "deploy-loses-data:", "deploy-breaks-running-app:", "deploy-not-probed:",
    "deploy-fills-disk:", "deploy-outlasts-start:", "schema-prisma-ahead:",
)  # fmt: skip

_TWO_WEEKS = timedelta(days=14)
# No server has more (PostgreSQL's MAX_BACKENDS is 262,143).
_MOST_SESSIONS = 262_143

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """*url* in Prisma's own form, or *host*, *name* and *user* with an *identity* whose token is the password.

    *schema* wins over the URL's ``?schema=``, which wins over ``public``. *ssl_root_cert* is the file of
    those who may vouch for the server, Mozilla's authorities by default.
    """

    url: Secret | None = None
    host: str | None = field(default=None, metadata={"example": "app.postgres.database.azure.com"})
    port: Whole = 5432
    name: str | None = None
    user: str | None = None
    identity: Identity | None = None
    schema: str | None = None
    ssl_root_cert: str | None = None
    connect_timeout: Timespan = timedelta(seconds=10)
    statement_timeout: Timespan = timedelta(seconds=20)
    lock_timeout: Timespan = timedelta(seconds=2)
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        by_identity = (self.host, self.name, self.user, self.identity)
        insist(
            (
                self.url is not None or any(by_identity),
                '`url` is missing, e.g. url = "env:NAME"; or name `host`, `name`, `user` and `identity`',
            ),
            (self.url is None or not any(by_identity), "`url` excludes `host`, `name`, `user` and `identity`"),
            (
                self.url is not None or not any(by_identity) or all(by_identity),
                "without a `url`, all of `host`, `name`, `user` and `identity` are needed",
            ),
            (self.host is None or is_host(self.host), "`host` must be a server's name, without scheme and port"),
            (1 <= self.port <= 65535, "`port` must be 1 to 65535"),
            # libpq counts whole seconds here, and 0 is for ever.
            (SECOND <= self.connect_timeout <= MINUTE, "`connect_timeout` must be 1s to 1m"),
            # To PostgreSQL 0 is for ever.
            (
                timedelta(0) < self.statement_timeout <= 10 * MINUTE,
                "`statement_timeout` must be more than 0s, 10m at most",
            ),
            (timedelta(0) < self.lock_timeout <= MINUTE, "`lock_timeout` must be more than 0s, 1m at most"),
        )


@dataclass(frozen=True, slots=True)
class RemedySettings:
    """How the printed commands are framed: the *folder* to stand in and what to run *before* the first."""

    folder: str | None = None
    before: tuple[str, ...] = ()
    __pydantic_config__: ClassVar = STRICT


@dataclass(frozen=True, slots=True)
class AcceptedDrift:
    """A finding of the schema or of the deployment that is accepted: its *key*, *because* of what, *until* which day.

    ``opaque:SUBJECT`` accepts that SUBJECT cannot be compared: it no longer makes the schema check unknown.
    """

    key: str
    because: str
    until: date
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist((self.key.startswith(ACCEPTABLE), f"`key` must begin with one of {', '.join(ACCEPTABLE)}"))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What belongs to something else than the release, and *because* of what; it is not compared.

    Each of *tables* is ``SCHEMA.TABLE`` as PostgreSQL stores the names, ``*`` being any text. ``SCHEMA.*`` means the
    schema itself and all that is in it, as a name in *schemas* does. What the migrations make is compared all the same.
    """

    tables: tuple[str, ...] = field(default=(), metadata={"example": '["partman.*"]'})
    schemas: tuple[str, ...] = ()
    publications: tuple[str, ...] = ()
    subscriptions: tuple[str, ...] = ()
    because: str = field(kw_only=True)
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (bool(self.patterns), "name `tables`, `schemas`, `publications` or `subscriptions`"),
            *(
                (all(each.partition(".")[::2]), f"`tables`: {each!r} must be SCHEMA.TABLE, as in public.events_p*")
                for each in self.tables
            ),
        )

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Each pattern, with what it leaves out."""
        return (
            *(("tables", each) for each in self.tables),
            *(("schemas", each) for each in self.schemas),
            *(("publications", each) for each in self.publications),
            *(("subscriptions", each) for each in self.subscriptions),
        )


@dataclass(frozen=True, slots=True)
class BaselineOfPrivileges:
    """What others than the migrations grant, as *sql* run *after* one of them: GRANT, REVOKE, OWNER TO and the like."""

    after: str
    sql: str
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist((bool(self.after), "`after` is empty"))


@dataclass(frozen=True, slots=True)
class Target:
    """A production database beside its release, its seeds and its API.

    *name* is any text here: without a settings file it is the database's own. Of *releases* and of
    *ahead* the first source that answers is read. *vault* holds what is named ``vault:NAME``. In the
    hours of *sleep*, and before *paused_until*, only its server is checked. *prisma* is the version that
    deploys: it decides whether a migration file runs statement by statement (7.4 and later) or as one batch.
    *plan* predicts the next deployment: from the catalog, and around deployments from the rows too; ``hourly`` looks at
    the rows on a schedule as well, once a day for the same pending migrations. A table that a deployment blocks for
    longer than *max_block* is a finding; more than *queue_alert* sessions that have waited for so long are critical.
    *compare_privileges* with what the migrations grant over *grants*, the baseline. What *app_role* lacks is critical;
    where it is not named, the role that deploys is the application's.
    """

    name: str
    releases: OneOrMore[ReleaseSettings] = field(metadata=ONE_WILL_DO)
    database: DatabaseSettings
    ahead: OneOrMore[ReleaseSettings] = field(default=(), metadata=ONE_WILL_DO)
    vault: str | None = None
    identity: Identity = DEFAULT
    policy: Literal["migrate-first", "deploy-migrates"] = "migrate-first"
    prisma: PrismaVersion | None = field(default=None, metadata={"example": "7.10"})
    plan: Literal["off", "deploy", "hourly"] = "deploy"
    max_block: Timespan = timedelta(seconds=5)
    queue_alert: Whole = 10
    patience: Timespan = timedelta(minutes=15)
    interval: Timespan = timedelta(hours=1)
    deadline: Timespan = timedelta(seconds=90)
    privileges: YesNo = True
    compare_schema: YesNo = True
    compare_privileges: YesNo = False
    app_role: str | None = field(default=None, metadata={"example": "app"})
    grants: BaselineOfPrivileges | None = None
    seeds: tuple[SeedExpectation, ...] = ()
    endpoints: tuple[EndpointExpectation, ...] = ()
    server: ServerExpectation | None = None
    app: AppExpectation | None = None
    audit: AuditSettings | None = None
    sleep: OneOrMore[SleepingHours] = field(default=(), metadata=ONE_WILL_DO)
    paused_until: datetime | None = None
    elsewhere: tuple[Elsewhere, ...] = ()
    accepted: tuple[AcceptedDrift, ...] = ()
    remedy: RemedySettings = RemedySettings()
    commit_status: CommitStatusSettings | None = None
    alerts: TargetAlerts = field(default_factory=TargetAlerts)
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (timedelta(0) < self.max_block <= HOUR, "`max_block` must be more than 0s, 1h at most"),
            (1 <= self.queue_alert <= _MOST_SESSIONS, f"`queue_alert` must be 1 to {_MOST_SESSIONS:,}"),
            (self.patience <= 24 * HOUR, "`patience` must be 24h at most"),
            (
                self.compare_schema or not self.compare_privileges,
                "`compare_privileges` needs `compare_schema`: the schema says on what something may be granted",
            ),
            (
                self.compare_privileges or (self.grants is None and self.app_role is None),
                "`app_role` and `grants` say nothing without `compare_privileges = true`",
            ),
            # The timer that looks for due targets comes every 5 minutes.
            (5 * MINUTE <= self.interval <= 24 * HOUR, "`interval` must be 5m to 24h"),
            (5 * SECOND <= self.deadline <= 10 * MINUTE, "`deadline` must be 5s to 10m"),
            (bool(self.releases), "`release` names no source"),
            (self.vault is None or is_vault(self.vault), "`vault` must be like https://example.vault.azure.net"),
            (
                self.app is not None or not any(map(_needs_app, (*self.releases, *self.ahead))),
                "`app` is missing: an image without `image` is the one that runs there",
            ),
            (
                self.audit is None or self.server is not None,
                "`server` is missing: `audit` reads the log of that server",
            ),
            (
                self.paused_until is None or self.paused_until.tzinfo is not None,
                "`paused_until` must have a timezone, as in 2026-12-06T04:00:00Z",
            ),
            # What is found is known by these names from run to run.
            (_all_differ(seed.subject for seed in self.seeds), "`seed`: two count the same rows"),
            (
                _all_differ(" ".join(each) for one in self.elsewhere for each in one.patterns),
                "`elsewhere`: two name the same tables, schemas, publications or subscriptions",
            ),
            (_all_differ(drift.key for drift in self.accepted), "`accepted`: two have the same `key`"),
            (_all_differ(endpoint.name for endpoint in self.endpoints), "`endpoint`: two have the same `name`"),
        )

    def without_privileges(self) -> "Target":
        """Give this target with no question about owners and privileges."""
        return replace(self, privileges=False, compare_privileges=False, app_role=None, grants=None)

    def sleeps_until(self, moment: datetime) -> datetime | None:
        """Give when a target that sleeps at *moment* is awake again; None where it is awake."""
        awake = moment
        # Hours may follow each other: a night after a weekend. Those that still do after two weeks always will.
        latest = max(moment, self.paused_until or moment) + _TWO_WEEKS
        while awake < latest and (end := self._end_of_sleep(awake)) is not None:
            awake = end
        return None if awake == moment else awake

    def _end_of_sleep(self, moment: datetime) -> datetime | None:
        paused = self.paused_until is not None and self.paused_until > moment
        return self.paused_until if paused else end_of(self.sleep, moment)


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """The memory of sent messages and incidents: *folder*, or a storage *container*, has one document a target."""

    folder: str = "memory"
    container: str | None = None
    identity: Identity = DEFAULT
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        url = "`container` must be like https://account.blob.core.windows.net/migration-monitor"
        insist((self.container is None or is_container(self.container), url))


@dataclass(frozen=True, slots=True)
class AzureSettings:
    """The default identity for Azure, and the default *vault* of secrets named ``vault:NAME``."""

    vault: str | None = None
    identity: Identity = DEFAULT
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist((self.vault is None or is_vault(self.vault), "`vault` must be like https://example.vault.azure.net"))


@dataclass(frozen=True, slots=True)
class BrokenTarget:
    """A target that cannot be checked until its *mistakes* are fixed; without a usable name it is ``unnamed-2``."""

    name: str
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole file: the targets, those with mistakes, the channels, and the memory."""

    targets: tuple[Target, ...]
    alerts: AlertSettings = field(default_factory=AlertSettings)
    memory: MemorySettings = MemorySettings()
    broken: tuple[BrokenTarget, ...] = ()


def _all_differ(names: Iterable[str]) -> bool:
    return max(Counter(names).values(), default=1) == 1


def _needs_app(source: ReleaseSettings) -> bool:
    return source.source == "image" and source.image is None and source.container_app is None
