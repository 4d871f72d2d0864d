"""A release: the migrations that production is meant to have."""

from datetime import datetime

from shared.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Migration:
    """A subfolder of the migrations folder; *script* is its ``migration.sql`` byte for byte, None without one."""

    name: str
    script: bytes | None


@dataclass(frozen=True, slots=True)
class Stale:
    """The source is down, *because* of what: the release is as it was read from it at *since*."""

    since: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Release:
    """What a release ships, *migrations* in the order in which Prisma runs them.

    *digest* is taken over names and scripts alone, so the same migrations have the same one in a
    folder and in an archive. *provider* is what ``migration_lock.toml`` says: None without one,
    empty where it names none. *place* is the source as the settings name it, *origin* what exactly was
    read. *instead_of* tells why the sources before it in the settings gave nothing.
    """

    version: str | None
    source: str
    digest: str
    provider: str | None
    migrations: tuple[Migration, ...]
    place: str = ""
    origin: str = ""
    instead_of: tuple[str, ...] = ()
    stale: Stale | None = None
    # Files that the source had under names of *migrations* and has changed since, where they are known.
    earlier: tuple[Migration, ...] = ()
