"""A running deployment, as the server's statistics show it at one moment, and what that means.

A *tick* is one reading. `migration-monitor watch` takes one a second:

    gather.database.watching   Tick       sessions, their waits, locks and progress: one query
    diagnose.watching          Watched    the running statement, the chain of blockers, the queue
    remedies.stopping          Stop       how to stop it, and what that leaves
    report.watching            a screen, or a line of JSON
"""

from datetime import datetime, timedelta
from enum import StrEnum

from .disk import Storage
from .finding import Step
from .knowledge import Unavailable
from .plan import Duration, LockMode, Relation
from .value import dataclass


@dataclass(frozen=True, slots=True)
class Awaited:
    """A lock for which a session waits: its *kind* as in pg_locks, the table's *relation* where one is known."""

    kind: str
    mode: LockMode | None
    relation: Relation | None
    waited_for: timedelta | None


@dataclass(frozen=True, slots=True)
class Work:
    """What the server's progress views say of a *command* in its present *phase*: *done* of *total* units."""

    command: str
    phase: str
    relation: Relation | None
    done: int
    total: int

    @property
    def percent(self) -> int | None:
        return min(100, 100 * self.done // self.total) if self.total > 0 else None


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session of the watched database that deploys, waits for a lock, or blocks one that does.

    *since* is when it began, as the server writes it. *query* is the text of one that may deploy, as far as the server
    keeps it, and empty for all others; *command* is the first word of any. *blockers* are the sessions for which it
    waits; 0 means a prepared transaction. *prisma_lock*: whether it holds Prisma's lock, or waits for it; None
    where it does neither. *locks* are those that it holds on tables. What the role may not see is None, or empty.
    """

    pid: int
    since: str | None
    kind: str | None
    application: str | None
    user: str | None
    state: str | None
    command: str | None
    query: str
    query_for: timedelta | None
    transaction_for: timedelta | None
    wait: str | None
    blockers: tuple[int, ...]
    prisma_lock: bool | None
    awaited: Awaited | None
    work: Work | None
    locks: frozenset[tuple[Relation, LockMode]]


@dataclass(frozen=True, slots=True)
class Tick:
    """One reading, by the server's clock. Of more than 500 sessions that are *waiting*, the first are in *sessions*."""

    at: datetime
    sessions: tuple[LiveSession, ...]
    waiting: int
    sees_all_sessions: bool


class Phase(StrEnum):
    """What the deployment is doing. The words appear in the JSON lines."""

    NONE = "none"  # none was seen
    WAITS = "waits-for-prismas-lock"
    BETWEEN = "between-statements"
    RUNS = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the deployment is: in a statement between number *first* and *last* (from 0) of *migration*.

    *lines* are those of these two. *sql* is the statement where it is only one. *count* is how many the file has.
    *at_once*: the file was sent as one batch; None where that is not known.
    """

    migration: str
    first: int
    last: int
    lines: tuple[int, int]
    sql: str | None
    count: int
    at_once: bool | None


@dataclass(frozen=True, slots=True)
class Queue:
    """So many *sessions* wait for *table* behind the deployment or its blockers, one of them for *longest*."""

    table: Relation | None
    sessions: int
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Stop:
    """How to stop what runs: *steps* with a command each, what that *leaves* in sentences, and the steps *then* due."""

    steps: tuple[Step, ...] = ()
    leaves: tuple[str, ...] = ()
    then: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Watched:
    """What a tick means. *session* deploys; it waits for the first of *chain*, which wait for the next, to the root.

    *behind_prepared*: a prepared transaction is among the blockers. *queued_long* of the *queued* sessions have waited
    for longer than a deployment may block a table; *is_urgent*: these are more than the settings allow. *estimate* is
    of the running statement, or of the whole file where that is one batch. *reached* is the last place that was seen,
    *quiet* counts the ticks without a deployment since then.
    """

    at: datetime
    phase: Phase
    session: LiveSession | None = None
    place: Place | None = None
    reached: Place | None = None
    estimate: Duration | None = None
    chain: tuple[LiveSession, ...] = ()
    behind_prepared: bool = False
    queues: tuple[Queue, ...] = ()
    queued: int = 0
    queued_long: int = 0
    is_urgent: bool = False
    sees_all_sessions: bool = True
    quiet: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What one tick shows, and how to stop that; or why it shows nothing.

    *disk* is the newest that Azure has measured; None where no server is named, or nothing was measured yet.
    """

    watched: Watched | Unavailable
    stop: Stop = Stop()
    disk: Storage | Unavailable | None = None
