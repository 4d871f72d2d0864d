"""What a statement touches, collected while its parts are read."""

from collections.abc import Iterable, Mapping, Set
from enum import IntEnum

from ...model.plan import Analysis, Condition, Effects, LockMode, Outcome, Prediction, Relation
from ...model.schema import TYPES, Column, Definition, Kind, Subject
from ...model.value import dataclass, replace
from ..naming import unquoted
from .known import Changed, Known
from .passed import NOTHING, Passed


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides beside the schema. *version* is the server's major one.

    *time_zone* is the session's, None where it is not known. *in_block*: the statement runs in a transaction block
    with others; None where that is not known. *new_values* are the enum values added in this transaction: type as
    columns spell it, and value. *empty* are tables that hold no rows for certain: those that the same run made.
    *vague* are those that the replay knows only in part. *may_run_twice*: another process may run the same
    deployment at the same time, and waits for a lock that this one holds. *passed* is what earlier statements of the
    run change. *is_live*: the schema is that of a live catalog, which lacks nothing but the system's own and
    extensions' objects. *role* is the one that deploys, where it is known. *preloaded* are the libraries of the server,
    where Azure says them.
    """

    version: int
    time_zone: str | None = None
    in_block: bool | None = False
    new_values: Set[tuple[str, str]] = frozenset()
    empty: Set[Relation] = frozenset()
    vague: Set[Relation] = frozenset()
    may_run_twice: bool = False
    passed: Passed = NOTHING
    is_live: bool = False
    role: str | None = None
    preloaded: Set[str] | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """*certain* is False where something that is not known here decides.

    *sooner* are such that the server would meet before this one. Where the type of a column changes, it reads parts of
    the kinds *behind* again before it comes to this one.
    """

    sqlstate: str
    because: str
    certain: bool = True
    sooner: tuple["Failure", ...] = ()
    behind: Set[Kind] = frozenset()


# Types, functions, relations and operators that do not exist, and casts.
_OF_EXTENSIONS = frozenset({"42704", "42883", "42P01", "42846", "42725"})


class Stage(IntEnum):
    """The order in which the server comes to what rows may have in the way of one statement (ATRewriteTables)."""

    FIRST = 0
    CATALOG = 1
    INDEX = 2
    VALUE = 3  # of one scan, or of one rewrite: values are made, then checked
    NOT_NULL = 4
    CHECK = 5
    INDEX_AFTER_ROWS = 6
    FOREIGN_KEY = 7


class Footprint:
    """Locks, rewrites, scans and conditions of one statement; a stronger lock replaces a weaker one."""

    def __init__(self, before: Known, changed: Changed, circumstances: Circumstances) -> None:
        self.before = before
        self.changed = changed
        self.circumstances = circumstances
        # What an ALTER TABLE makes of its columns, in SQL, and whether of this table alone.
        self.dropped: frozenset[str] = frozenset()  # names that it drops before
        self.without_default: frozenset[str] = frozenset()
        self.subtypes: frozenset[str] = frozenset()
        self.new_columns: Mapping[str, str | None] = {}
        self.only = False
        self.unread = False  # nobody has said whether the server takes its expressions
        self._locks: dict[Relation, LockMode] = {}
        self._rewrites: set[Relation] = set()
        self._scans: set[Relation] = set()
        self._outcome = Outcome.OK
        self._sqlstate: str | None = None
        self._because: dict[str, None] = {}
        self._conditions: dict[Condition, Stage] = {}
        self._analyses: dict[Analysis, None] = {}
        self._loses: dict[str, None] = {}

    def lock(self, relation: Relation | None, mode: LockMode) -> None:
        """Relations that are not known (temporary, or of an extension) are left out."""
        if relation is not None:
            self._locks[relation] = max(mode, self._locks.get(relation, mode))

    def lock_all(self, relations: Iterable[Relation], mode: LockMode) -> None:
        for relation in relations:
            self.lock(relation, mode)

    def scan(self, *tables: Relation) -> None:
        """A partitioned table holds nothing itself: its partitions are scanned."""
        for table in tables:
            if self.before.has_storage(table):
                self._scans.add(table)

    def rewrite(self, table: Relation, *, without: Iterable[Relation] = ()) -> None:
        """*table* and its indexes get new files. Those of *without* are dropped and made again."""
        self.scan(table)
        made_again = set(without)
        for index, _ in self.before.indexes(table):
            self.lock(index, LockMode.ACCESS_EXCLUSIVE)
            if self.before.has_storage(table) and index not in made_again:
                self._rewrites.add(index)
        if self.before.has_storage(table):
            self._rewrites.add(table)

    def rewrite_file(self, relation: Relation) -> None:
        """The file of *relation* alone: an index, a sequence."""
        self._rewrites.add(relation)

    def depends(self, sqlstate: str | None, because: str, *tables: Relation | None) -> None:
        """What decides is not known here, and no query can show it; unless all *tables* are empty."""
        if not (tables and all(each in self.circumstances.empty for each in tables)):
            self.condition(Condition(sqlstate or "", because))

    def condition(self, condition: Condition, stage: Stage = Stage.CHECK, *tables: Relation | None) -> None:
        """Rows decide, unless all *tables* are empty. The server comes to conditions by their stage."""
        if tables and all(each in self.circumstances.empty for each in tables):
            return
        self._conditions.setdefault(condition, stage)
        if condition.rare:
            return
        if self._outcome is Outcome.OK:
            self._outcome, self._sqlstate = Outcome.DEPENDS, condition.sqlstate or None
        self._because[condition.because] = None

    def ask(self, analysis: Analysis) -> None:
        """The server's analyser says whether it takes this; but for what an extension of the run may bring."""
        if self.circumstances.passed.brings_extension:
            analysis = replace(analysis, open_to=analysis.open_to | _OF_EXTENSIONS)
        self._analyses[analysis] = None

    def column(self, table: Relation, name: str) -> Column | None:
        """The column as it is when the statement has run, else as it was before."""
        subject = Subject(Kind.COLUMN, (*table, name))
        after = self.changed.get(subject, (None, None))[1]
        found = after if after is not None else self.before.objects.get(subject)
        return found if isinstance(found, Column) else None

    def type(self, spelled: str) -> Subject | None:
        """The type of the database's own that a column's type *spelled* is."""
        name = unquoted(spelled.removesuffix("[]"))
        kinds = TYPES
        return next((found for kind in kinds if self.definition(found := Subject(kind, name)) is not None), None)

    def definition(self, subject: Subject) -> Definition | None:
        return self.changed.get(subject, (None, self.before.objects.get(subject)))[1]

    @property
    def has_conditions(self) -> bool:
        return bool(self._conditions)

    def add_unknown(self, because: str) -> None:
        if self._outcome in (Outcome.OK, Outcome.DEPENDS):
            self._outcome, self._sqlstate = Outcome.UNKNOWN, None
        self._because[because] = None

    def note(self, because: str) -> None:
        self._because[because] = None

    def loses(self, what: str) -> None:
        self._loses[what] = None

    def prediction(self) -> Prediction:
        effects = Effects(
            {relation: self._locks[relation] for relation in sorted(self._locks)},
            frozenset(self._rewrites),
            frozenset(self._scans),
        )
        return Prediction(
            self._outcome,
            effects,
            self._sqlstate,
            tuple(self._because),
            tuple(self._loses),
            analyses=tuple(self._analyses),
            conditions=tuple(sorted(self._conditions, key=self._place)),
        )

    def _place(self, condition: Condition) -> Stage:
        """Indexes are built before the rows are read, unless these are rewritten."""
        stage = self._conditions[condition]
        return Stage.INDEX_AFTER_ROWS if stage is Stage.INDEX and self._rewrites else stage
