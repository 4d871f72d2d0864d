"""What one reading of the watched database gives."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

from .attribution import Position
from .audit import LogSettings
from .disk import ReplicationSlot
from .holders import LockHolder
from .knowledge import Unavailable
from .plan import Relation, Sizes
from .privileges import Rights
from .schema import Schema
from .seed import SeedCount
from .session_limits import SessionLimits
from .value import dataclass
from .watching import Tick


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A row of ``_prisma_migrations``.

    *logs* is None where the column is NULL, in rows that finished, and where it may not be read:
    `History.logs_readable` says.
    """

    id: str
    name: str
    checksum: str
    started_at: datetime | None
    finished_at: datetime | None
    rolled_back_at: datetime | None
    logs: str | None
    # The number of the transaction that last wrote it, in 32 bits; None where the role may not read that.
    xmin: int | None = field(default=None, compare=False)

    @property
    def is_unfinished(self) -> bool:
        """It runs, or has failed: Prisma deploys nothing behind it."""
        return self.finished_at is None and self.rolled_back_at is None

    @property
    def took(self) -> timedelta | None:
        """How long Prisma ran it. None where that is not known, and where `migrate resolve` recorded it: at once."""
        if self.started_at is None or self.finished_at is None or self.finished_at <= self.started_at:
            return None
        return self.finished_at - self.started_at


@dataclass(frozen=True, slots=True)
class History:
    """The rows of ``_prisma_migrations``, oldest first; *exists* is False where there is no such table."""

    exists: bool
    rows: tuple[HistoryRow, ...] = ()
    logs_readable: bool = True
    # Prisma refuses to deploy to a schema that holds tables and has no history (P3005): baseline first.
    schema_has_tables: bool = False
    # A missing schema is more often a mistake in its name than an empty database.
    schema_exists: bool = True
    # Where *exists* is False: other schemas with a table _prisma_migrations.
    elsewhere: tuple[str, ...] = ()
    # The role that reads, where the table is its own and its rights have limits: it has deployed.
    owned_as: str | None = None


@dataclass(frozen=True, slots=True)
class LockSession:
    """A session that holds Prisma's advisory lock, or waits for it.

    PostgreSQL keeps no time of granting: a holder has had it for at most as long as *connected_for*.
    None where the role may not see other sessions.
    """

    pid: int
    granted: bool
    application: str | None
    connected_for: timedelta | None
    # When it began, as the server writes it: with its pid that is one session, however often pids are used again.
    since: str | None = None
    state: str | None = None
    waiting_for: timedelta | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class BlockingSession:
    """A session at the head of a queue: it blocks others and is blocked by none. *pid* 0: a prepared transaction.

    *blocked_for* is the longest wait behind it, None where the server does not say. *blocked_long* of the *blocked*
    sessions have waited for longer than a deployment may block a table.
    """

    pid: int
    application: str | None
    user: str | None
    state: str | None
    in_transaction_for: timedelta | None
    blocked_for: timedelta | None
    blocked: int
    since: str | None = None
    blocked_long: int = 0


@dataclass(frozen=True, slots=True)
class Activity:
    """What goes on in the watched database at this moment."""

    lock: tuple[LockSession, ...]
    blocking: tuple[BlockingSession, ...]
    # Without pg_read_all_stats the server hides what other roles' sessions do.
    sees_all_sessions: bool


@dataclass(frozen=True, slots=True)
class Replica:
    """How far a standby is behind its primary.

    *receives*: a WAL receiver streams. *caught_up*: all that had been received when the reading began has been
    replayed. *since_last_replay* is the age of the last transaction that was replayed, None where none was.
    """

    replay_paused: bool
    receives: bool
    caught_up: bool
    since_last_replay: timedelta | None


@dataclass(frozen=True, slots=True)
class Privileges:
    """What the monitor's own role could change: *writable* names a few such tables, *writable_count* counts them.

    *server_powers* are predefined roles by which it may write files or run programs on the server.
    """

    role: str
    superuser: bool
    creates_in_schema: bool
    writable: tuple[str, ...]
    writable_count: int
    server_powers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatabaseReading:
    """History and catalog in one snapshot, the rest as of the same moment. *now* is the server's clock, for all ages.

    *host* is the name of its server; None where the way there never leaves this machine. *replica* is None on a
    primary. *system_identifier* is the server's own, where it may be read. *pooled*: a pool is in between.
    *pools_transactions*: it gives every transaction any server session, as its URL says or two transactions showed.
    """

    name: str
    schema: str
    server_version: str
    now: datetime
    history: History | Unavailable
    catalog: Schema | Unavailable
    # Tables that hold no row and never have; where that could not be read, none is known to be.
    empty_tables: frozenset[tuple[str, ...]]
    seeds: tuple[SeedCount, ...]
    activity: Activity | Unavailable
    privileges: Privileges | Unavailable
    host: str | None = None
    replica: Replica | Unavailable | None = None
    system_identifier: str | None = None
    pooled: bool = False
    pools_transactions: bool = False
    # Of tables and materialized views; none where they could not be read.
    sizes: Sizes = field(default_factory=dict)
    # Who holds locks for long; nobody where that was not asked: it is, around a deployment.
    holders: tuple[LockHolder, ...] = ()
    limits: SessionLimits = SessionLimits()
    # The replication slot that holds back most of the WAL.
    slot: ReplicationSlot | None = None
    # Of each table, by column, the part that is NULL as statistics say; empty where that was not asked.
    null_fractions: Mapping[Relation, Mapping[str, float]] = field(default_factory=dict)
    # Owners and privileges; None where they were not asked for.
    rights: Rights | Unavailable | None = None
    # What a deployment does at this moment; None where none runs and none was expected.
    tick: Tick | Unavailable | None = None
    # Where the server was when the catalog was read; None where that was not, or the role may not see it.
    position: Position | None = None
    # What the server writes into its log; None where that was not asked.
    log: LogSettings | None = None

    @property
    def may_deploy(self) -> bool:
        """Say whether a deployment may be running: somebody holds Prisma's lock, or waits for it."""
        return not isinstance(self.activity, Unavailable) and bool(self.activity.lock)
