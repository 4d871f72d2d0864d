"""What a statement has to do with whole tables: which of them it reads, builds indexes of, rewrites, or changes."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from ...model.plan import Effects, LockMode, Relation
from ...model.schema import Kind, Subject
from ...model.value import dataclass
from ..parse import Statement, Tree
from .known import Known
from .volatility import calls_unknown_code


class Work(StrEnum):
    """Kinds of work whose time grows with a table."""

    READ = "read"  # a query
    CHECK = "check"  # every row is tested: NOT NULL, CHECK, bounds of a partition
    REFERENCE = "reference"  # a foreign key is checked
    INDEX = "index"  # a B-tree or hash index is built
    OTHER_INDEX = "other index"  # GIN, GiST, SP-GiST, BRIN, or one of an extension
    REWRITE = "rewrite"  # every row is written to a new file
    CHANGE = "change"  # rows are inserted, updated or deleted, any number of them


@dataclass(frozen=True, slots=True)
class Task:
    """*work* over *table*, so many *times*."""

    work: Work
    table: Relation
    times: int = 1


_CHANGES = frozenset({"DeleteStmt", "InsertStmt", "MergeStmt", "UpdateStmt"})
_UNBOUNDED = frozenset({"CallStmt", "CopyStmt", "DoStmt", "ExecuteStmt"})
_PLAIN_INDEXES = frozenset({"btree", "hash"})
_BUILT = frozenset({"CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION"})
_READS = frozenset({"CreateTableAsStmt", "RefreshMatViewStmt", "SelectStmt", "ViewStmt"})
# A concurrent build reads the table twice.
_TWICE = 2


def work_of(statement: Statement, effects: Effects, before: Known) -> tuple[Task, ...] | None:
    """The tasks of *statement*; None where something decides that is not known here: functions, triggers, cascades."""
    if statement.kind in _UNBOUNDED or calls_unknown_code(statement.tree, before) is not None:
        return None
    if statement.kind == "TruncateStmt":
        return ()  # what is rewritten is empty
    if statement.kind in _CHANGES:
        return _changes(statement, effects, before)
    return (*_rewrites(effects, before), *_rest(statement, effects, before))


def _changes(statement: Statement, effects: Effects, before: Known) -> tuple[Task, ...] | None:
    written = [each for each, mode in effects.locks.items() if mode >= LockMode.ROW_EXCLUSIVE and before.kind(each)]
    tables = [each for each in written if before.table_of(each) is None]
    if any(_runs_code(before, table, statement.kind) for table in tables):
        return None
    read = (Task(Work.READ, table) for table in sorted(effects.scans) if table not in tables)
    if statement.kind != "InsertStmt":
        return (*read, *(Task(Work.CHANGE, table) for table in tables if before.has_storage(table)))
    # At most as many rows as are read; a list of values is no work.
    return (*read, *(Task(Work.CHANGE, table) for table in sorted(effects.scans)))


def _runs_code(before: Known, table: Relation, kind: str) -> bool:
    """A trigger runs code for each row; without an index a deleted row makes the server read each table that refers."""
    if any(True for _ in before.parts(table, Kind.TRIGGER, Kind.RULE)):
        return True
    return kind in ("DeleteStmt", "MergeStmt") and any(True for _ in before.referencing(table))


def _rewrites(effects: Effects, before: Known) -> Iterator[Task]:
    """Tables that get a new file with all their indexes, and single indexes that do."""
    tables = [each for each in effects.rewrites if before.has_storage(each) and before.table_of(each) is None]
    for table in sorted(tables):
        yield Task(Work.REWRITE, table)
        indexes = sum(1 for _ in before.indexes(table))
        if indexes:
            yield Task(Work.INDEX, table, indexes)
    alone = [before.table_of(each) for each in effects.rewrites]
    for table in sorted({each for each in alone if each is not None and each not in tables}):
        if before.has_storage(table):
            yield Task(Work.INDEX, table, alone.count(table))


def _rest(statement: Statement, effects: Effects, before: Known) -> Iterator[Task]:
    scans = sorted(effects.scans)
    if statement.kind == "IndexStmt":
        yield from (index_work(statement.node, table) for table in scans)
    elif statement.kind == "AlterTableStmt":
        yield from _of_alter_table(statement.node, effects, before)
    elif statement.kind in _READS:
        yield from (Task(Work.READ, table) for table in scans if table not in effects.rewrites)
    elif statement.kind not in ("ReindexStmt", "ClusterStmt", "VacuumStmt"):
        yield from (Task(Work.CHECK, table) for table in scans)


def index_work(node: Tree, table: Relation) -> Task:
    """CREATE INDEX on *table*."""
    work = Work.INDEX if node.get("accessMethod", "btree") in _PLAIN_INDEXES else Work.OTHER_INDEX
    return Task(work, table, _TWICE if node.get("concurrent") else 1)


def _of_alter_table(node: Tree, effects: Effects, before: Known) -> Iterator[Task]:
    """One pass checks all that is to be checked; each constraint with an index, and each foreign key, is its own."""
    scans = sorted(effects.scans)
    built = references = 0
    for constraint in constraints_of(node):
        if constraint.get("skip_validation"):
            continue
        built += constraint["contype"] in _BUILT and "indexname" not in constraint
        references += constraint["contype"] == "CONSTR_FOREIGN"
    table = before.find(node["relation"])
    own = set(before.family(table)) if table is not None else set()
    for each in scans:
        if built and each in own:
            yield Task(Work.INDEX, each, built)
        if each not in own:  # where no row refers to it, it is not read
            yield Task(Work.READ, each, max(references, 1))
        elif references or _validates_key(node, before, table):
            yield Task(Work.REFERENCE, each, max(references, 1))
        elif each not in effects.rewrites:
            yield Task(Work.CHECK, each)


def constraints_of(node: Tree) -> Iterator[Tree]:
    """The constraints that an ALTER TABLE adds, of columns and of the table."""
    return constraints_within(each["AlterTableCmd"].get("def", {}) for each in node["cmds"])


def constraints_within(elements: Iterable[Tree]) -> Iterator[Tree]:
    """The constraints among a table's *elements*, and those of their columns."""
    for each in elements:
        if "Constraint" in each:
            yield each["Constraint"]
        yield from (one["Constraint"] for one in each.get("ColumnDef", {}).get("constraints", ()))


def _validates_key(node: Tree, before: Known, table: Relation | None) -> bool:
    names = {
        each["AlterTableCmd"]["name"]
        for each in node["cmds"]
        if each["AlterTableCmd"]["subtype"] == "AT_ValidateConstraint"
    }
    if table is None or not names:
        return False
    return any(Subject(Kind.FOREIGN_KEY, (*table, name)) in before.objects for name in names)
