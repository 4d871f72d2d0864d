"""What is left where a statement makes, drops or changes objects."""

from collections.abc import Mapping

from ....model.plan import Relation
from ....model.schema import Column, Kind, Subject, Table
from ...parse import Statement
from ..known import Changed as ChangedObjects
from ..known import Known
from ..passed import ALL, Passed
from ..row_changes import Scene, rows_of
from ..row_states import Empty, State
from ..writing import UnwrittenError
from .columns import follow_columns, follow_enum, follow_renames

_ENUMS = frozenset({"AlterEnumStmt", "RenameStmt", "AlterObjectSchemaStmt"})


def follow_objects(scene: Scene, statement: Statement, changed: ChangedObjects, said: str) -> None:
    """Leave what a statement makes of tables, columns and types."""
    passed, kind, node = scene.passed, statement.kind, statement.node
    followed: set[Subject] = set()
    if kind in _ENUMS:
        followed |= follow_enum(scene, node, changed)
    if kind in ("RenameStmt", "AlterObjectSchemaStmt"):
        followed |= follow_renames(passed, changed)
    elif kind == "AlterTableStmt":
        followed |= follow_columns(scene, node, changed)
    for subject in changed:
        if subject not in followed:
            _object(scene, statement, subject, changed, said)


def _object(scene: Scene, statement: Statement, subject: Subject, changed: ChangedObjects, said: str) -> None:
    """An object that is made, dropped, or another one."""
    passed = scene.passed
    was, now = changed[subject]
    relation = subject.name[0], subject.name[-1 if len(subject.name) < 2 else 1]
    if subject.kind is Kind.TABLE and was is None:
        _made(scene, statement, relation, changed, said)
    elif subject.kind is Kind.TABLE and now is None:
        passed.forget(relation)
        if statement.kind == "DropStmt" and isinstance(was, Table):
            for parent in _parents(was):
                _open_above(scene.before, passed, parent, f"{said} takes rows that belong to it")
    elif isinstance(was, Table) and isinstance(now, Table):
        for parent in _parents(was) ^ _parents(now):
            _open_above(scene.before, passed, parent, f"{said} changes which tables belong to it")
    elif subject.kind in (Kind.MATERIALIZED_VIEW, Kind.VIEW) and (was is None or now is None):
        passed.open(relation, ALL, f"{said} makes, drops or renames it")
    elif subject.kind is Kind.COLUMN and was is not None and now is not None and _is_another(was, now):
        passed.open(relation, subject.name[2], f"{said} changes the column first")


def _is_another(was: object, now: object) -> bool:
    return not (isinstance(was, Column) and isinstance(now, Column) and was.type == now.type)


def _parents(table: Table) -> set[Relation]:
    found = [*table.inherits, *([table.partition_of] if table.partition_of is not None else [])]
    return {(each.name[0], each.name[1]) for each in found}


def _open_above(before: Known, passed: Passed, table: Relation, because: str) -> None:
    passed.open(table, ALL, because)
    definition = before.objects.get(Subject(Kind.TABLE, table))
    for each in _parents(definition) if isinstance(definition, Table) else ():
        _open_above(before, passed, each, because)


def _made(scene: Scene, statement: Statement, table: Relation, changed: ChangedObjects, said: str) -> None:
    """A new table is empty, or holds what its query says."""
    columns = {
        subject.name[2]: now
        for subject, (_, now) in changed.items()
        if isinstance(now, Column) and (subject.name[0], subject.name[1]) == table
    }
    types: dict[str, str] = {}
    for name, column in columns.items():
        try:
            types[name] = scene.type(column.type)
        except UnwrittenError:
            continue
    try:
        scene.passed.begin(
            table, Empty(types) if statement.kind == "CreateStmt" else _copied(scene, statement, columns)
        )
    except (UnwrittenError, LookupError, ValueError):
        scene.passed.forget(table)
        scene.passed.open(table, ALL, f"{said} makes it")
    for name, column in columns.items():
        if scene.has_text(column.type):
            scene.passed.spell(table, name, as_text=True)


def _copied(scene: Scene, statement: Statement, columns: Mapping[str, Column]) -> State:
    if statement.kind != "CreateTableAsStmt" or statement.node["into"].get("skipData"):
        raise UnwrittenError
    return rows_of(scene, statement.node["query"], columns)
