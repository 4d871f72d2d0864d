"""When a difference came about, and who did it, as far as that is known.

Two kinds of knowledge bound the moment, and neither says it alone:

- The own checks of the target. A check that saw the object as it was before is the lower bound; the first that saw it
  as it is now is an upper one. The memory keeps the schema that was read last, and what changed before that.
- The number of the transaction that last wrote the object's rows of the catalog (``xmin``), beside those of the rows of
  ``_prisma_migrations``. Numbers are given when a transaction begins to write, so it began before the migration was
  recorded whose number is higher. A later write of the same row (GRANT, SET STATISTICS) hides an earlier one: this is
  never a lower bound.

Flow: the first reading takes the `Position` of its snapshot and the ``xmin`` of the history's rows. Where the diagnosis
finds differences that are not attributed yet, one more round trip reads the `Written` of their subjects alone, and
`shared.diagnose.attribution` puts all of it together. `OwnRuns` and what was attributed stay in the memory. They are
forgotten where the server goes on from another point than the one that was left (a restore): numbers are used again.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from .schema import Schema
from .schema_change import SchemaChange
from .value import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """Where the server was when it was read, on which of its lines.

    Transactions with numbers below *oldest_xid* had ended by then, those from *next_xid* on had not; both are of 64
    bits. *lsn* is the place in the write-ahead log. A promoted standby or a restored server has another *timeline*.
    """

    system: str
    database: int
    timeline: int
    next_xid: int
    oldest_xid: int
    lsn: int


@dataclass(frozen=True, slots=True)
class OwnRun:
    """The position at which the check of *at* read the schema."""

    at: datetime
    next_xid: int
    oldest_xid: int
    lsn: int


@dataclass(frozen=True, slots=True)
class OwnRuns:
    """The checks of one uninterrupted line of a server, oldest first: the numbers of its transactions only grow.

    *reads* is a digest of what those checks read of a schema.
    """

    system: str
    database: int
    timeline: int
    reads: str
    runs: tuple[OwnRun, ...]


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """The schema that the check of *at* read, and what changed before, newest first."""

    schema: Schema
    at: datetime
    changes: tuple[SchemaChange, ...]


@dataclass(frozen=True, slots=True)
class RowVersion:
    """A row of the catalog: *part* is the part of the object that it holds, *xid* the transaction that last wrote it.

    *xid* has 64 bits; it is the newest one that the 32 bits in the row can mean, so never too low. *committed_at* is
    known only where the server keeps such times (``track_commit_timestamp``).
    """

    part: str
    xid: int
    committed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The rows that hold one object, and the role that owns it, where it is one that has an owner."""

    rows: tuple[RowVersion, ...]
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """The upper bound of a change.

    ``check``: the check of *at* saw it. ``migration``: the transaction that last wrote it began before *migration* was
    recorded, which finished *at*. ``commit``: the transaction that last wrote it was committed *at* that time.
    """

    kind: Literal["check", "migration", "commit"]
    at: datetime
    migration: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A role, and how it is known: the ``owner`` of a new object, or seen in the server's ``log``.

    *statement* is the logged statement without its literals, *at* when it was logged. In Azure's ``activity log`` the
    *role* is the caller: a person's name, or the id of an application.
    """

    role: str
    how: Literal["owner", "log", "activity log"]
    at: datetime | None = None
    statement: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What is known of a change. The check of *after* saw the object as it was before.

    *xid* is the transaction that last wrote it; None where its number may mean another one. *same_transaction_as* are
    the subjects of other differences that this transaction wrote, too.
    """

    after: datetime | None = None
    before: Before | None = None
    by: Actor | None = None
    same_transaction_as: tuple[str, ...] = ()
    xid: int | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """What was *found* of each difference, by its digest; *unlogged* is why no log was read that was to be read."""

    found: Mapping[str, Changed] = field(default_factory=dict)
    unlogged: str | None = None
