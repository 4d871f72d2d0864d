"""The bounds of partitions as conditions in SQL: which rows belong to one, and whether two of them overlap.

Of a key of one column; of others, and of a hash, nothing is written.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from ...model.plan import Relation
from ...model.schema import Column, Kind, Subject, Table
from ..canonical.expressions import read as read_form
from ..parse import ParseError, Tree, parse
from .known import Known
from .writing import UnwrittenError, Writer, quoted

# Each bound is written into the question: thousands of new partitions would have questions of megabytes each.
_MOST_COMPARED = 500


def key_column(before: Known, parent: Relation) -> str:
    """The one column of the key by which *parent* is partitioned."""
    definition = before.objects.get(Subject(Kind.TABLE, parent))
    form: Any = (
        read_form(definition.partition_by.meaning) if isinstance(definition, Table) and definition.partition_by else []
    )
    keys = form[1] if len(form) > 1 else []
    if form[:1] not in (["range"], ["list"]) or len(keys) != 1 or keys[0][0][:1] != ["column"]:
        raise UnwrittenError
    name: str = keys[0][0][1]
    return name


def holds(before: Known, parent: Relation, bound: Tree) -> str:
    """The condition, over the key's column, for which a row belongs within *bound*."""
    name = key_column(before, parent)
    if bound.get("is_default"):
        others = [holds(before, parent, each) for each in bounds_of(before, parent)]
        return f"({' OR '.join(others) or 'false'}) IS NOT TRUE"
    column = quoted(name)
    if bound["strategy"] == "r":
        low, high = _ends(before, parent, name, bound)
        parts = [f"{column} IS NOT NULL"]
        parts += [f"{column} OPERATOR(pg_catalog.>=) {low}"] if low is not None else []
        parts += [f"{column} OPERATOR(pg_catalog.<) {high}"] if high is not None else []
        return " AND ".join(parts)
    values = [_value(before, parent, name, each) for each in bound.get("listdatums", ())]
    given = [each for each in values if each is not None]
    parts = [f"{column} IN ({', '.join(given)})"] if given else []
    parts += [f"{column} IS NULL"] if len(given) < len(values) else []
    return f"({' OR '.join(parts)})"


def wrong(before: Known, parent: Relation, bound: Tree) -> str | None:
    """A condition without tables that is true where the server refuses *bound*: it is empty, or overlaps another."""
    name = key_column(before, parent)
    if bound.get("is_default"):
        return None
    if len(before.children(parent)) > _MOST_COMPARED:
        raise UnwrittenError
    others = [each for each in bounds_of(before, parent) if not each.get("is_default")]
    if bound["strategy"] == "r":
        conditions = _wrong_ranges(
            *_ends(before, parent, name, bound), [_ends(before, parent, name, each) for each in others]
        )
    else:
        values, *taken = (
            [_value(before, parent, name, datum) for datum in each.get("listdatums", ())] for each in (bound, *others)
        )
        conditions = _wrong_values(values, [value for each in taken for value in each])
    return " OR ".join(conditions) or "false"


def _wrong_ranges(low: str | None, high: str | None, others: Iterable[tuple[str | None, str | None]]) -> Iterator[str]:
    """Conditions for which the range from *low* to *high* is empty, or overlaps one of *others*."""
    if low is not None and high is not None:
        yield f"{low} OPERATOR(pg_catalog.>=) {high}"
    for first, last in others:
        begins = f"{low} OPERATOR(pg_catalog.<) {last}" if low is not None and last is not None else "true"
        ends = f"{first} OPERATOR(pg_catalog.<) {high}" if high is not None and first is not None else "true"
        yield f"({begins} AND {ends})"


def _wrong_values(values: Sequence[str | None], taken: Sequence[str | None]) -> Iterator[str]:
    """Conditions for which one of *values* is among those *taken*; None is NULL."""
    if None in values and None in taken:
        yield "true"
        return
    listed = ", ".join(each for each in taken if each is not None)
    yield from (f"{each} IN ({listed})" for each in values if each is not None and listed)


def bounds_of(before: Known, parent: Relation) -> Iterable[Tree]:
    """The bounds of the partitions that *parent* has, but for the default one."""
    for child in before.children(parent):
        definition = before.objects.get(Subject(Kind.TABLE, child))
        if isinstance(definition, Table) and definition.bound is not None and definition.bound.sql != "default":
            yield read_bound(definition.bound.sql)


@lru_cache(maxsize=2 * _MOST_COMPARED)
def read_bound(spelled: str) -> Tree:
    try:
        (statement,) = parse(f"CREATE TABLE part PARTITION OF whole {spelled}")
    except (ParseError, ValueError) as error:
        raise UnwrittenError from error
    bound: Tree = statement.node["partbound"]
    return bound


def _ends(before: Known, parent: Relation, name: str, bound: Tree) -> tuple[str | None, str | None]:
    low, high = bound.get("lowerdatums", ()), bound.get("upperdatums", ())
    if len(low) != 1 or len(high) != 1:
        raise UnwrittenError
    return _end(before, parent, name, low[0]), _end(before, parent, name, high[0])


def _end(before: Known, parent: Relation, name: str, datum: Tree) -> str | None:
    """None: MINVALUE or MAXVALUE."""
    fields = datum.get("ColumnRef", {}).get("fields", ())
    if fields and fields[0].get("String", {}).get("sval", "").lower() in ("minvalue", "maxvalue"):
        return None
    return _value(before, parent, name, datum)


def _value(before: Known, parent: Relation, name: str, datum: Tree) -> str | None:
    if datum.get("A_Const", {}).get("isnull"):
        return None
    column = before.objects.get(Subject(Kind.COLUMN, (*parent, name)))
    if not isinstance(column, Column) or "." in column.type:
        raise UnwrittenError
    return f"CAST(({Writer(before).write(datum)}) AS {column.type})"
