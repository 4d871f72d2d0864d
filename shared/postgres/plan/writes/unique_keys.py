"""Keys that no two rows may have, behind the statement and while it runs."""

from ....model.plan import Access, Condition, Relation
from ....model.schema import (
    Deferral,
    Definition,
    Exclusion,
    Index,
    PrimaryKey,
    Unique,
)
from ....model.value import replace
from ...offending_rows import OffendingRows
from ...parse import Tree
from ..expressions import columns_in, expression_of
from ..footprint import Footprint, Stage
from ..probed_rows import Rows
from ..probing import condition, duplicates
from ..row_changes import RowChanges
from ..row_states import item
from ..writing import UnwrittenError, quoted
from .assigned import Found, generated_columns, is_same


def repeated_keys(
    footprint: Footprint, changes: RowChanges, table: Relation, part: Definition, names: set[str] | None
) -> Found:
    """Rows that agree in the keys of *part*. *names* are the columns that change; None: the rows are new."""
    keys, predicate, sqlstate = _key(table, part)
    uses = {used for key in (*keys, predicate) for used in ([key] if isinstance(key, str) else columns_in(key))}
    if names is not None:
        if not generated_columns(footprint, table).isdisjoint(uses):
            raise UnwrittenError("a generated column is unique")
        if uses and _changed(changes, table, names).isdisjoint(uses):
            return
        if any(columns_in(row[name].tree) for row in changes.values for name in row if name in uses):
            yield Stage.INDEX, _moment(footprint, changes, table, keys, predicate)
    if changes.ignores:
        return  # a row that is there already is left out
    if table not in changes.after:
        raise UnwrittenError
    after = Rows(footprint, table, state=changes.after[table])
    listed = ", ".join(key if isinstance(key, str) else "an expression" for key in keys)
    distinct = not (isinstance(part, Index | Unique) and part.nulls_not_distinct)
    found = duplicates(
        after, keys, f"it fails where {listed} would be there twice", predicate=predicate, nulls_distinct=distinct
    )
    yield Stage.INDEX_AFTER_ROWS, replace(found, sqlstate=sqlstate)


def _changed(changes: RowChanges, table: Relation, names: set[str]) -> set[str]:
    """The columns that may get another value."""
    if not changes.values:
        return names
    return {name for row in changes.values for name in row if not is_same(row[name], table, name)}


def _key(table: Relation, part: Definition) -> tuple[list[Tree | str], Tree | None, str]:
    """The keys that no two rows may have, for which rows, and the SQLSTATE of those that do."""
    keys: list[Tree | str] = []
    predicate = None
    sqlstate = "23505"
    if isinstance(part, Exclusion):
        if any(operator != "=" for _, operator in part.elements) or part.deferral is not Deferral.NOT_DEFERRABLE:
            raise UnwrittenError(f"{table[1]} has an exclusion constraint")
        keys += [key.column if key.column is not None else _tree(key.expression) for key, _ in part.elements]
        predicate = _tree(part.predicate) if part.predicate is not None else None
        sqlstate = "23P01"
    elif isinstance(part, PrimaryKey | Unique):
        if part.deferral is not Deferral.NOT_DEFERRABLE or part.without_overlaps:
            raise UnwrittenError
        keys += part.columns
    elif isinstance(part, Index):
        keys += [key.column if key.column is not None else _tree(key.expression) for key in part.keys]
        predicate = _tree(part.predicate) if part.predicate is not None else None
    return keys, predicate, sqlstate


def _moment(
    footprint: Footprint, changes: RowChanges, table: Relation, keys: list[Tree | str], predicate: Tree | None
) -> Condition:
    """A new key that another row has now: where that row changes later, the two agree for a moment."""
    columns = [key for key in keys if isinstance(key, str)]
    if predicate is not None or len(columns) < len(keys):
        raise UnwrittenError("a unique index has expressions or a predicate")
    rows = Rows(footprint, table, state=changes.written[table])
    there = item(footprint.circumstances.passed.state(table), columns, "~there")
    name = quoted(table[1])
    same = " AND ".join(f'"~there".{quoted(key)} OPERATOR(pg_catalog.=) {name}.{quoted(key)}' for key in columns)
    assigned = {each for row in changes.values for each in row}
    old = {f"~was {key}": key for key in columns if key in assigned}
    changed = " OR ".join(f"{name}.{quoted(was)} IS DISTINCT FROM {name}.{quoted(key)}" for was, key in old.items())
    because = f"whether {', '.join(columns)} agree for a moment depends on the order in which the rows are updated"
    found = condition(
        rows,
        "23505",
        because,
        columns,
        lambda _: OffendingRows(
            rows.own([*columns, *old]), f"({changed}) AND EXISTS (SELECT FROM {there} WHERE {same})"
        ),
        access=Access.GROUP,
        alike=True,
    )
    return replace(found, may=True)


def _tree(expression: object) -> Tree:
    found = expression_of(expression.meaning) if hasattr(expression, "meaning") else None
    if found is None:
        raise UnwrittenError
    return found
