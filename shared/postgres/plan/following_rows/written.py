"""What INSERT, UPDATE, DELETE, MERGE and TRUNCATE leave in the tables."""

from collections.abc import Iterator
from typing import Any

from ....model.plan import Relation
from ...parse import Statement, Tree, name_called, nodes_with
from ..known import Known
from ..passed import ALL
from ..row_changes import Scene, changes_of
from ..row_states import Empty
from ..writing import UnwrittenError


def follow_rows(scene: Scene, statement: Statement, said: str) -> None:
    """Leave in the tables what a statement writes; where that cannot be said, their rows are open."""
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


def open_rows(scene: Scene, statement: Statement, said: str) -> None:
    """Leave open what a statement may have written already."""
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


def calls_that_act(tree: Any, before: Known) -> Iterator[str]:
    """The functions in *tree* that act: those of sequences and settings, and the database's own."""
    for each in nodes_with(tree, "funcname"):
        name = name_called(each)
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
