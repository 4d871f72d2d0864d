"""CREATE INDEX, CREATE STATISTICS and REFRESH: what the catalog does not let them do."""

from collections.abc import Iterator

from ....model.plan import Relation
from ....model.schema import Index, Kind, Subject, Table
from ...parse import Tree, nodes_with, parse
from ..expressions import columns_in
from ..footprint import Failure, Footprint
from .immutability import is_stable

_CLUSTERS_PARTITIONS = 15


def create_index(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    table = footprint.before.find(node["relation"])
    kind = footprint.before.kind(table)
    if table is None:
        return
    if kind not in (Kind.TABLE, Kind.MATERIALIZED_VIEW):
        yield Failure("42809", f"{table[1]} is a {kind}: it cannot have an index")
        return
    if node.get("concurrent") and footprint.before.is_partitioned(table):
        yield Failure("0A000", f"{table[1]} is partitioned: its index cannot be created CONCURRENTLY")
    elements = [each["IndexElem"] for each in node["indexParams"]]
    for tree in (*(each.get("expr") for each in elements), node.get("whereClause")):
        if tree is not None and any(True for _ in nodes_with(tree, "subLinkType")):
            yield Failure("0A000", "a subquery cannot be used in an index")
        elif tree is not None and is_stable(footprint, table, tree):
            yield Failure("42P17", "functions in an index must be immutable")
    if node.get("unique"):
        yield from of_partitioned(footprint, table, [each.get("name") for each in elements])


def of_partitioned(footprint: Footprint, table: Relation, columns: list[str | None]) -> Iterator[Failure]:
    """A unique key of a partitioned table is of all columns of the partition key."""
    key = partition_key(footprint, table)
    if key is not None and not key <= set(columns):
        yield Failure("0A000", "a unique constraint of a partitioned table must include all its partitioning columns")


def partition_key(footprint: Footprint, table: Relation) -> frozenset[str] | None:
    """The columns of the partition key of *table*; None where it is not partitioned or the key has expressions."""
    definition = footprint.before.objects.get(Subject(Kind.TABLE, table))
    if not isinstance(definition, Table) or definition.partition_by is None:
        return None
    _, _, keys = definition.partition_by.sql.partition("(")
    words = [each.strip().strip('"') for each in keys.rstrip(")").split(",")]
    return frozenset(words) if all(footprint.before.column(table, each) is not None for each in words) else None


def is_partitioned_by(footprint: Footprint, table: Relation, column: str) -> bool:
    """Say whether the partition key of *table*, or of a table below it, is made of *column*."""
    for each in footprint.before.family(table):
        definition = footprint.before.objects.get(Subject(Kind.TABLE, each))
        if isinstance(definition, Table) and definition.partition_by is not None:
            _, _, keys = definition.partition_by.sql.partition("(")
            elements = [key["IndexElem"] for key in parse(f"CREATE INDEX ON t ({keys}")[0].node["indexParams"]]
            if any(column == key.get("name") or column in columns_in(key.get("expr")) for key in elements):
                return True
    return False


def create_statistics(_: Footprint, node: Tree) -> Iterator[Failure]:
    elements = node.get("exprs", ())
    if len(elements) == 1 and "name" in elements[0].get("StatsElem", {}):
        yield Failure("42P17", "extended statistics need two columns at least")


def cluster(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    table = footprint.before.find(node["relation"]) if "relation" in node else None
    if table is None or "indexname" not in node or table in footprint.circumstances.vague:
        return
    if all(index[1] != node["indexname"] for index, _ in footprint.before.indexes(table)):
        yield Failure("42704", f"{table[1]} has no index {node['indexname']}")
    elif footprint.before.is_partitioned(table):
        in_block = footprint.circumstances.in_block
        if footprint.circumstances.version < _CLUSTERS_PARTITIONS:
            yield Failure(
                "0A000", f"{table[1]} is partitioned: servers before {_CLUSTERS_PARTITIONS} do not cluster it"
            )
        elif in_block is not False:
            because = "CLUSTER of a partitioned table cannot run inside a transaction block"
            yield Failure("25001", because, certain=bool(in_block))


def refresh(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    view = footprint.before.find(node["relation"])
    if view is None:
        return
    kind = footprint.before.kind(view)
    if kind is not Kind.MATERIALIZED_VIEW:
        sqlstate = "0A000" if kind is Kind.TABLE else "42809"
        yield Failure(sqlstate, f"{view[1]} is a {kind}, and no materialized view")
    elif node.get("concurrent"):
        unique = (
            isinstance(each, Index) and each.unique and each.predicate is None and all(key.column for key in each.keys)
            for _, each in footprint.before.parts(view)
        )
        if not any(unique):
            yield Failure("55000", f"{view[1]} has no unique index of its columns: it cannot be refreshed CONCURRENTLY")
