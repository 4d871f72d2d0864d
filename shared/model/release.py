"""A release: the migrations that production is meant to have."""

from datetime import datetime

from .value import dataclass


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A prediction of a migration that its author accepts, for a *reason*: what *code* says of the statement at *line*.

    *checksum* is that of the ``migration.sql`` for which it was written.
    """

    code: str
    line: int
    reason: str
    checksum: str


@dataclass(frozen=True, slots=True)
class Migration:
    """A subfolder of the migrations folder; *script* is its ``migration.sql`` byte for byte, None without one.

    *accepted* is what the ``accept.toml`` beside it says.
    """

    name: str
    script: bytes | None
    accepted: tuple[Acceptance, ...] = ()


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
    read. *instead_of* says why the sources before it in the settings gave nothing.
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
    # The schema that the release's client knows: the migrations folder's own ``schema.sql``, None without one.
    schema_sql: bytes | None = None
    # What is wrong with that file and with each ``accept.toml``, in sentences that begin with the file's path.
    mistakes: tuple[str, ...] = ()
    # Where in the place that was read the migrations folder is: empty where it is that place itself.
    folder: str = ""


@dataclass(frozen=True, slots=True)
class PastRelease:
    """A release that was read before another one; *schema_sql* as in a Release.

    *migrations* are None where the file of one of them is not at hand.
    """

    version: str
    migrations: tuple[Migration, ...] | None
    schema_sql: bytes | None = None
