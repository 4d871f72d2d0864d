"""A release: the migrations that production is meant to have."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Migration:
    """A subfolder of the migrations folder; *script* is its ``migration.sql`` byte for byte, None without one."""

    name: str
    script: bytes | None


@dataclass(frozen=True, slots=True)
class Release:
    """What a release ships, *migrations* in the order in which Prisma runs them.

    *digest* is taken over names and scripts alone, so the same migrations have the same one in a
    folder and in an archive. *provider* is what ``migration_lock.toml`` says: None without one,
    empty where it names none.
    """

    version: str | None
    source: str
    digest: str
    provider: str | None
    migrations: tuple[Migration, ...]
