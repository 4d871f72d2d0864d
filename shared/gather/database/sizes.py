"""How much the tables hold: what the plan of a deployment and its probes rest on."""

from collections.abc import Sequence

import psycopg

from ...model.plan import Relation, Sizes, TableSize
from ...model.value import dataclass
from .query import Query, from_file


@dataclass(frozen=True, slots=True)
class _Columns:
    """One place in each for a table; none at all (None) where there is no table."""

    schemas: Sequence[str] | None
    names: Sequence[str] | None
    materialized: Sequence[bool] | None
    tuples: Sequence[int] | None
    bytes: Sequence[int] | None
    index_bytes: Sequence[int] | None
    files: Sequence[int] | None
    toast_bytes: Sequence[int] | None
    counted_bytes: Sequence[int] | None
    fillfactors: Sequence[int] | None


@dataclass(frozen=True, slots=True)
class FoundSizes:
    """*empty* are the tables that certainly hold no row: their file has never grown, or was emptied by TRUNCATE."""

    sizes: Sizes
    empty: frozenset[Relation]


NOT_MEASURED = FoundSizes({}, frozenset())


def ask_sizes() -> Query[_Columns]:
    return from_file("sizes", _Columns)


def sizes(query: Query[_Columns]) -> FoundSizes:
    """Give the sizes; none where they cannot be read: nothing may be concluded then."""
    try:
        found = query.one()
    except psycopg.Error:
        return NOT_MEASURED
    columns = (
        found.schemas, found.names, found.materialized, found.tuples, found.bytes, found.index_bytes, found.files,
        found.toast_bytes, found.counted_bytes, found.fillfactors,
    )  # fmt: skip
    if found.schemas is None:
        return NOT_MEASURED
    all_sizes: dict[Relation, TableSize] = {}
    empty: set[Relation] = set()
    for schema, name, materialized, tuples, size, *rest in zip(*map(tuple, columns), strict=True):  # type: ignore[arg-type]  # no column is None
        if size < 0:
            continue  # dropped meanwhile
        all_sizes[schema, name] = TableSize(tuples if tuples >= 0 else None, size, *rest)
        if size == 0 and not materialized:
            empty.add((schema, name))
    return FoundSizes(all_sizes, frozenset(empty))
