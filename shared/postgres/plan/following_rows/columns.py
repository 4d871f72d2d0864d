"""What is left in the columns where a statement renames, adds, drops or converts them."""

from collections.abc import Mapping

from ....model.plan import Relation
from ....model.schema import Column, Kind, Subject
from ...canonical.sql import literal
from ...naming import unquoted
from ...parse import Tree
from ..column_values import ColumnValue, column_values
from ..known import Changed as ChangedObjects
from ..passed import Passed
from ..row_changes import Scene
from ..row_states import Changed, Renamed, with_values
from ..writing import quoted


def follow_renames(passed: Passed, changed: ChangedObjects) -> set[Subject]:
    """Tables and columns that have another name."""
    gone = [subject for subject, (_, now) in changed.items() if now is None]
    new = [subject for subject, (was, _) in changed.items() if was is None]
    tables = [[each for each in side if each.kind is Kind.TABLE] for side in (gone, new)]
    if len(tables[0]) == len(tables[1]) == 1:
        old, now = tables[0][0], tables[1][0]
        passed.rename((old.name[0], old.name[1]), (now.name[0], now.name[1]))
        return {each for each in changed if each.kind in (Kind.TABLE, Kind.COLUMN)}
    followed: set[Subject] = set()
    for old in gone:
        if old.kind is not Kind.COLUMN:
            continue
        for now in new:
            if now.kind is Kind.COLUMN and now.name[:2] == old.name[:2]:
                relation = old.name[0], old.name[1]
                passed.leave(relation, Renamed(passed.state(relation), old.name[2], now.name[2]))
                passed.rename_column(relation, old.name[2], now.name[2])
                followed |= {old, now}
    return followed


def follow_columns(scene: Scene, node: Tree, changed: ChangedObjects) -> set[Subject]:
    """Columns that are added, dropped, or get another type."""
    table = scene.before.find(node["relation"])
    if table is None or scene.before.kind(table) is not Kind.TABLE:
        return set()
    commands = [each["AlterTableCmd"] for each in node["cmds"]]
    followed: set[Subject] = set()
    for relation in scene.before.family(table) if node["relation"].get("inh") else (table,):
        values = column_values(scene, relation, commands)
        ours = {each for each in changed if each.kind is Kind.COLUMN and each.name[:2] == relation}
        dropped = {each.name[2] for each in ours if changed[each][1] is None}
        for name in dropped:
            scene.passed.leave(relation, scene.passed.state(relation), [name])
            scene.passed.spell(relation, name, as_text=False)
        if values:
            _follow_values(scene, relation, values)
        followed |= ours
    return followed


def _follow_values(scene: Scene, table: Relation, values: Mapping[str, ColumnValue]) -> None:
    """Leave the new values of columns in *table*; those made of what is not known are not known."""
    reads = frozenset(read for each in values.values() for read in each.reads)
    settled = scene.passed.unsettled([table], reads) is None
    sql = {name: each.sql if settled or not each.reads else None for name, each in values.items()}
    known = [name for name, value in sql.items() if value is not None]
    scene.passed.leave(table, with_values(scene.passed.state(table), table[1], sql, reads), known)
    for name, value in values.items():
        scene.passed.spell(table, name, as_text=value.as_text)


def follow_enum(scene: Scene, node: Tree, changed: ChangedObjects) -> set[Subject]:
    """An enum that the run changes is not yet what its columns will be of: from here on they are text."""
    names = {subject.name for subject, _ in changed.items() if subject.kind is Kind.ENUM}
    if not names:
        return set()
    columns = [
        (subject, definition)
        for subject, definition in scene.before.objects.items()
        if isinstance(definition, Column) and subject.kind is Kind.COLUMN
        and unquoted(definition.type.removesuffix("[]")) in names
    ]  # fmt: skip
    old, new = node.get("oldVal"), node.get("newVal")
    followed: set[Subject] = set()
    for subject, definition in columns:
        relation, name = (subject.name[0], subject.name[1]), subject.name[2]
        if scene.before.kind(relation) is not Kind.TABLE:
            continue
        if definition.type.endswith("[]"):
            scene.passed.open(relation, name, "the run changes the type of its elements first")
            continue
        text = f"CAST({quoted(relation[1])}.{quoted(name)} AS text)"
        if old is not None and new is not None:
            text = f"CASE WHEN {text} = {literal(old)} THEN {literal(new)} ELSE {text} END"
        state = Changed(scene.passed.state(relation), relation[1], {name: text}, frozenset({name}))
        scene.passed.leave(relation, state)
        scene.passed.spell(relation, name, as_text=True)
        followed.add(subject)
    return followed
