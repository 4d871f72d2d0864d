"""How fast a server did a kind of work before, by how long scripts took that had one kind of heavy work.

The tables are measured by their sizes of today: they were hardly larger then, so the server is rather called too fast
than too slow. Short runs, and small tables, say nothing: there is more in them than the work.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from statistics import median

from ...model.plan import Relation, Sizes
from ..parse import UNREAD, Statement, Tree
from .durations import MEMORY, Pace
from .work import Task, Work, constraints_of, index_work

SHORTEST = 1.0  # second
_SMALLEST = 16 * 1024 * 1024
# Every statement with heavy work has one of these words.
_WORDS = re.compile(rb"\b(?:alter|delete|index|update)\b", re.IGNORECASE)
_OPAQUE = frozenset({UNREAD, "CallStmt", "CopyStmt", "DoStmt", "ExecuteStmt", "InsertStmt", "SelectStmt"})
_OF_CONSTRAINT = {
    "CONSTR_CHECK": Work.CHECK, "CONSTR_FOREIGN": Work.REFERENCE, "CONSTR_PRIMARY": Work.INDEX,
    "CONSTR_UNIQUE": Work.INDEX,
}  # fmt: skip
_OF_COMMAND = {"AT_AlterColumnType": Work.REWRITE, "AT_SetNotNull": Work.CHECK, "AT_ValidateConstraint": Work.CHECK}


def pace_of(runs: Iterable[tuple[Iterable[Statement], float]], sizes: Sizes, schema: str) -> Pace:
    """The pace that *runs* show: statements and the seconds that they took. *schema* is what unqualified names mean."""
    found: defaultdict[Work, list[float]] = defaultdict(list)
    for statements, seconds in runs:
        heavy = _heavy(statements, sizes, schema) if seconds >= SHORTEST else ()
        works = {task.work for task, _ in heavy}
        if len(works) == 1:
            scans = sum(task.times * size for task, size in heavy) / MEMORY
            found[works.pop()].append(seconds / scans)
    return {work: median(each) for work, each in found.items()}


def may_be_heavy(script: bytes) -> bool:
    """Say whether there may be heavy work in *script*; far cheaper than to parse it."""
    return _WORDS.search(script) is not None


def _heavy(statements: Iterable[Statement], sizes: Sizes, schema: str) -> list[tuple[Task, int]]:
    """What they had to do with large tables, and the bytes of these; nothing where their other effects are unknown."""
    found: list[tuple[Task, int]] = []
    for statement in statements:
        if statement.kind in _OPAQUE:
            return []
        tasks = (each for each in _likely_tasks(statement, schema) if each.table in sizes)
        found += ((each, sizes[each.table].bytes) for each in tasks if sizes[each.table].bytes >= _SMALLEST)
    return found


def _likely_tasks(statement: Statement, schema: str) -> Iterator[Task]:
    """What the statement had to do, without the schema before it: it took its time, so nothing of it was free."""
    node = statement.node
    if statement.kind == "IndexStmt":
        yield index_work(node, _relation(node, schema))
    elif statement.kind in ("UpdateStmt", "DeleteStmt"):
        yield Task(Work.CHANGE, _relation(node, schema))
    elif statement.kind == "AlterTableStmt":
        table = _relation(node, schema)
        works = [_OF_COMMAND.get(each["AlterTableCmd"]["subtype"]) for each in node["cmds"]]
        works += [_OF_CONSTRAINT.get(each["contype"]) for each in constraints_of(node) if not _is_free(each)]
        yield from (Task(work, table) for work in works if work is not None)


def _is_free(constraint: Tree) -> bool:
    return bool(constraint.get("skip_validation")) or "indexname" in constraint


def _relation(node: Tree, schema: str) -> Relation:
    return node["relation"].get("schemaname", schema), node["relation"]["relname"]
