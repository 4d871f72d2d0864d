"""What reads and changes rows: queries, INSERT, UPDATE, DELETE, COPY, LOCK."""

from collections.abc import Iterator
from typing import Any

from ...model.plan import Access, Condition, LockMode, Probe
from ...model.schema import Kind
from ..parse import Tree, nodes_with
from .called import routines_of
from .footprint import Footprint
from .indexes import read_by
from .new_values import may_raise
from .volatility import calls_unknown_code
from .writes import predict_rows
from .writing import UnwrittenError, Writer


def change_rows(footprint: Footprint, kind: str, node: Tree) -> None:
    """INSERT, UPDATE, DELETE, MERGE: the rows decide how it ends."""
    target = footprint.before.find(node["relation"])
    if target is not None:
        for each in footprint.before.family(target):
            footprint.lock(each, LockMode.ROW_EXCLUSIVE)
            for index, _ in footprint.before.indexes(each):
                footprint.lock(index, LockMode.ROW_EXCLUSIVE)
            if kind != "InsertStmt":
                footprint.scan(each)
        if kind == "DeleteStmt" and "whereClause" not in node:
            footprint.loses(f"all rows of {target[1]}")
    _read(footprint, {key: value for key, value in node.items() if key != "relation"})
    if target is not None and predict_rows(footprint, kind, node, target):
        return
    if kind == "InsertStmt" or footprint.unread or target not in footprint.circumstances.empty:
        footprint.depends(None, "the rows decide whether it fails and how long it takes")


def query(footprint: Footprint, tree: Any) -> None:
    """A query by itself, or that of a new table."""
    _read(footprint, tree)
    _computed(footprint, tree)


def _read(footprint: Footprint, tree: Any) -> None:
    """Tables that a query reads are scanned, at most; FOR UPDATE and its like lock rows."""
    locks_rows = any(True for _ in nodes_with(tree, "lockingClause"))
    mode = LockMode.ROW_SHARE if locks_rows else LockMode.ACCESS_SHARE
    for range_var in range_vars(tree):
        found = footprint.before.find(range_var)
        if found is None:
            continue
        footprint.lock(found, mode)
        tables = read_by(footprint, found) if footprint.before.kind(found) is Kind.VIEW else [found]
        for table in tables:
            family = list(footprint.before.family(table))
            footprint.lock_all(family, mode)
            footprint.scan(*family)
    code = calls_unknown_code(tree, footprint.before)
    if code is not None:
        footprint.add_unknown(f"it runs code that is not analysed: {code}")


def _computed(footprint: Footprint, tree: Any) -> None:
    """A query without tables whose values may not be computable: asked as it is."""
    if "fromClause" in tree or "targetList" not in tree:
        return
    trees = [each["ResTarget"]["val"] for each in tree["targetList"]]
    writer = Writer(footprint.before)
    if not may_raise(trees):
        return
    try:
        values = ", ".join(writer.all(trees))
        sql = f"SELECT WHERE pg_catalog.num_nulls({values}) < 0"
        probe = Probe(sql, (), Access.INDEX, routines_of(footprint.before, sql))
    except UnwrittenError:
        return
    footprint.condition(Condition("22000", "it fails where a value cannot be computed", probe))


def lock_table(footprint: Footprint, node: Tree) -> None:
    # The mode is the number of lockdefs.h, as in LockMode.
    for each in node["relations"]:
        table = footprint.before.find(each["RangeVar"])
        if table is not None:
            footprint.lock_all(footprint.before.family(table), LockMode(node["mode"]))


def copy(footprint: Footprint, node: Tree) -> None:
    table = footprint.before.find(node["relation"]) if "relation" in node else None
    if table is not None:
        footprint.lock(table, LockMode.ROW_EXCLUSIVE if node.get("is_from") else LockMode.ACCESS_SHARE)
    footprint.add_unknown("Prisma cannot send COPY data with a migration")


def made_by(node: Tree) -> str | None:
    """The name of the view or table that a query's statement makes."""
    clause: Tree = node.get("intoClause") or node.get("into") or {}
    made: Tree = node.get("view") or clause.get("rel") or {}
    found: str | None = made.get("relname")
    return found


def range_vars(tree: Any) -> Iterator[Tree]:
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += reversed(each)
        elif isinstance(each, dict):
            if "relname" in each:
                yield each
            else:
                waiting += reversed(each.values())
