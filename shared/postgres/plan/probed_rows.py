"""The rows of a table behind what a statement does to its columns, as a FROM item of a query."""
# ruff: noqa: S608  # SQL is what this module writes; names are quoted, all else is written from trees

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from ...model.plan import Relation
from ...model.schema import Definition, Index
from .footprint import Footprint
from .row_states import State, item, sampled
from .writing import UnwrittenError, Writer, quoted


class Rows:
    """The rows of *table* behind what a statement does to its columns.

    *columns* say, in SQL, what it makes of a column; one that is None cannot be written. *state* are the rows, where
    they differ from those that the earlier run leaves in the table; it says itself what is in the columns *new*.
    """

    def __init__(
        self,
        footprint: Footprint,
        table: Relation,
        columns: Mapping[str, str | None] | None = None,
        names: Mapping[str, str] | None = None,
        *,
        state: State | None = None,
        new: Collection[str] = (),
    ) -> None:
        self._names = names
        self.footprint = footprint
        self.table = table
        self._columns = dict(columns or {})
        self._partitioned = footprint.before.is_partitioned(table)
        self._given = state
        self._new = new
        self._sampled = ""

    @contextmanager
    def sampled(self) -> Iterator[None]:
        """Within, items are of some pages of the table, and not of all."""
        self._sampled = " TABLESAMPLE SYSTEM (1)"
        yield
        self._sampled = ""

    @property
    def writer(self) -> Writer:
        """Writes expressions over the rows as they are before the statement."""
        return Writer(self.footprint.before, self._names)

    def of_family(self, uses: Iterable[str]) -> str:
        """A FROM item: the rows of the table and of all below it, with the columns that are used."""
        return self._item(uses, only=False)

    def own(self, uses: Iterable[str]) -> str:
        """A FROM item: the rows that an index or a foreign key of the table is about."""
        return self._item(uses, only=not self._partitioned)

    def state(self, *, only: bool = False) -> State | None:
        """The rows that a query reads; None where they are the live ones."""
        found = self._given
        if found is None:
            family = (self.table,) if only else tuple(self.footprint.before.family(self.table))
            found = self.footprint.circumstances.passed.rows(family)
        return found if found is None or not self._sampled else sampled(found, self._sampled)

    def _item(self, uses: Iterable[str], *, only: bool) -> str:
        used = list(dict.fromkeys(uses))
        name = quoted(self.table[1])
        state = self.state(only=only)
        values = {column: self.value(column) for column in used}
        plain = all(value == f"{name}.{quoted(column)}" for column, value in values.items())
        if state is not None and plain:
            return item(state, used, self.table[1])
        table = f"{'ONLY ' if only else ''}{quoted(self.table[0])}.{name} AS {name}{self._sampled}"
        if plain:
            return table
        if state is not None:
            table = item(state, self._needed(used), self.table[1])
        listed = ", ".join(f"{value} AS {quoted(column)}" for column, value in values.items())
        return f"(SELECT {listed} FROM {table}) AS {name}"

    def _needed(self, used: Iterable[str]) -> list[str]:
        """What is used, and all that a new value may be made of."""
        there = [name for name, _ in self.footprint.before.columns(self.table)]
        return [*dict.fromkeys((*(each for each in used if each not in self._columns), *there))]

    def value(self, column: str) -> str:
        if column in self._columns:
            value = self._columns[column]
            if value is None:
                raise UnwrittenError
            return value
        return f"{quoted(self.table[1])}.{quoted(column)}"

    def read(self, uses: Iterable[str]) -> tuple[str, ...]:
        """Those of the columns used that the rows have now."""
        before = self.footprint.before
        return tuple(each for each in uses if each not in self._columns or before.column(self.table, each) is not None)

    def is_served(self, column: str) -> bool:
        """Say whether an index finds the NULLs of *column* in the table and in all below it."""
        if self.state() is not None or self.value(column) != f"{quoted(self.table[1])}.{quoted(column)}":
            return False
        before = self.footprint.before
        # An index of a partitioned table has a part in each partition.
        tables = [self.table] if self._partitioned else list(before.family(self.table))
        return all(any(_finds_nulls(part, column) for _, part in before.parts(each)) for each in tables)


def _finds_nulls(part: Definition, column: str) -> bool:
    is_whole = isinstance(part, Index) and part.method == "btree" and part.valid and part.predicate is None
    return isinstance(part, Index) and is_whole and part.keys[0].column == column
