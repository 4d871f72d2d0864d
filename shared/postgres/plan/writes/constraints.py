"""Constraints of the tables, and the rows that are written."""

from collections.abc import Iterator

from ....model.plan import Condition, Relation
from ....model.schema import (
    Check,
    Column,
    Definition,
    Exclusion,
    ForeignKey,
    Index,
    Kind,
    PrimaryKey,
    Subject,
    Table,
    Unique,
)
from ....model.value import replace
from ...offending_rows import OffendingRows
from ..bounds import holds, key_column, read_bound
from ..expressions import columns_in, expression_of
from ..footprint import Footprint, Stage
from ..known import Known
from ..probed_rows import Rows
from ..probing import breaking, condition, nulls, orphans
from ..row_changes import RowChanges, Scene
from ..row_states import State
from ..writing import UnwrittenError, quoted
from .assigned import Found, generated_columns
from .references import keys_of_others, when_checked
from .unique_keys import repeated_keys


def broken_constraints(footprint: Footprint, table: Relation, changes: RowChanges, kind: str) -> Found:
    """What the constraints of the tables refuse of the rows that are written."""
    for relation, state in changes.written.items():
        names = set(changes.nulled.get(relation, ()))
        if relation == table and changes.values:
            names = {name for row in changes.values for name in row}
            names |= generated_columns(footprint, relation)
        rows = Rows(footprint, relation, state=state, new=names)
        given = rows
        if relation == table and changes.proposed is not None:
            given = Rows(footprint, relation, state=changes.proposed, new=names)
        whole = kind == "InsertStmt" and relation == table
        for name, column in footprint.before.columns(relation):
            if not column.nullable and name in names and not _has_value(changes, relation, table, name, column):
                yield Stage.NOT_NULL, nulls(given, name, f"it fails where {relation[1]}.{name} becomes NULL")
        scene = Scene(footprint.before, footprint.circumstances.passed, footprint.circumstances.vague)
        for subject, part in _refusing(footprint.before, scene, relation):
            checked = given if isinstance(part, Check) else rows
            yield from _of_part(checked, changes, subject, part, None if whole else names)
        for each in scene.ancestors(relation):
            yield from _within_bounds(given, each)
    if changes.several is not None:
        yield Stage.FIRST, _several(footprint, table, changes.several, kind)
    if kind in ("UpdateStmt", "MergeStmt"):
        yield from keys_of_others(footprint, table, changes)


def _refusing(before: Known, scene: Scene, table: Relation) -> Iterator[tuple[Subject, Definition]]:
    """Constraints and indexes of *table*, those of what it is a partition of, and checks that it inherits."""
    ancestors = [*scene.ancestors(table)]
    for each in ancestors:
        yield from before.parts(each)
    for _, subject in before.inherited(table):
        if subject.kind is Kind.CHECK and subject.name[:2] not in ancestors:
            yield subject, before.objects[subject]


def _several(footprint: Footprint, table: Relation, several: State, kind: str) -> Condition:
    """MERGE refuses to change a row twice; UPDATE takes any of the values."""
    rows = Rows(footprint, table, state=several)
    is_refused = kind == "MergeStmt"
    because = f"a row of {table[1]} finds several others" + (
        "" if is_refused else ": which of them it takes is not known"
    )
    found = condition(rows, "21000", because, (), lambda _: OffendingRows(rows.own(())))
    return replace(found, may=not is_refused)


def _within_bounds(rows: Rows, table: Relation) -> Found:
    """A row that is written to a partition belongs there."""
    before = rows.footprint.before
    definition = before.objects.get(Subject(Kind.TABLE, table))
    if not isinstance(definition, Table) or definition.partition_of is None or definition.bound is None:
        return
    parent = definition.partition_of.name[0], definition.partition_of.name[1]
    name, inside = key_column(before, parent), holds(before, parent, read_bound(definition.bound.sql))
    yield (
        Stage.CHECK,
        condition(
            rows,
            "23514",
            f"it fails where a row does not belong to the partition {table[1]}",
            [name],
            lambda _: OffendingRows(rows.own([name]), f"({inside}) IS NOT TRUE", (quoted(name),)),
        ),
    )


def _has_value(changes: RowChanges, relation: Relation, table: Relation, name: str, column: Column) -> bool:
    """Say whether the server gives the column a value of its own: a number."""
    if relation != table or not changes.values:
        return False
    unknown = all(row[name].sql is None for row in changes.values if name in row)
    return unknown and (column.identity is not None or "nextval" in (column.default.sql if column.default else ""))


def _of_part(rows: Rows, changes: RowChanges, subject: Subject, part: Definition, names: set[str] | None) -> Found:
    """What a constraint or an index says of the rows that are written. *names* are the columns; None: a new row."""
    table = rows.table
    if isinstance(part, Check) and part.enforced:
        expression = expression_of(part.expression.meaning)
        if expression is None:
            raise UnwrittenError
        if names is None or not part.validated or not names.isdisjoint(columns_in(expression)):
            yield Stage.CHECK, breaking(rows, expression, f"it fails where a row breaks {subject.name[-1]}")
    elif isinstance(part, ForeignKey) and part.enforced and (names is None or not names.isdisjoint(part.columns)):
        if part.period:
            raise UnwrittenError  # several rows together may cover the one that refers
        other = part.referenced_table.name[0], part.referenced_table.name[1]
        because = f"it fails if rows of {table[1]} refer to missing rows of {other[1]}"
        full, behind = part.match == "full", changes.after.get(other)
        found = orphans(rows, part.columns, other, part.referenced_columns, because, full=full, others=behind)
        if names is not None and not part.validated:
            found = replace(found, may=True)  # a row that keeps its value is not checked
        yield Stage.FOREIGN_KEY, when_checked(rows.footprint, part, found)
    elif isinstance(part, PrimaryKey | Unique | Exclusion) or (isinstance(part, Index) and part.unique):
        yield from repeated_keys(rows.footprint, changes, table, part, names)
    elif isinstance(part, Index) and (
        part.predicate is not None or any(key.expression is not None for key in part.keys)
    ):
        raise UnwrittenError  # computing it may fail for a row
