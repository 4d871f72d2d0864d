"""Questions to the rows of a table as a statement finds them: its columns with the values that the statement gives.

Each gives a `Condition`; where the question cannot be written, one without a probe.
"""
# ruff: noqa: S608  # SQL is what this module writes; names are quoted, all else is written from trees

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from ...model.plan import Access, Condition, Probe, Relation
from ...model.schema import Definition, Index, Kind, PrimaryKey, Subject, Table, Unique
from .. import offending_rows
from ..offending_rows import OffendingRows, is_unequal
from ..parse import Tree
from .called import routines_of
from .expressions import columns_in
from .footprint import Footprint
from .own_types import insist_on_own_types
from .passed import live_tables
from .row_states import State, item, sampled
from .writing import UnwrittenError, Writer, quoted

# The operator that a key compares by, whatever the search path leads to.
EQUAL = "OPERATOR(pg_catalog.=)"


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
        self._partitioned = _is_partitioned(footprint, table)
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


def condition(
    rows: Rows,
    sqlstate: str,
    because: str,
    uses: Iterable[str],
    write: Callable[[Writer], OffendingRows],
    *,
    access: Access = Access.SCAN,
    others: Mapping[Relation, Iterable[str]] | None = None,
    by_parts: bool = True,
    alike: bool = False,
) -> Condition:
    """*write* gives the rows; *uses* are columns of the table's rows, *others* other tables with columns.

    *by_parts*: what the query finds in some of the rows, it finds in all. *alike*: it asks no more of values than
    whether they are equal, and means the same of an enum that is text.
    """
    writer = rows.writer
    uses = tuple(uses)
    try:
        found = write(writer)
        routines = routines_of(rows.footprint.before, found.probe, _read_as(rows, uses))
        sample = None
        if by_parts and access is not Access.INDEX:
            with rows.sampled():
                sample = write(rows.writer).probe
    except (UnwrittenError, LookupError, ValueError, RecursionError):
        return Condition(sqlstate, because)
    before, passed = rows.footprint.before, rows.footprint.circumstances.passed
    below = tuple(before.family(rows.table))
    tables = [*live_tables([rows.state()])] if rows.state() is not None else [*below]
    read = rows.read(uses)
    unsettled = passed.unsettled(below, read) if read or not uses else None
    for other, columns in (others or {}).items():
        family = tuple(before.family(other))
        unsettled = unsettled or passed.unsettled(family, columns)
        tables += family if passed.rows(family) is None else [*live_tables([passed.rows(family)])]
    if any(passed.is_pending_type(each) for each in writer.types_of_own):
        unsettled = unsettled or "the run makes or changes a type that it names"
    if not alike and any(passed.is_text(each, uses) for each in below):
        unsettled = unsettled or "the run changes the enum of a column that it compares"
    if rows.state() is not None and access is Access.INDEX:
        access = Access.SCAN
    listing = None if found.having else found.listing(_as_text(rows, found.keys))
    probe = Probe(found.probe, (*dict.fromkeys(tables),), access, routines, sample, tuple(others or {}), listing)
    return Condition(sqlstate, because, probe, unsettled)


def _as_text(rows: Rows, keys: Iterable[str]) -> Iterator[str]:
    """The keys whose values may have no equality: all but those of the server's own types that have one."""
    columns = rows.footprint.before.columns(rows.table)
    equal = {name for name, each in columns if "." not in each.type and not is_unequal(each.type)}
    return (key for key in keys if not any(key.endswith(quoted(name)) for name in equal))


def _read_as(rows: Rows, columns: Iterable[str]) -> Iterator[str]:
    """The types that a literal beside one of *columns* is read as; beside a domain, as the domain's own type."""
    for each in columns:
        column = rows.footprint.before.column(rows.table, each)
        domain = rows.footprint.type(column.type) if column is not None else None
        if column is not None and (column.type.endswith("[]") or domain is None or domain.kind is not Kind.DOMAIN):
            yield column.type


def any_row(rows: Rows, sqlstate: str, because: str) -> Condition:
    return condition(
        rows, sqlstate, because, (), lambda _: OffendingRows(rows.of_family(())), access=Access.INDEX, alike=True
    )


def nulls(rows: Rows, column: str, because: str, *, only: bool = False) -> Condition:
    def write(_: Writer) -> OffendingRows:
        return offending_rows.nulls(rows.own([column]) if only else rows.of_family([column]), quoted(column))

    try:
        access = Access.INDEX if rows.is_served(column) else Access.SCAN
    except UnwrittenError:
        access = Access.SCAN
    return condition(rows, "23502", because, [column], write, access=access, alike=True)


def _finds_nulls(part: Definition, column: str) -> bool:
    is_whole = isinstance(part, Index) and part.method == "btree" and part.valid and part.predicate is None
    return isinstance(part, Index) and is_whole and part.keys[0].column == column


def breaking(
    rows: Rows, expression: Tree, because: str, *, only: bool = False, uses: Iterable[str] | None = None
) -> Condition:
    """Rows for which a CHECK is false."""
    uses = list(columns_in(expression) if uses is None else uses)

    def write(writer: Writer) -> OffendingRows:
        item = rows.own(uses) if only else rows.of_family(uses)
        return offending_rows.breaking(item, writer.write(expression), [*map(quoted, uses)])

    return condition(rows, "23514", because, uses, write)


def computing(
    rows: Rows, expressions: Sequence[Tree], *, because: str, sqlstate: str, predicate: Tree | None = None
) -> Condition:
    """The values are computed of each row: an error of that is the statement's own."""
    used = [*dict.fromkeys(used for key in (*expressions, predicate) for used in _used(key))]

    def write(writer: Writer) -> OffendingRows:
        counts = " + ".join(f"pg_catalog.count({writer.write(each)})" for each in expressions)
        where = f"({writer.write(predicate)})" if predicate is not None else ""
        return OffendingRows(rows.of_family(used), where, having=f"{counts} < 0")

    return condition(rows, sqlstate, because, used, write)


def duplicates(
    rows: Rows,
    keys: Sequence[Tree | str],
    because: str,
    *,
    predicate: Tree | None = None,
    nulls_distinct: bool = True,
) -> Condition:
    """Groups of rows that agree in all *keys*: names of columns, or expressions."""
    uses = [*dict.fromkeys(used for key in (*keys, predicate) for used in _used(key))]

    def write(writer: Writer) -> OffendingRows:
        written = [quoted(key) if isinstance(key, str) else f"({writer.write(key)})" for key in keys]
        # GROUP BY compares by the type's own class, as the index does; operators are written as pg_catalog's.
        operands = [used for key in (*keys, predicate) if not isinstance(key, str) for used in _used(key)]
        insist_on_own_types(rows.footprint, rows.table, operands)
        only = writer.write(predicate) if predicate is not None else None
        return offending_rows.duplicates(rows.own(uses), written, predicate=only, nulls_distinct=nulls_distinct)

    served = any(
        _columns_of(each)[: len(keys)] == tuple(key for key in keys if isinstance(key, str))
        for _, each in rows.footprint.before.parts(rows.table)
    )
    alike = predicate is None and all(isinstance(key, str) for key in keys)
    return condition(rows, "23505", because, uses, write, access=Access.SCAN if served else Access.GROUP, alike=alike)


def orphans(
    rows: Rows,
    columns: Sequence[str],
    other: Relation,
    referenced: Sequence[str],
    because: str,
    *,
    full: bool = False,
    others: State | None = None,
) -> Condition:
    """Rows that refer to none: of the other table, or of its rows as *others* says."""

    def write(_: Writer) -> OffendingRows:
        insist_on_own_types(rows.footprint, rows.table, rows.read(columns))
        insist_on_own_types(rows.footprint, other, referenced)
        ours = [f"{quoted(rows.table[1])}.{quoted(each)}" for each in columns]
        theirs = [f'"~other".{quoted(each)}' for each in referenced]
        origin = _referred_to(rows.footprint, other, referenced, others)
        return offending_rows.orphans(rows.own(columns), ours, origin, theirs, equal=EQUAL, full=full)

    return condition(rows, "23503", because, columns, write, others={other: referenced}, alike=True)


def _referred_to(footprint: Footprint, other: Relation, columns: Sequence[str], given: State | None) -> str:
    partitioned = _is_partitioned(footprint, other)
    family = tuple(footprint.before.family(other)) if partitioned else (other,)
    state = given if given is not None else footprint.circumstances.passed.rows(family)
    if state is not None:
        return item(state, columns, "~other")
    return f'{"" if partitioned else "ONLY "}{quoted(other[0])}.{quoted(other[1])} AS "~other"'


def filled(rows: Rows, columns: Sequence[str], sqlstate: str, because: str) -> Condition:
    """Rows that refer to any row at all, where there is none to refer to."""
    keys = [*map(quoted, columns)]
    given = " AND ".join(f"{each} IS NOT NULL" for each in keys)
    return condition(
        rows,
        sqlstate,
        because,
        columns,
        lambda _: OffendingRows(rows.own(columns), given, tuple(keys)),
        alike=True,
    )


def excluding(
    rows: Rows, elements: Sequence[tuple[Tree, list[str]]], predicate: Tree | None, because: str
) -> Condition:
    """Pairs of rows in which every element of both is in the relation of its operator."""
    keys = [element["name"] if "name" in element else element["expr"] for element, _ in elements]
    uses = [*dict.fromkeys(used for key in (*keys, predicate) for used in _used(key))]

    def write(writer: Writer) -> OffendingRows:
        insist_on_own_types(rows.footprint, rows.table, uses)
        values = [quoted(key) if isinstance(key, str) else f"({writer.write(key)})" for key in keys]
        listed = ", ".join(f'{value} AS "~{place}"' for place, value in enumerate(values))
        where = f" WHERE ({writer.write(predicate)})" if predicate is not None else ""
        one = f'(SELECT {listed}, pg_catalog.row_number() OVER () AS "~" FROM {rows.own(uses)}{where})'
        meets = "".join(
            f' AND "~one"."~{place}" OPERATOR(pg_catalog.{operator[-1]}) "~two"."~{place}"'
            for place, (_, operator) in enumerate(elements)
        )
        return OffendingRows(f'{one} AS "~one", {one} AS "~two"', f'"~one"."~" < "~two"."~"{meets}')

    # The rows of both sides are numbered, which two samples would not agree on.
    return condition(rows, "23P01", because, uses, write, access=Access.GROUP, by_parts=False)


def _used(key: Tree | str | None) -> Iterable[str]:
    return () if key is None else (key,) if isinstance(key, str) else columns_in(key)


def _columns_of(definition: Definition) -> tuple[str | None, ...]:
    if isinstance(definition, PrimaryKey | Unique):
        return definition.columns
    if isinstance(definition, Index) and definition.method == "btree" and definition.predicate is None:
        return tuple(key.column for key in definition.keys)
    return ()


def _is_partitioned(footprint: Footprint, table: Relation) -> bool:
    definition = footprint.before.objects.get(Subject(Kind.TABLE, table))
    return isinstance(definition, Table) and definition.partition_by is not None
