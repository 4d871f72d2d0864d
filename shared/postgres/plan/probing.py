"""Questions to the rows of a table as a statement finds them: its columns with the values that the statement gives.

Each gives a `Condition`; where the question cannot be written, one without a probe.
"""
# ruff: noqa: S608  # SQL is what this module writes; names are quoted, all else is written from trees

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ...model.plan import Access, Condition, Probe, Relation
from ...model.schema import Definition, Index, Kind, PrimaryKey, Unique
from .. import offending_rows
from ..offending_rows import OffendingRows, is_unequal
from ..parse import Tree
from .called import routines_of
from .expressions import columns_in
from .footprint import Footprint
from .own_types import insist_on_own_types
from .passed import live_tables
from .probed_rows import Rows
from .row_states import State, item
from .writing import UnwrittenError, Writer, quoted

# The operator that a key compares by, whatever the search path leads to.
EQUAL = "OPERATOR(pg_catalog.=)"


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
    unsettled = _unsettled(rows, uses, others or {}, writer, alike=alike)
    if rows.state() is not None and access is Access.INDEX:
        access = Access.SCAN
    listing = None if found.having else found.listing(_as_text(rows, found.keys))
    probe = Probe(
        found.probe, tuple(_tables(rows, others or {})), access, routines, sample, tuple(others or {}), listing
    )
    return Condition(sqlstate, because, probe, unsettled)


def _tables(rows: Rows, others: Iterable[Relation]) -> dict[Relation, None]:
    """The tables that are read: the live ones where the run leaves other rows."""
    before, passed, state = rows.footprint.before, rows.footprint.circumstances.passed, rows.state()
    found = [*(before.family(rows.table) if state is None else live_tables([state]))]
    for each in others:
        family = tuple(before.family(each))
        found += family if passed.rows(family) is None else live_tables([passed.rows(family)])
    return dict.fromkeys(found)


def _unsettled(
    rows: Rows, uses: Sequence[str], others: Mapping[Relation, Iterable[str]], writer: Writer, *, alike: bool
) -> str | None:
    """Why an answer of now does not settle it: what the run does before to the rows, or to their types."""
    before, passed = rows.footprint.before, rows.footprint.circumstances.passed
    below, read = tuple(before.family(rows.table)), rows.read(uses)
    unsettled = passed.unsettled(below, read) if read or not uses else None
    for other, columns in others.items():
        unsettled = unsettled or passed.unsettled(tuple(before.family(other)), columns)
    if any(passed.is_pending_type(each) for each in writer.types_of_own):
        unsettled = unsettled or "the run makes or changes a type that it names"
    if not alike and any(passed.is_text(each, uses) for each in below):
        unsettled = unsettled or "the run changes the enum of a column that it compares"
    return unsettled


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
    partitioned = footprint.before.is_partitioned(other)
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
        return () if definition.without_overlaps else definition.columns
    if isinstance(definition, Index) and definition.method == "btree" and definition.predicate is None:
        return tuple(key.column for key in definition.keys)
    return ()
