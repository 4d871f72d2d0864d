"""Who holds a lock that a statement of the next deployment would wait for."""

from datetime import timedelta
from enum import StrEnum

from .plan import LockMode, Relation
from .value import dataclass


class HolderKind(StrEnum):
    SESSION = "session"
    DUMP = "dump"
    PREPARED = "prepared"  # a prepared transaction has no session: only COMMIT or ROLLBACK PREPARED ends it
    VACUUM = "vacuum"  # an autovacuum against wraparound: any other gives way by itself


@dataclass(frozen=True, slots=True)
class LockHolder:
    """A lock of *mode* on *relation*.

    *name* is the application's, or that of the prepared transaction. *open_for*: the age of its transaction, so it has
    held the lock for at most as long; None where the role may not see that.
    """

    relation: Relation
    mode: LockMode
    kind: HolderKind
    pid: int | None
    name: str | None
    user: str | None
    open_for: timedelta | None


@dataclass(frozen=True, slots=True)
class Need:
    """The statement in *line* of *migration* takes a lock of *mode*."""

    migration: str
    line: int
    mode: LockMode


@dataclass(frozen=True, slots=True)
class Wait:
    """A holder whose locks on *relations* conflict with those of the statements *needs*, in their order."""

    kind: HolderKind
    pid: int | None
    name: str | None
    user: str | None
    open_for: timedelta | None
    modes: tuple[LockMode, ...]
    relations: tuple[Relation, ...]
    needs: tuple[Need, ...]
