"""The shapes of the settings. They are filled from TOML by `shared.settings` and from options by the terminal door."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import ClassVar, Literal

from shared.model.alerts import AlertSettings, TargetAlerts
from shared.model.endpoint import EndpointExpectation
from shared.model.mistake import Mistake, SettingsError
from shared.model.seed import SeedExpectation
from shared.model.setting_types import STRICT, Secret, Timespan, YesNo, insist

# What `monitor.py baseline` may write down: drift of the schema, and nothing else.
ACCEPTABLE = ("schema-missing:", "schema-unexpected:", "schema-changed:", "index-invalid:", "constraint-not-valid:")

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """Where the release comes from.

    *path* is a folder or an archive. ``{release}`` in it stands for the version that a verification
    asks for; otherwise the newest that matches is read.
    """

    source: Literal["folder", "archive"]
    path: str
    migrations: str | None = None
    __pydantic_config__: ClassVar = STRICT


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """*url* in Prisma's own form; *schema* wins over the URL's ``?schema=``, which wins over ``public``.

    *ssl_root_cert* is the file of those who may vouch for the server, Mozilla's authorities by default.
    """

    url: Secret
    schema: str | None = None
    ssl_root_cert: str | None = None
    connect_timeout: Timespan = timedelta(seconds=10)
    statement_timeout: Timespan = timedelta(seconds=20)
    lock_timeout: Timespan = timedelta(seconds=2)
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
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
    """A finding of the schema check that is known and borne: its *key*, *because* of what, and *until* which day."""

    key: str
    because: str
    until: date
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist((self.key.startswith(ACCEPTABLE), f"`key` must begin with one of {', '.join(ACCEPTABLE)}"))


@dataclass(frozen=True, slots=True)
class Target:
    """A production database beside its release, its seeds and its API.

    *name* is any text here: without a settings file it is the database's own.
    """

    name: str
    release: ReleaseSettings
    database: DatabaseSettings
    ahead: ReleaseSettings | None = None
    policy: Literal["migrate-first", "deploy-migrates"] = "migrate-first"
    patience: Timespan = timedelta(minutes=15)
    interval: Timespan = timedelta(hours=1)
    deadline: Timespan = timedelta(seconds=90)
    privileges: YesNo = True
    compare_schema: YesNo = True
    seeds: tuple[SeedExpectation, ...] = ()
    endpoints: tuple[EndpointExpectation, ...] = ()
    accepted: tuple[AcceptedDrift, ...] = ()
    remedy: RemedySettings = RemedySettings()
    alerts: TargetAlerts = field(default_factory=TargetAlerts)
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (self.patience <= 24 * HOUR, "`patience` must be 24h at most"),
            # The timer that looks for due targets comes every 5 minutes.
            (5 * MINUTE <= self.interval <= 24 * HOUR, "`interval` must be 5m to 24h"),
            (5 * SECOND <= self.deadline <= 10 * MINUTE, "`deadline` must be 5s to 10m"),
            # What is found is known by these names from run to run.
            (_all_differ(seed.subject for seed in self.seeds), "`seed`: two count the same rows"),
            (_all_differ(drift.key for drift in self.accepted), "`accepted`: two have the same `key`"),
            (_all_differ(endpoint.name for endpoint in self.endpoints), "`endpoint`: two have the same `name`"),
        )


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """Where it is remembered what people were told: *folder* holds a document for each target."""

    folder: str = "memory"
    __pydantic_config__: ClassVar = STRICT


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What stands in the file, all of it right."""

    targets: tuple[Target, ...]
    alerts: AlertSettings = field(default_factory=AlertSettings)
    memory: MemorySettings = MemorySettings()
    __pydantic_config__: ClassVar = STRICT


@dataclass(frozen=True, slots=True)
class BrokenTarget:
    """A target that cannot be watched until its *mistakes* are mended; without a usable name it is ``unnamed-2``."""

    name: str
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole file: the targets to watch, those that cannot be for their own mistakes, whom to tell, and memory."""

    targets: tuple[Target, ...]
    alerts: AlertSettings = field(default_factory=AlertSettings)
    memory: MemorySettings = MemorySettings()
    broken: tuple[BrokenTarget, ...] = ()

    def insist(self) -> "Settings":
        """Give these settings if every target is right; else raise `SettingsError` with all mistakes."""
        if self.broken:
            raise SettingsError(mistake for target in self.broken for mistake in target.mistakes)
        return self


def _all_differ(names: Iterable[str]) -> bool:
    return max(Counter(names).values(), default=1) == 1
