"""What a deployment will do, statement by statement, before anybody runs it."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from .clients import ClientEffect
from .disk import DiskNeed, DiskUse
from .question import Question
from .schema import Definition, Subject
from .value import dataclass
from .ways_back import WayBack

if TYPE_CHECKING:
    from .holders import Wait
    from .observation import Observation

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
    One that skips over that object (IF NOT EXISTS) does not fail: it has no *sqlstate*, and *skipped* is what it does
    not make.
    *in_part*: that object is what the statement makes but for *found_as*, a part of it, where *wanted* is expected.
    *repair* is the SQL that changes that, where it loses nothing.
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
    skipped: Mapping[Subject, Definition] = field(default_factory=lambda: MappingProxyType({}))
    in_part: bool = False
    repair: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effects:
    """What a statement does to relations that were there before it, if it runs.

    *rewrites* get a new file, *scans* are read as a whole.
    """

    locks: Mapping[Relation, LockMode] = field(default_factory=lambda: MappingProxyType({}))
    rewrites: frozenset[Relation] = frozenset()
    scans: frozenset[Relation] = frozenset()


class Access(StrEnum):
    """How much of its tables a probe has to read where it finds nothing."""

    INDEX = "index"  # an index serves it, whatever the size
    SCAN = "scan"  # every row once
    GROUP = "group"  # every row, sorted or hashed


@dataclass(frozen=True, slots=True)
class Probe:
    """A question to the rows: which of them are in the way of a statement?

    *sql* is one SELECT without LIMIT and semicolon that gives a row for each row, or group of rows, in the way, and
    no value of any (``SELECT FROM …``). All names in it are qualified and quoted. *tables* are those it reads. It calls
    only functions that *routines* names as ``schema.name``, which are to be checked before it runs: those of the CHECKs
    of domains whose values it makes, too. Operators are those of pg_catalog.

    *sample* is the same of one row in a hundred, but for the tables of *whole*: it may show that a row is in the way,
    and never that none is. None where a part of the rows says nothing.

    *listing* is for a person: the keys of those rows, each with its number; or, without keys, only the number.

    What it computes of a row may be an error (``x::int``): the statement would meet the same one, so that is an answer
    too (`Raised`). A probe that only computes gives no row at all. One without tables asks the server about itself.
    """

    sql: str
    tables: tuple[Relation, ...]
    access: Access
    routines: tuple[str, ...] = ()
    sample: str | None = None
    whole: tuple[Relation, ...] = ()
    # Left out where probes are compared and kept: it says the same as *sql*.
    listing: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """*rows* are in the way (0: none), counted up to a limit (*more*: there are others), at the moment *at*."""

    rows: int
    at: datetime
    more: bool = False


@dataclass(frozen=True, slots=True)
class Raised:
    """A row made the probe itself fail with *sqlstate*, of class 22 or 23 (data exception, integrity constraint)."""

    sqlstate: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NotProbed:
    """The rows were not read, *because*: no right, too large, too slow, a busy server."""

    because: str


ProbeAnswer = Found | Raised | NotProbed
# A probe that was not sent (yet) has no answer here.
ProbeAnswers = Mapping[Probe, ProbeAnswer]
NO_PROBES: ProbeAnswers = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Condition:
    """Rows decide: the statement fails with *sqlstate* where *probe* finds any. *because* says so in a sentence.

    *probe* is None where no query can show it. *unsettled* says why an answer of now does not settle it, where that is
    so: an earlier statement of the run changes those rows. *may*: where rows are found, the result is not known.
    One that is *rare* is not so unless the answer says it: it leaves nothing open where nobody asks.
    *changed* are the tables whose rows *probe* takes as earlier statements of the run leave them, if those do not fail.
    *allow* is the extension that the server's allow-list lacks, where that is the reason, *preload* the library that it
    does not load when it starts, *fix* is SQL that removes another reason outside of the migration.
    """

    sqlstate: str
    because: str
    probe: Probe | None = None
    unsettled: str | None = None
    may: bool = False
    rare: bool = False
    changed: frozenset[Relation] = frozenset()
    allow: str | None = None
    preload: str | None = None
    fix: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """A question to the server's analyser: refused, the statement fails with the SQLSTATE of the answer, or *sqlstate*.

    But for the refusals of *open_to*, which say something of the question and not of the statement. Accepted, it fails
    where a type of the answer cannot be assigned to that of *assigned_to* in its place (42804), or where *same_as*, if
    it is accepted, too, has another type in one of its places (42P16).
    """

    question: Question
    because: str
    open_to: frozenset[str] = frozenset()
    sqlstate: str | None = None
    assigned_to: tuple[str, ...] = ()
    same_as: Question | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        return (self.question,) if self.same_as is None else (self.question, self.same_as)


@dataclass(frozen=True, slots=True)
class Prediction:
    """*sqlstate* is the error of FAILS, and the possible one of DEPENDS. *because* are sentences.

    *analyses* and then *conditions* stand in the order in which the server comes to them; their answers may still
    change the outcome (`shared.postgres.plan.answers.settled`). *rows* are those in the way of a statement that fails,
    and *at* the moment at which rows were read, where the outcome rests on that. *fix* is SQL after which it can run,
    where the reason is not in the migration.
    """

    outcome: Outcome
    effects: Effects = Effects()
    sqlstate: str | None = None
    because: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    conditions: tuple[Condition, ...] = ()
    rows: Found | None = None
    at: datetime | None = None
    fix: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """*because*; of a statement that fails without the words that it fails if or where that is so."""
        if self.outcome is not Outcome.FAILS:
            return self.because
        return tuple(each.removeprefix("it fails if ").removeprefix("it fails where ") for each in self.because)


@dataclass(frozen=True, slots=True)
class TableSize:
    """*rows* as the server estimates them (None: never analysed), *bytes* of the table, and of its indexes.

    *file* is the number of the file that the rows are in: each rewrite gives another one. *toast_bytes* are those of
    its long values, kept apart. *rows* and *index_bytes* are from a moment at which the table had *counted_bytes* (0:
    not known). A rewrite fills its pages to *fillfactor* percent.
    """

    rows: int | None
    bytes: int
    index_bytes: int = 0
    file: int = 0
    toast_bytes: int = 0
    counted_bytes: int = 0
    fillfactor: int = 100


Sizes = Mapping[Relation, TableSize]


@dataclass(frozen=True, slots=True)
class Duration:
    """Seconds, from memory speed and no other load to a slow disk."""

    low: float
    high: float

    def __str__(self) -> str:
        return order_of(self.high)


def order_of(seconds: float) -> str:
    """The order of magnitude, in words."""
    orders = ((1, "less than a second"), (60, "seconds"), (600, "minutes"))
    return next((words for most, words in orders if seconds < most), "over 10 minutes")


@dataclass(frozen=True, slots=True)
class BySetting:
    """What a *setting* of the deploying role's sessions makes a statement do otherwise, in a sentence."""

    setting: Literal["search_path", "TimeZone"]
    does: str


@dataclass(frozen=True, slots=True)
class PlannedStatement:
    """One statement of the pending run. *blocks* leaves out relations that the same run made.

    *took* is its own time, *held* the time for which its locks are held: to the end of its transaction. Both are None
    where no size is known. *clients* is what a client of the running release suffers, *safer* the way that blocks or
    breaks less, as texts. *accepted* are the codes of predictions that the author of the migration accepts for it.
    *changes* are the tables whose rows later statements are asked of as this one leaves them. *by_setting* says what it
    does otherwise because of a setting of the deploying role's sessions. *disk* is what it writes;
    None where no size is known, or rows and code decide that are not known here.
    """

    migration: str
    line: int
    sql: str
    prediction: Prediction
    blocks: Blocks
    took: Duration | None = None
    held: Duration | None = None
    clients: tuple[ClientEffect, ...] = ()
    safer: tuple[str, ...] = ()
    accepted: frozenset[str] = frozenset()
    changes: frozenset[Relation] = frozenset()
    by_setting: tuple[BySetting, ...] = ()
    disk: DiskUse | None = None
    # What it did where it was run beforehand; None where it was not.
    observed: "Observation | None" = None

    @property
    def fails(self) -> bool:
        """It certainly fails, by its prediction or where it was run."""
        return self.prediction.outcome is Outcome.FAILS or (self.observed is not None and self.observed.fails)

    @property
    def blocks_for_long(self) -> bool:
        """It rewrites or scans a relation while it blocks: the time grows with the rows."""
        effects = self.prediction.effects
        return self.blocks is not Blocks.NONE and bool(effects.rewrites or effects.scans)

    def blocks_longer_than(self, seconds: float) -> bool:
        """By the upper end of the estimate. Where nothing is estimated, whatever rewrites or scans is taken to."""
        if self.held is None:
            return self.blocks_for_long
        return self.blocks is not Blocks.NONE and self.held.high > seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """All statements of the pending run, in order, of *migrations*. A table may be blocked for *max_block* seconds.

    *waits* are those whose locks the statements would wait for at this moment; empty where that was not checked.
    *lacking* is what a running client suffers while a migration has not run, by its name, where that is known.
    *disk* is what the run needs of the server's disk; None where no size is known.
    """

    migrations: tuple[str, ...]
    statements: tuple[PlannedStatement, ...]
    max_block: float = 0.0
    waits: "tuple[Wait, ...]" = ()
    lacking: Mapping[str, tuple[ClientEffect, ...]] = field(default_factory=dict)
    disk: DiskNeed | None = None
    # Which earlier releases run, newest first, where any are known.
    ways_back: tuple[WayBack, ...] = ()
    # What the plan rests on, in sentences.
    notes: tuple[str, ...] = ()
    # Failed migrations: until each is resolved, a deployment stops before it runs anything.
    stops_at: tuple[str, ...] = ()

    @property
    def open_disk(self) -> DiskNeed | None:
        """*disk*, unless the authors accept it of all statements that write anything."""
        writing = [each for each in self.statements if each.disk is not None and each.disk.written]
        is_accepted = bool(writing) and all("deploy-fills-disk" in each.accepted for each in writing)
        return None if is_accepted else self.disk

    @property
    def is_certain(self) -> bool:
        """No statement is left open."""
        return not any(each.prediction.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN) for each in self.statements)
