"""What a deployment will do, statement by statement, before anybody runs it."""

from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum, StrEnum
from types import MappingProxyType

from shared.model.schema import Subject
from shared.model.value import dataclass

# Schema and name.
Relation = tuple[str, str]


class LockMode(IntEnum):
    """PostgreSQL's modes of table locks, weakest first; printed as in pg_locks, without "Lock"."""

    ACCESS_SHARE = 1
    ROW_SHARE = 2
    ROW_EXCLUSIVE = 3
    SHARE_UPDATE_EXCLUSIVE = 4
    SHARE = 5
    SHARE_ROW_EXCLUSIVE = 6
    EXCLUSIVE = 7
    ACCESS_EXCLUSIVE = 8

    def __str__(self) -> str:
        return "".join(word.capitalize() for word in self.name.split("_"))


class Outcome(StrEnum):
    """Whether a statement runs: certainly, certainly not, by what the rows or the way of running decide, not known."""

    OK = "ok"
    FAILS = "fails"
    DEPENDS = "depends"
    UNKNOWN = "unknown"


class Blocks(StrEnum):
    """What the statement keeps other sessions from doing with a table that was there before the run."""

    NONE = "none"
    WRITES = "writes"
    READS = "reads"  # and writes


@dataclass(frozen=True, slots=True)
class Conflict:
    """A statement to run that certainly fails with *sqlstate*: the name of what it makes is taken.

    *number* is its place in its script. *found_as* is the object that has the name now, *found* that object in words;
    *wanted* is what the statement makes. *by_migration*: applied migrations made that object.
    """

    number: int
    line: int
    sql: str
    sqlstate: str
    subject: Subject
    wanted: str
    found_as: Subject
    found: str
    by_migration: bool = False


@dataclass(frozen=True, slots=True)
class Effects:
    """What a statement does to relations that were there before it, if it runs.

    *rewrites* get a new file, *scans* are read as a whole.
    """

    locks: Mapping[Relation, LockMode] = field(default_factory=lambda: MappingProxyType({}))
    rewrites: frozenset[Relation] = frozenset()
    scans: frozenset[Relation] = frozenset()


@dataclass(frozen=True, slots=True)
class Prediction:
    """*sqlstate* is the error of FAILS, and the possible one of DEPENDS. *because* are sentences."""

    outcome: Outcome
    effects: Effects = Effects()
    sqlstate: str | None = None
    because: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedStatement:
    """One statement of the pending run. *blocks* leaves out relations that the same run made."""

    migration: str
    line: int
    sql: str
    prediction: Prediction
    blocks: Blocks

    @property
    def blocks_for_long(self) -> bool:
        """It rewrites or scans a relation while it blocks: the time grows with the rows."""
        effects = self.prediction.effects
        return self.blocks is not Blocks.NONE and bool(effects.rewrites or effects.scans)


@dataclass(frozen=True, slots=True)
class Plan:
    """All statements of the pending run, in order, of *migrations*."""

    migrations: tuple[str, ...]
    statements: tuple[PlannedStatement, ...]

    @property
    def is_certain(self) -> bool:
        """No statement is left open."""
        return not any(each.prediction.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN) for each in self.statements)
