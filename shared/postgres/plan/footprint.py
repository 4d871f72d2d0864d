"""What a statement touches, collected while its parts are read."""

from collections.abc import Iterable

from shared.model.plan import Condition, Effects, LockMode, Outcome, Prediction, Relation
from shared.model.value import dataclass
from shared.postgres.plan.known import Changed, Known


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides beside the schema. *version* is the server's major one.

    *time_zone* is the session's, None where it is not known. *in_block*: the statement runs in a transaction block
    with others; None where that is not known. *new_values* are the enum values added in this transaction: type as
    columns spell it, and value. *empty* are tables that hold no rows for certain: those that the same run made.
    *vague* are those of which the replay does not know all. *may_run_twice*: another process may run the same
    deployment at the same time, and waits for a lock that this one holds.
    """

    version: int
    time_zone: str | None = None
    in_block: bool | None = False
    new_values: frozenset[tuple[str, str]] = frozenset()
    empty: frozenset[Relation] = frozenset()
    vague: frozenset[Relation] = frozenset()
    may_run_twice: bool = False


class Footprint:
    """Locks, rewrites, scans and conditions of one statement; a stronger lock replaces a weaker one."""

    def __init__(self, before: Known, changed: Changed, circumstances: Circumstances) -> None:
        self.before = before
        self.changed = changed
        self.circumstances = circumstances
        self._locks: dict[Relation, LockMode] = {}
        self._rewrites: set[Relation] = set()
        self._scans: set[Relation] = set()
        self._outcome = Outcome.OK
        self._sqlstate: str | None = None
        self._because: dict[str, None] = {}
        self._conditions: dict[Condition, None] = {}
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
        """What decides is not known here, and no query can tell; unless all *tables* are empty."""
        if not (tables and all(each in self.circumstances.empty for each in tables)):
            self.condition(Condition(sqlstate or "", because))

    def condition(self, condition: Condition) -> None:
        """Rows decide; conditions are added in the order in which the server comes to them."""
        if self._outcome is Outcome.OK:
            self._outcome, self._sqlstate = Outcome.DEPENDS, condition.sqlstate or None
        self._conditions[condition] = None
        self._because[condition.because] = None

    def cannot_tell(self, because: str) -> None:
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
            conditions=tuple(self._conditions),
        )
