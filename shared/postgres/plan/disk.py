"""What the statements of a run write to the disk, at most: new files of tables and indexes, sort files, and WAL.

A rewrite writes the table, its long values and all its indexes to new files; a build makes one index. Each byte of a
new file is written to the WAL as well. Rows are counted from the size of the file where the server's estimate is of
another moment. What the rows or unknown code decide is not known: how many rows an UPDATE finds, how large a GIN index
gets.
"""

from collections.abc import Iterator, Sequence

from ...model.disk import DiskNeed, DiskUse
from ...model.plan import Effects, Relation
from ...model.schema import Column, Definition, Exclusion, Index, Kind, PrimaryKey, Subject, Unique
from ..parse import Statement, Tree
from .durations import Span
from .known import Changed, Known
from .page_sizes import FIRST_PAGES, MORE_ROWS, ROW, Heap, btree, hash_index, packed
from .sizes_of_run import SizesOfRun
from .widths import aligned, fixed_width, growth, of_constants
from .work import Task, constraints_of

# The table of long values: its index, and pages that are filled in another way.
_TOAST = 1.1
# An index as it was when it was last counted, built again with the usual free space in its pages.
_REBUILT = 1.25

_CHANGES = frozenset({"DeleteStmt", "InsertStmt", "MergeStmt", "UpdateStmt"})
_QUERIES = frozenset({"CreateTableAsStmt", "RefreshMatViewStmt"})
_Built = Index | PrimaryKey | Unique | Exclusion


class DiskOfRun:
    """What a run needs of the disk. *sizes* are those at the moment of each statement."""

    def __init__(self, sizes: SizesOfRun) -> None:
        self._sizes = sizes
        # The bytes by which rewrites lengthened the rows of tables.
        self._grown: dict[Relation, float] = {}
        # The bytes of indexes that the run builds.
        self._indexes: dict[Relation, int] = {}
        self._kept = self._most = self._unknown = 0

    @property
    def need(self) -> DiskNeed:
        return DiskNeed(self._most, unknown=self._unknown)

    def end_file(self, uses: Sequence[DiskUse | None], together: Sequence[Span]) -> None:
        """Add up the statements of a file. *together* says which are in one transaction: old files stay to its end."""
        freed = 0
        for number, use in enumerate(uses):
            if use is None:
                self._unknown += 1
            else:
                self._kept += use.files + use.wal
                freed += use.freed
                self._most = max(self._most, self._kept + use.sorting)
            if together[number].perhaps == number:
                self._kept, freed = self._kept - freed, 0

    def use(
        self,
        statement: Statement,
        tasks: tuple[Task, ...] | None,
        effects: Effects,
        before: Known,
        changed: Changed,
    ) -> DiskUse | None:
        """What *statement* alone writes; None where its *tasks* are not known, or the rows decide.

        *before* is the schema before it, *changed* what it changes.
        """
        if statement.kind == "TruncateStmt":
            return DiskUse()
        if tasks is None or statement.kind in _QUERIES:
            return None
        if statement.kind in _CHANGES:
            return self._of_changes(statement, before)
        if statement.kind == "SelectStmt":
            return None if "intoClause" in statement.node else DiskUse()
        return _sum([*self._rewrites(statement, effects, before, changed), *self._builds(statement, before, changed)])

    def _rewrites(
        self, statement: Statement, effects: Effects, before: Known, changed: Changed
    ) -> Iterator[DiskUse | None]:
        tables = {each for each in effects.rewrites if before.has_storage(each) and before.table_of(each) is None}
        more = growth(statement, before, changed) if tables else 0
        for table in sorted(tables):
            yield self._rewritten(table, more, statement, before, changed)
        for index in sorted(effects.rewrites):
            table_of, subject = before.table_of(index), before.subject(index)
            if table_of is not None and table_of not in tables and before.has_storage(table_of) and subject is not None:
                yield self._rebuilt(table_of, [subject], set(), before, changed)

    def _rewritten(
        self, table: Relation, more: int | None, statement: Statement, before: Known, changed: Changed
    ) -> DiskUse | None:
        heap = self._heap(table)
        if heap is None or more is None:
            return None
        size = packed(heap, more)
        self._grown[table] = self._grown.get(table, 0) + heap.rows * more
        altered = {subject.name[-1] for subject in changed if subject.kind is Kind.COLUMN}
        subjects = [subject for _, subject in before.indexes(table)]
        indexes = self._rebuilt(table, subjects, altered, before, changed)
        if indexes is None:
            return None
        # CLUSTER sorts the rows.
        sorting = round(heap.bytes + heap.toast) if statement.kind in ("ClusterStmt", "RepackStmt") else 0
        found = self._sizes.of(table)
        freed = round(found.low) if found is not None else 0
        files = round(size + heap.toast * _TOAST)
        return _sum([DiskUse(files, files, sorting, freed), indexes])

    def _rebuilt(
        self, table: Relation, subjects: Sequence[Subject], altered: set[str], before: Known, changed: Changed
    ) -> DiskUse | None:
        """Indexes that exist: as large as they were, but for those of *altered* columns and where that is not known."""
        heap = self._heap(table)
        if heap is None:
            return None
        definitions = [each for each in (before.objects[subject] for subject in subjects) if isinstance(each, _Built)]
        alone = [each for each in definitions if heap.indexes is None or altered & set(_columns(each))]
        found = [self._built(table, each, before, changed) for each in alone]
        if heap.indexes is not None and len(alone) < len(definitions):
            files = round(heap.indexes * _REBUILT) + FIRST_PAGES * len(subjects)
            found.append(DiskUse(files, files, files))
        return _sum(found)

    def _builds(self, statement: Statement, before: Known, changed: Changed) -> Iterator[DiskUse | None]:
        """The indexes that *statement* builds of tables that were there."""
        if statement.kind not in ("IndexStmt", "AlterTableStmt"):
            return
        if statement.kind == "AlterTableStmt" and any("indexname" in each for each in constraints_of(statement.node)):
            return  # it takes an index that there is
        for subject, (was, now) in changed.items():
            if was is None and isinstance(now, _Built):
                owner = now.table.relation if isinstance(now, Index) else subject.relation
                for table in before.family(owner) if before.kind(owner) is not None else ():
                    if before.has_storage(table):
                        found = self._built(table, now, before, changed)
                        self._indexes[table] = self._indexes.get(table, 0) + (found.files if found is not None else 0)
                        yield found

    def _built(self, table: Relation, definition: _Built, before: Known, changed: Changed) -> DiskUse | None:
        heap, keys = self._heap(table), _columns(definition)
        if heap is None or (isinstance(definition, Index | Exclusion) and definition.method not in ("btree", "hash")):
            return None
        if None in keys:
            return None  # an expression's values may have any length
        if isinstance(definition, Index | Exclusion) and definition.method == "hash":
            return hash_index(heap)
        columns = [_column(table, each, before, changed) for each in keys if each is not None]
        return btree(heap, columns, self._fixed_part(table, before), before)

    def _of_changes(self, statement: Statement, before: Known) -> DiskUse | None:
        """Only an UPDATE of all rows to values of a known length, a DELETE of all, and an INSERT of listed rows."""
        node = statement.node
        if statement.kind == "InsertStmt":
            is_list = "valuesLists" in node.get("selectStmt", {}).get("SelectStmt", {}) or "selectStmt" not in node
            size = len(statement.sql.encode())
            return DiskUse(size, size) if is_list else None
        table = before.find(node["relation"])
        heap = self._heap(table) if table is not None else None
        if heap is None or table is None or "whereClause" in node or len([*before.family(table)]) > 1:
            return None
        if statement.kind == "DeleteStmt":
            return DiskUse(wal=round(heap.bytes))
        if statement.kind != "UpdateStmt" or "fromClause" in node:
            return None
        more = _set(table, statement, before)
        subjects = [subject for _, subject in before.indexes(table)]
        indexes = self._rebuilt(table, subjects, set(), before, {})
        if more is None or indexes is None:
            return None
        # Each old row and its entries stay; pages of an index are split in halves.
        files = round(packed(heap, more)) + 2 * indexes.files
        return DiskUse(files, files)

    def _heap(self, table: Relation) -> Heap | None:
        size = self._sizes.of(table)
        if size is None:
            return None
        total = size.high + self._grown.get(table, 0)
        rows, indexes = size.high / ROW, None if size.high else 0.0
        found = size.found
        if found is None:
            return Heap(total, rows, 0, 100, indexes)
        if found.counted_bytes > 0 and found.rows is not None:
            share = size.high / found.counted_bytes
            rows = min(rows, found.rows * share * MORE_ROWS)
            indexes = found.index_bytes * share + self._indexes.get(table, 0)
        return Heap(total, rows, found.toast_bytes, found.fillfactor, indexes)

    def _fixed_part(self, table: Relation, before: Known) -> int:
        """The bytes of a row that are not of values of any length."""
        widths = (fixed_width(each.type, before) for _, each in before.columns(table) if not each.nullable)
        return ROW + sum(each.bytes for each in widths if each is not None)


def _columns(definition: _Built) -> list[str | None]:
    """The columns of an index; None for an expression."""
    match definition:
        case Index():
            return [*(each.column for each in definition.keys), *definition.include]
        case Exclusion():
            return [*(each.column for each, _ in definition.elements), *definition.include]
        case _:
            return [*definition.columns, *definition.include]


def _column(table: Relation, name: str, before: Known, changed: Changed) -> Column | None:
    """The column as it is when the statement has run."""
    after: Definition | None = changed.get(Subject(Kind.COLUMN, (*table, name)), (None, None))[1]
    return after if isinstance(after, Column) else before.column(table, name)


def _set(table: Relation, statement: Statement, before: Known) -> int | None:
    """The bytes by which UPDATE … SET lengthens a row; None where what is set may have any length."""
    total = 0
    for each in statement.node.get("targetList", ()):
        target: Tree = each["ResTarget"]
        column = before.column(table, target.get("name", ""))
        fixed = fixed_width(column.type, before) if column is not None else None
        value = fixed.bytes if fixed is not None else of_constants(target.get("val", {}), statement)
        if value is None or "indirection" in target:
            return None
        total += aligned(value, 8) + 8
    return total


def _sum(uses: Sequence[DiskUse | None]) -> DiskUse | None:
    """Files and WAL add up; sort files do not: one is done before the next begins."""
    known = [each for each in uses if each is not None]
    if len(known) < len(uses):
        return None
    return DiskUse(
        sum(each.files for each in known),
        sum(each.wal for each in known),
        max((each.sorting for each in known), default=0),
        sum(each.freed for each in known),
    )
