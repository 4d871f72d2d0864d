"""How large tables are at each moment of a pending run: what its statements make, rename and fill is followed."""

from ...model.plan import Effects, Relation, Sizes, TableSize
from ...model.schema import Kind
from ...model.value import dataclass, replace
from ..parse import Statement
from .known import Changed, Known

# No table of the server is larger (PostgreSQL's documentation, "PostgreSQL Limits"): 32 TiB.
_LARGEST = 32 * 2**40


@dataclass(frozen=True, slots=True)
class Size:
    """The bytes of a table, at least and at most. *found* is what was measured before the run; None for a new one."""

    low: float
    high: float
    found: TableSize | None = None


class SizesOfRun:
    def __init__(self, sizes: Sizes) -> None:
        self._sizes = {table: Size(size.bytes, size.bytes, size) for table, size in sizes.items()}

    def of(self, table: Relation) -> Size | None:
        """None where the size is not known."""
        return self._sizes.get(table)

    def follow(self, statement: Statement, effects: Effects, before: Known, changed: Changed) -> None:
        """Take in *statement*: *before* is the schema before it, *changed* what it changes. Once for each, in order."""
        read = [self._sizes.get(each) for each in effects.scans]
        most = None if None in read else sum(each.high for each in read if each is not None)
        self._follow_tables(statement, most, changed)
        if statement.kind in ("UpdateStmt", "InsertStmt", "MergeStmt"):
            target = before.find(statement.node["relation"])
            if target is not None and target in self._sizes:
                # An update leaves each old row behind until the next vacuum.
                updated = self._sizes[target].high if statement.kind != "InsertStmt" else 0
                self._grow(target, None if most is None else max(most, updated))

    def _follow_tables(self, statement: Statement, most: float | None, changed: Changed) -> None:
        """Follow which tables *statement* makes or moves; *most* is the most that it can put into them."""
        tables = [each for each in changed.items() if each[0].kind in (Kind.TABLE, Kind.MATERIALIZED_VIEW)]
        gone = [(subject.name[0], subject.name[1]) for subject, (_, now) in tables if now is None]
        new = [(subject.name[0], subject.name[1]) for subject, (was, _) in tables if was is None]
        is_moved = statement.kind in ("RenameStmt", "AlterObjectSchemaStmt")
        for table in new:
            if is_moved and gone:
                if gone[0] in self._sizes:
                    self._sizes[table] = self._sizes.pop(gone[0])
            elif statement.kind in ("CreateTableAsStmt", "SelectStmt"):
                self._grow(table, most)
            else:
                self._sizes[table] = Size(0, 0)

    def _grow(self, table: Relation, most: float | None) -> None:
        size = self._sizes.pop(table, Size(0, 0))
        if most is not None:
            self._sizes[table] = replace(size, high=min(size.high + most, max(size.high, _LARGEST)))
