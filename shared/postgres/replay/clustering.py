"""The index in whose order a table is clustered (commands/cluster.c)."""

from ..parse import Tree
from . import records
from .indexes import index_of
from .records import Oid
from .state import State


def cluster(state: State, node: Tree) -> None:
    """CLUSTER t USING i marks i; without an index it goes by the mark that is there."""
    if "indexname" not in node:
        return
    table = state.names.relation(node["relation"])
    index = index_of(state, table, node["indexname"])
    for each, part in _leaves(state, table, index):
        _mark(state, each, part)


def cluster_on(state: State, table: Oid, name: str) -> None:
    _mark(state, table, index_of(state, table, name))


def without_cluster(state: State, table: Oid) -> None:
    if (there := state.catalog.find("cluster mark", table, "")) is not None:
        state.catalog.remove(there)


def _mark(state: State, table: Oid, index: Oid) -> None:
    there = state.catalog.get(state.catalog.find("cluster mark", table, ""), records.ClusterMark)
    if there is None or there.index != index:
        without_cluster(state, table)
        state.catalog.add(records.ClusterMark(table, index))


def _leaves(state: State, table: Oid, index: Oid) -> list[tuple[Oid, Oid]]:
    """The table and the index themselves, or those of all partitions that have rows."""
    record = state.catalog.get(table, records.Table)
    if record is None or record.partition_by is None:
        return [(table, index)]
    parts = [(oid, part) for oid, part in state.catalog.held(index, records.AnyIndex) if part.parent == index]
    return [leaf for oid, part in parts for leaf in _leaves(state, part.table, oid)]
