"""The shapes of the settings. They are filled from TOML by `shared.settings` and from options by the terminal door."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from shared.model.endpoint import EndpointExpectation
from shared.model.seed import SeedExpectation
from shared.model.setting_types import STRICT, Secret, Timespan


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
    """*url* in Prisma's own form; *schema* wins over the URL's ``?schema=``, which wins over ``public``."""

    url: Secret
    schema: str | None = None
    connect_timeout: Timespan = timedelta(seconds=10)
    statement_timeout: Timespan = timedelta(seconds=20)
    lock_timeout: Timespan = timedelta(seconds=2)
    __pydantic_config__: ClassVar = STRICT


@dataclass(frozen=True, slots=True)
class RemedySettings:
    """How the printed commands are framed: the *folder* to stand in and what to run *before* the first."""

    folder: str | None = None
    before: tuple[str, ...] = ()
    __pydantic_config__: ClassVar = STRICT


@dataclass(frozen=True, slots=True)
class Target:
    """A production database beside its release, its seeds and its API."""

    name: str
    release: ReleaseSettings
    database: DatabaseSettings
    patience: Timespan = timedelta(minutes=15)
    interval: Timespan = timedelta(hours=1)
    deadline: Timespan = timedelta(seconds=90)
    privileges: bool = True
    seeds: tuple[SeedExpectation, ...] = ()
    endpoints: tuple[EndpointExpectation, ...] = ()
    remedy: RemedySettings = RemedySettings()
    __pydantic_config__: ClassVar = STRICT


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole file: one target or more."""

    targets: tuple[Target, ...]
    __pydantic_config__: ClassVar = STRICT
