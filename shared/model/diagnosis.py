"""What is true of every migration, release and history taken together."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType

from .attribution import Changed
from .clients import ClientEffect
from .database import HistoryRow
from .difference import Difference
from .knowledge import Unavailable
from .plan import Conflict, Plan
from .privileges import RightsComparison
from .progress import Progress
from .question import Question
from .release import Migration
from .schema import Schema, Subject
from .setting_types import Pattern
from .value import dataclass
from .ways_back import WayBack


class State(StrEnum):
    """Where a migration stands. The words appear in reports."""

    APPLIED = "applied"
    EDITED = "edited"
    PENDING = "pending"
    SKIPPED = "skipped"
    RUNNING = "running"
    FAILED = "failed"
    ROLLED_BACK = "rolled-back"
    RENAMED = "renamed"
    MALFORMED = "malformed"
    MISSING_FROM_RELEASE = "missing-from-release"
    UNRECORDED = "unrecorded"
    PARTIALLY_APPLIED = "partially-applied"
    AHEAD = "ahead"
    SQUASHED = "squashed"


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """One migration: *shipped* is None where no release has it, *row* where the history does not.

    *row* is the row that counts. *recorded_as* is the other name of a renamed one; *malformed* says
    what is wrong with a migration that cannot be run at all. *also_finished* marks a failed one
    that another row finished. *overtaken_by* is the newest applied one, of a migration that was skipped.
    *attempts* counts the rows of its name. *progress* is how far one got that the history does not call applied, or
    that was recorded without being run as a whole; None where that was not asked. *failing* are the numbers of the
    statements, from 0, that the recorded error points to: none where it says nothing. *squashes* names the older ones,
    recorded and no longer shipped, whose work this one does at once.
    *conflicts* are its statements that a deployment would run, and that certainly fail; *skips* those that it would
    run, and that leave another object as it is (IF NOT EXISTS).
    """

    name: str
    state: State
    shipped: Migration | None
    row: HistoryRow | None
    recorded_as: str | None = None
    malformed: str | None = None
    also_finished: bool = False
    attempts: int = 0
    overtaken_by: str | None = None
    progress: Progress | Unavailable | None = None
    squashes: tuple[str, ...] = ()
    failing: tuple[int, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    skips: tuple[Conflict, ...] = ()
    # Why statements of one that the history does not call applied are not known.
    unread: tuple[str, ...] = ()
    # The newest failed run of one that was recorded as applied since.
    failed_before: HistoryRow | None = None
    # Numbers of statements of one recorded too early that are fixed with another finding.
    settled: frozenset[int] = frozenset()
    # Numbers of its statements that are to be run: they did not run, or belong to those that did not.
    lacking: frozenset[int] = frozenset()

    @property
    def in_conflict(self) -> bool:
        return bool(self.conflicts or self.skips)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The schema that the applied migrations make beside the one that is there, and in what they differ.

    *unsure* names the objects that could be compared only in part, and why. *recorded_early*
    names, by a difference's subject, the migrations whose missing statements end it: recorded as applied without being
    run as a whole. *left_out* are the objects that belong to something else by the settings, each with the pattern that
    matches it: *actual* has none of them. *made* are those that a pattern matches although migrations make them.
    """

    expected: Schema
    actual: Schema
    differences: tuple[Difference, ...]
    unsure: Mapping[Subject, str] = field(default_factory=lambda: MappingProxyType({}))
    recorded_early: Mapping[Subject, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    left_out: Mapping[Subject, Pattern] = field(default_factory=lambda: MappingProxyType({}))
    made: Mapping[Subject, Pattern] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Edit:
    """An edited file behind a difference: *certain* where the recorded file is at hand and makes the live object.

    *started* is False where Prisma only recorded that file (`migrate resolve`) and did not run it.
    """

    migration: str
    certain: bool
    started: bool = True


@dataclass(frozen=True, slots=True)
class UnknownTable:
    """A table that the settings name and that neither the database nor any migration has; *meant* is most like it.

    *endpoints* are those among whose tables it stands.
    """

    name: str
    meant: str | None
    endpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Every migration of the release, in its order, then those that only the history knows.

    *foreign_provider* is what the release's lock file names, if that is not PostgreSQL; empty where it
    names nothing. *holds_prisma_8*: beside the history stands what Prisma 8 keeps, which is compared with nothing.
    """

    migrations: tuple[MigrationStatus, ...]
    foreign_provider: str | None
    schema: Comparison | Unavailable
    unknown_tables: tuple[UnknownTable, ...] = ()
    holds_prisma_8: bool = False
    # What is wrong with the files that the release has beside its migrations, each a sentence with the file's path.
    wrong_files: tuple[str, ...] = ()
    # The edited files from which a difference comes, or may come, by its subject.
    edits: Mapping[Subject, tuple[Edit, ...]] = field(default_factory=lambda: MappingProxyType({}))
    # About the syntax of what is to be run: of what is not understood here, and of what this server may not understand.
    on_unread: tuple[Question, ...] = ()
    on_syntax: tuple[Question, ...] = ()
    # What a running client suffers from each difference, by its subject.
    suffered: Mapping[Subject, tuple[ClientEffect, ...]] = field(default_factory=lambda: MappingProxyType({}))
    # When each difference came about, by its subject, where that is known.
    changed: Mapping[Subject, Changed] = field(default_factory=lambda: MappingProxyType({}))
    # Why the server's log does not say who changed something, where it was to be read.
    unlogged: str | None = None
    # What the next deployment does; None where nothing is to be deployed, or the settings want no plan.
    plan: Plan | Unavailable | None = None
    # Which earlier releases run on production's schema, newest first, where any are known.
    ways_back: tuple[WayBack, ...] = ()
    # In Prisma's view, what the release's ``schema.prisma`` is lowered to (expected), and what its migrations make
    # (actual); None where the release does not carry it.
    prisma_schema: Comparison | Unavailable | None = None
    # Owners and privileges; None where they are not compared.
    rights: RightsComparison | Unavailable | None = None
