"""ALTER TABLE: what names an index or a trigger of the table, and storage options."""

from collections.abc import Iterator

from .....model.plan import Relation
from .....model.schema import Index, Kind, Subject
from ....parse import Tree
from ...footprint import Failure, Footprint

_FILLFACTOR = (10, 100)


def cluster_on(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    if not _is_index(footprint, table, command["name"]):
        yield Failure("42704", f"index {command['name']} of {table[1]} does not exist")
    yield from without_cluster(footprint, table, command)


def without_cluster(footprint: Footprint, table: Relation, _: Tree) -> Iterator[Failure]:
    if footprint.before.is_partitioned(table):
        yield Failure("0A000", f"{table[1]} is partitioned: none of its indexes can be marked for CLUSTER")


def _is_index(footprint: Footprint, table: Relation, name: str) -> bool:
    return (
        any(index[1] == name for index, _ in footprint.before.indexes(table)) or table in footprint.circumstances.vague
    )


def replica_identity(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    name = command["def"]["ReplicaIdentityStmt"].get("name")
    if name is None:
        return
    found = footprint.before.objects.get(Subject(Kind.INDEX, (table[0], name)))
    if not _is_index(footprint, table, name):
        yield Failure("42704", f"index {name} of {table[1]} does not exist")
    elif isinstance(found, Index):
        columns = [footprint.column(table, key.column) if key.column is not None else None for key in found.keys]
        if not found.unique or found.predicate is not None or any(each is None or each.nullable for each in columns):
            yield Failure(
                "42809", f"{name} cannot be the replica identity: it must be unique, whole, of NOT NULL columns"
            )


def trigger(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    if table in footprint.circumstances.vague:
        return
    if Subject(Kind.TRIGGER, (*table, command["name"])) not in footprint.before.objects:
        yield Failure("42704", f"trigger {command['name']} of {table[1]} does not exist")


def options(_: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    for each in command["def"]["List"]["items"]:
        element = each["DefElem"]
        value = (
            element.get("arg", {}).get("Integer", {}).get("ival", 0) if "Integer" in element.get("arg", {}) else None
        )
        low, high = _FILLFACTOR
        if element["defname"] == "fillfactor" and value is not None and not low <= value <= high:
            yield Failure("22023", f"the fillfactor of {table[1]} must be between {low} and {high}")
