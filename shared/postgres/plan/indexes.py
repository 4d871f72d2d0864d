"""Indexes and files: CREATE INDEX, REINDEX, CLUSTER, VACUUM, TRUNCATE, ANALYZE, REFRESH."""

from collections.abc import Iterable

from ...model.plan import LockMode, Relation
from ...model.schema import Kind, View
from ..parse import Tree
from ..transactions import reindexes_concurrently
from .constraints import unique
from .footprint import Footprint, Stage
from .new_values import may_raise
from .probed_rows import Rows
from .probing import computing


def create_index(footprint: Footprint, node: Tree) -> None:
    table = footprint.before.find(node["relation"])
    if table is None:
        return
    concurrent = bool(node.get("concurrent"))
    alone = not node["relation"].get("inh")
    family = [table] if alone else list(footprint.before.family(table))
    footprint.lock_all(family, LockMode.SHARE_UPDATE_EXCLUSIVE if concurrent else LockMode.SHARE)
    footprint.scan(*family)
    _rows_of_index(footprint, table, node)


def _rows_of_index(footprint: Footprint, table: Relation, node: Tree) -> None:
    """Values that cannot be computed, and duplicates."""
    elements = [each["IndexElem"] for each in node["indexParams"]]
    expressions = [each["expr"] for each in elements if "expr" in each]
    predicate = node.get("whereClause")
    if node.get("unique"):
        keys = [each.get("name", each.get("expr")) for each in elements]
        unique(footprint, table, keys, predicate=predicate, nulls_distinct=not node.get("nulls_not_distinct"))
    elif may_raise([*expressions, predicate]):
        rows = Rows(footprint, table)
        because = f"it fails where a value of the index cannot be computed for a row of {table[1]}"
        found = computing(rows, expressions or [_TRUE], because=because, sqlstate="22000", predicate=predicate)
        footprint.condition(found, Stage.INDEX, *footprint.before.family(table))


_TRUE: Tree = {"A_Const": {"boolval": {"boolval": True}}}


def reindex(footprint: Footprint, node: Tree) -> None:
    concurrent = reindexes_concurrently(node)
    if node["kind"] in ("REINDEX_OBJECT_INDEX", "REINDEX_OBJECT_TABLE"):
        named = footprint.before.find(node["relation"])
        if named is None:
            return
        if node["kind"] == "REINDEX_OBJECT_INDEX":
            table = footprint.before.table_of(named)
            if table is not None:
                _reindex(footprint, table, [named], concurrent=concurrent)
        else:
            for each in footprint.before.family(named):
                _reindex(footprint, each, [index for index, _ in footprint.before.indexes(each)], concurrent=concurrent)
    else:
        for table in _tables(footprint, node.get("name") if node["kind"] == "REINDEX_OBJECT_SCHEMA" else None):
            _reindex(footprint, table, [index for index, _ in footprint.before.indexes(table)], concurrent=concurrent)


def _reindex(footprint: Footprint, table: Relation, indexes: Iterable[Relation], *, concurrent: bool) -> None:
    footprint.lock(table, LockMode.SHARE_UPDATE_EXCLUSIVE if concurrent else LockMode.SHARE)
    for index in indexes:
        footprint.lock(index, LockMode.SHARE_UPDATE_EXCLUSIVE if concurrent else LockMode.ACCESS_EXCLUSIVE)
        footprint.scan(table)
        footprint.rewrite_file(index)


def _tables(footprint: Footprint, schema: str | None = None) -> list[Relation]:
    return [
        (subject.name[0], subject.name[1])
        for subject in footprint.before.objects
        if subject.kind in (Kind.TABLE, Kind.MATERIALIZED_VIEW) and (schema is None or subject.name[0] == schema)
    ]


def cluster(footprint: Footprint, node: Tree) -> None:
    if "relation" not in node:
        footprint.add_unknown("CLUSTER without a table rewrites those that were clustered before")
        return
    table = footprint.before.find(node["relation"])
    if table is not None:
        for each in footprint.before.family(table):
            footprint.lock(each, LockMode.ACCESS_EXCLUSIVE)
            footprint.rewrite(each)


def vacuum(footprint: Footprint, node: Tree) -> None:
    """VACUUM and ANALYZE, of the tables named, else of all."""
    named = [footprint.before.find(each["VacuumRelation"]["relation"]) for each in node.get("rels", ())]
    full = any(each["DefElem"]["defname"] == "full" for each in node.get("options", ()))
    for table in [each for each in named if each is not None] if named else _tables(footprint):
        for each in footprint.before.family(table):
            if full:
                footprint.lock(each, LockMode.ACCESS_EXCLUSIVE)
                footprint.rewrite(each)
            else:
                footprint.lock(each, LockMode.SHARE_UPDATE_EXCLUSIVE)


def truncate(footprint: Footprint, node: Tree) -> None:
    wanted = [footprint.before.find(each["RangeVar"]) for each in node["relations"]]
    todo = [below for each in wanted if each is not None for below in footprint.before.family(each)]
    done: list[Relation] = []
    while todo:
        table = todo.pop()
        if table in done:
            continue
        done.append(table)
        if node.get("behavior") == "DROP_CASCADE":
            todo += [(key.name[0], key.name[1]) for key, _ in footprint.before.referencing(table)]
    for table in done:
        footprint.lock(table, LockMode.ACCESS_EXCLUSIVE)
        if table not in footprint.circumstances.empty:
            footprint.loses(f"all rows of {table[1]}")
        if footprint.before.has_storage(table):
            footprint.rewrite_file(table)
        for index, _ in footprint.before.indexes(table):
            footprint.lock(index, LockMode.ACCESS_EXCLUSIVE)
            # The empty indexes are rebuilt: the scan is of an empty table.
            footprint.scan(table)
            if footprint.before.has_storage(table):
                footprint.rewrite_file(index)


def refresh(footprint: Footprint, node: Tree) -> None:
    view = footprint.before.find(node["relation"])
    if view is None:
        return
    if node.get("concurrent"):
        footprint.lock(view, LockMode.EXCLUSIVE)
        for index, _ in footprint.before.indexes(view):
            footprint.lock(index, LockMode.ROW_EXCLUSIVE)
        footprint.scan(view)
    else:
        footprint.lock(view, LockMode.ACCESS_EXCLUSIVE)
        footprint.rewrite_file(view)
        for index, _ in footprint.before.indexes(view):
            footprint.lock(index, LockMode.ACCESS_EXCLUSIVE)
            footprint.rewrite_file(index)
            footprint.scan(view)
    for table in read_by(footprint, view):
        footprint.lock(table, LockMode.ACCESS_SHARE)
        footprint.scan(table)


def read_by(footprint: Footprint, view: Relation) -> list[Relation]:
    """The tables and materialized views that *view* reads, through other views too."""
    found: dict[Relation, None] = {}
    todo = [view]
    seen = set()
    while todo:
        relation = todo.pop()
        subject = footprint.before.subject(relation)
        definition = footprint.before.objects.get(subject) if subject is not None else None
        if relation in seen or not isinstance(definition, View):
            continue
        seen.add(relation)
        for each in definition.hangs_on:
            if each.kind in (Kind.TABLE, Kind.MATERIALIZED_VIEW):
                found |= dict.fromkeys(footprint.before.family((each.name[0], each.name[1])))
            elif each.kind is Kind.VIEW:
                todo.append((each.name[0], each.name[1]))
    return list(found)
