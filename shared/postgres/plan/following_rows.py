"""Keeps `Passed` up to date: what each statement of the run leaves behind, row by row where that can be said."""

from collections.abc import Iterator, Mapping, Set
from typing import Any

from ...model.plan import Relation
from ...model.schema import NAMED_AS_TYPES, TYPES, Column, Kind, Subject, Table
from ..canonical.sql import literal
from ..naming import unquoted
from ..parse import UNREAD, Statement, Tree, nodes_with
from .column_values import column_values
from .following_schema import made_again, temporary_relations
from .known import Changed as ChangedObjects
from .known import Known
from .passed import ALL, Passed
from .row_changes import Scene, changes_of, rows_of
from .row_states import Changed, Empty, Renamed, State, with_values
from .writing import UnwrittenError, quoted

# They may change any row.
_ANYTHING = {
    "CallStmt": "runs a procedure", "DoStmt": "runs a DO block", "ExecuteStmt": "runs a prepared statement",
    UNREAD: "cannot be read",
}  # fmt: skip
_NAMED = NAMED_AS_TYPES | {Kind.SEQUENCE}
_WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt", "TruncateStmt"})
_ENUMS = frozenset({"AlterEnumStmt", "RenameStmt", "AlterObjectSchemaStmt"})


def follow(
    passed: Passed,
    statement: Statement,
    before: Known,
    changed: ChangedObjects,
    vague: Set[Relation] = frozenset(),
    *,
    ran_before: bool = False,
) -> None:
    """*statement* has run: *before* is the schema without it, *changed* what it changes there.

    *ran_before*: it may have run already, so that the rows are as it leaves them, or will be.
    """
    said = f"line {statement.line} of the run"
    scene = Scene(before, passed, vague)
    if statement.kind in _ANYTHING:
        passed.anything = passed.anything or f"{said} {_ANYTHING[statement.kind]} first"
    elif statement.kind == "SelectStmt" and any(_calls(statement.tree, before)):
        passed.anything = passed.anything or f"{said} calls functions first"
    _follow_system(passed, statement)
    _follow_temporary(passed, statement)
    if statement.kind in _WRITES:
        (_may_have_run if ran_before else _rows)(scene, statement, said)
    elif statement.kind == "RefreshMatViewStmt" and (view := before.find(statement.node["relation"])) is not None:
        passed.open(view, ALL, f"{said} changes these rows first")
    _schema(scene, statement, changed, said)
    if not changed and "newname" in statement.node:
        passed.name([statement.node["newname"]])  # it is unknown whether the renamed object existed
    for each in made_again(statement):  # it may be the same as before, at another place
        passed.name([statement.node["relation"]["relname"], each])
    for subject, (was, now) in changed.items():
        if subject.kind in _NAMED and (was is None or now is None):
            (passed.make if now is not None else passed.drop)((subject.name[0], subject.name[1]))
        passed.name(subject.name[-1 if len(subject.name) < 3 else 1 :])
        if subject.kind in TYPES:
            passed.name_type(subject.name)


def _follow_temporary(passed: Passed, statement: Statement) -> None:
    """A temporary relation is no object of the schema, and hides one of its name."""
    passed.name(each["relname"] for each in temporary_relations(statement))


def _follow_system(passed: Passed, statement: Statement) -> None:
    """Roles, and who deploys from here on. Rights that the run itself grants are not followed."""
    node = statement.node
    if statement.kind == "CreateRoleStmt":
        passed.name([node["role"]])
    elif statement.kind in ("CreateRangeStmt", "DefineStmt"):
        # Ranges, aggregates, operators, collations: not all of them are objects of the schema.
        names = node["typeName"] if statement.kind == "CreateRangeStmt" else node["defnames"]
        passed.name(each["String"].get("sval", "") for each in names[-1:])
    elif statement.kind == "CreateExtensionStmt":
        passed.brings_extension = True
    elif statement.kind in ("GrantStmt", "GrantRoleStmt", "AlterOwnerStmt"):
        passed.role_changed = True
    elif statement.kind == "VariableSetStmt" and node.get("name") == "role":
        arguments = node.get("args", ())
        value = arguments[0].get("A_Const", {}).get("sval", {}).get("sval") if arguments else None
        passed.role = value if value != "none" else None


# Rows


def _rows(scene: Scene, statement: Statement, said: str) -> None:
    passed = scene.passed
    if statement.kind == "TruncateStmt":
        _truncated(scene, statement.node)
        return
    try:
        found = changes_of(scene, statement.kind, statement.node)
    except (UnwrittenError, LookupError, RecursionError):
        _open_written(scene, statement, f"{said} changes these rows first")
        return
    for table, state in found.after.items():
        new = found.values[0] if found.in_all else ()
        passed.leave(table, state, new)
    for name in found.values[0] if found.several is not None else ():
        for table in found.written:
            passed.open(table, name, f"{said} takes values of rows that are not known")


def _may_have_run(scene: Scene, statement: Statement, said: str) -> None:
    _open_written(scene, statement, f"{said} may have changed these rows already")


def _open_written(scene: Scene, statement: Statement, because: str) -> None:
    for table, column in _written(statement, scene.before):
        for each in scene.before.family(table):
            scene.passed.open(each, column, because)


def _truncated(scene: Scene, node: Tree) -> None:
    before = scene.before
    waiting = [found for each in node["relations"] if (found := before.find(each["RangeVar"])) is not None]
    done: set[Relation] = set()
    while waiting:
        table = waiting.pop()
        if table in done:
            continue
        done.add(table)
        waiting += before.children(table)
        if node.get("behavior") == "DROP_CASCADE":
            waiting += [(key.name[0], key.name[1]) for key, _ in before.referencing(table)]
    for table in done:
        scene.passed.begin(table, Empty(scene.types(table)))
        for name, column in before.columns(table):
            if scene.has_text(column.type):
                scene.passed.spell(table, name, as_text=True)


def _calls(tree: Any, before: Known) -> Iterator[str]:
    for each in nodes_with(tree, "funcname"):
        name = each["funcname"][-1]["String"].get("sval", "")
        if name in ("setval", "nextval", "set_config") or any(True for _ in before.routines(name)):
            yield name


def _written(statement: Statement, before: Known) -> Iterator[tuple[Relation, str]]:
    """Tables that a statement writes to, with the columns: those of an UPDATE, else all."""
    node = statement.node
    if statement.kind == "TruncateStmt":
        found = (before.find(each["RangeVar"]) for each in node["relations"])
        yield from ((each, ALL) for each in found if each is not None)
        return
    table = before.find(node["relation"]) if "relation" in node else None
    if table is None:
        return
    if statement.kind == "UpdateStmt" and not any(True for _ in before.triggers(table, "update")):
        yield from ((table, each["ResTarget"]["name"]) for each in node["targetList"])
    else:
        yield table, ALL
    if statement.kind in ("DeleteStmt", "MergeStmt"):
        yield from ((each, ALL) for each in _cascading(before, table))


def _cascading(before: Known, table: Relation, seen: frozenset[Relation] = frozenset()) -> Iterator[Relation]:
    for subject, key in before.referencing(table):
        other = subject.name[0], subject.name[1]
        if key.on_delete not in ("no action", "restrict") and other not in seen:
            yield other
            yield from _cascading(before, other, seen | {table, other})


# Schema


def _schema(scene: Scene, statement: Statement, changed: ChangedObjects, said: str) -> None:
    passed, kind, node = scene.passed, statement.kind, statement.node
    followed: set[Subject] = set()
    if kind in _ENUMS:
        followed |= _enum(scene, node, changed)
    if kind in ("RenameStmt", "AlterObjectSchemaStmt"):
        followed |= _renamed(passed, changed)
    elif kind == "AlterTableStmt":
        followed |= _altered(scene, node, changed)
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


def _renamed(passed: Passed, changed: ChangedObjects) -> set[Subject]:
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


def _altered(scene: Scene, node: Tree, changed: ChangedObjects) -> set[Subject]:
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
            reads = frozenset(read for each in values.values() for read in each.reads)
            settled = scene.passed.unsettled([relation], reads) is None
            sql = {name: each.sql if settled or not each.reads else None for name, each in values.items()}
            known = [name for name, value in sql.items() if value is not None]
            scene.passed.leave(relation, with_values(scene.passed.state(relation), relation[1], sql, reads), known)
            for name, value in values.items():
                scene.passed.spell(relation, name, as_text=value.as_text)
        followed |= ours
    return followed


def _enum(scene: Scene, node: Tree, changed: ChangedObjects) -> set[Subject]:
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
