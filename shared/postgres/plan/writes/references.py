"""Rows that others refer to, and that are deleted or get another key."""

from collections.abc import Sequence

from ....model.plan import Condition, Relation
from ....model.schema import (
    Deferral,
    ForeignKey,
)
from ....model.value import replace
from ...offending_rows import OffendingRows
from ..footprint import Footprint, Stage
from ..own_types import insist_on_own_types
from ..probed_rows import Rows
from ..probing import condition
from ..row_changes import RowChanges, Scene
from ..row_states import State, item
from ..writing import UnwrittenError, Writer, quoted
from .assigned import Found, is_same


def keys_of_others(footprint: Footprint, table: Relation, changes: RowChanges) -> Found:
    """Keys that others refer to, and that the rows have no more."""
    scene = Scene(footprint.before, footprint.circumstances.passed, footprint.circumstances.vague)
    changed = {name for row in changes.values for name in row if not is_same(row[name], table, name)}
    for subject, key in scene.referencing(table):
        if not key.enforced or changed.isdisjoint(key.referenced_columns):
            continue
        other = subject.name[0], subject.name[1]
        if key.on_update != "no action" or changes.old is None:
            raise UnwrittenError(f"{subject} acts on a change of the key")
        rows = Rows(footprint, table, state=changes.old)
        there = (changes.after[table], key.referenced_columns)
        found = _referred(rows, other, key, changes.after.get(other), still=there)
        yield Stage.FOREIGN_KEY, when_checked(footprint, key, found)


def when_checked(footprint: Footprint, key: ForeignKey, found: Condition) -> Condition:
    """A deferred key is checked at the end of the transaction: a later statement may still help, or fail before."""
    is_late = key.deferral is Deferral.INITIALLY_DEFERRED and footprint.circumstances.in_block is not False
    return replace(found, may=found.may or is_late)


def rows_that_go(footprint: Footprint, changes: RowChanges) -> Found:
    """Rows that others refer to, and that the statement removes."""
    for table, gone in changes.gone.items():
        scene = Scene(footprint.before, footprint.circumstances.passed, footprint.circumstances.vague)
        for subject, key in scene.referencing(table):
            if not key.enforced or key.on_delete not in ("no action", "restrict"):
                continue
            other = subject.name[0], subject.name[1]
            if key.on_delete == "restrict" and other in changes.gone:
                raise UnwrittenError
            rows = Rows(footprint, table, state=gone)
            yield Stage.FOREIGN_KEY, when_checked(footprint, key, _referred(rows, other, key, changes.after.get(other)))


def _referred(
    rows: Rows,
    other: Relation,
    key: ForeignKey,
    behind: State | None,
    *,
    still: tuple[State, Sequence[str]] | None = None,
) -> Condition:
    """Rows to which others refer, unless a row of *still* has the same key."""
    footprint, table = rows.footprint, rows.table
    passed = footprint.circumstances.passed
    state = behind if behind is not None else passed.rows(tuple(footprint.before.family(other)))

    def write(_: Writer) -> OffendingRows:
        insist_on_own_types(footprint, table, key.referenced_columns)
        insist_on_own_types(footprint, other, key.columns)
        name = quoted(table[1])
        pairs = zip(key.columns, key.referenced_columns, strict=True)
        same = " AND ".join(
            f'"~other".{quoted(theirs)} OPERATOR(pg_catalog.=) {name}.{quoted(ours)}' for theirs, ours in pairs
        )
        origin = f'{quoted(other[0])}.{quoted(other[1])} AS "~other"'
        if state is not None:
            origin = item(state, key.columns, "~other")
        found = f"EXISTS (SELECT FROM {origin} WHERE {same})"
        if still is not None:
            state_then, columns = still
            alike = " AND ".join(
                f'"~still".{quoted(each)} OPERATOR(pg_catalog.=) {name}.{quoted(each)}' for each in columns
            )
            found += f" AND NOT EXISTS (SELECT FROM {item(state_then, columns, '~still')} WHERE {alike})"
        return OffendingRows(rows.own(key.referenced_columns), found, tuple(map(quoted, key.referenced_columns)))

    because = (
        f"it fails where rows of {other[1]} refer to rows that are deleted"
        if still is None
        else f"it fails where rows of {other[1]} refer to keys that change"
    )
    return condition(rows, "23503", because, key.referenced_columns, write, others={other: key.columns}, alike=True)
