"""ALTER TABLE: what the catalog does not let its commands do, pass by pass as the server runs them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .....model.plan import Relation
from .....model.schema import Kind
from ....parse import Tree
from ...footprint import Failure, Footprint
from . import column_types, columns, constraints, indexes_and_triggers, partitions

_DROPS = ("AT_DropColumn", "AT_DropConstraint", "AT_DropNotNull", "AT_DropExpression", "AT_DropIdentity")
_PASSES = {**dict.fromkeys(_DROPS, 0), "AT_AlterColumnType": 1, "AT_AddColumn": 2, "AT_SetNotNull": 3}
_OF_TABLES = frozenset(
    {"AT_AddColumn", "AT_DropColumn", "AT_AlterColumnType", "AT_SetNotNull", "AT_DropNotNull", "AT_AddConstraint"}
)
_LAST_PASS = 4


def alter_table(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    table = footprint.before.find(node["relation"])
    kind = footprint.before.kind(table)
    if table is None:
        return
    commands = [each["AlterTableCmd"] for each in node["cmds"]]
    for command in sorted(commands, key=lambda each: _PASSES.get(each["subtype"], _LAST_PASS)):
        if kind in (Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.SEQUENCE) and command["subtype"] in _OF_TABLES:
            yield Failure("42809", f"{table[1]} is a {kind}: the statement is for tables")
            return
        reader = _READERS.get(command["subtype"])
        if reader is not None and kind is Kind.TABLE:
            yield from reader(footprint, table, command)


_READERS: Mapping[str, Callable[[Footprint, Relation, Any], Iterator[Failure]]] = {
    "AT_AddColumn": columns.add_column,
    "AT_AddConstraint": constraints.add_constraint,
    "AT_AddIdentity": columns.add_identity,
    "AT_AddInherit": partitions.inherit,
    "AT_AlterColumnType": column_types.change_type,
    "AT_AttachPartition": partitions.attach,
    "AT_ClusterOn": indexes_and_triggers.cluster_on,
    "AT_ColumnDefault": columns.set_default,
    "AT_DetachPartition": partitions.detach,
    "AT_DropCluster": indexes_and_triggers.without_cluster,
    "AT_DisableTrig": indexes_and_triggers.trigger,
    "AT_DropColumn": columns.drop_column,
    "AT_DropConstraint": constraints.drop_constraint,
    "AT_DropExpression": columns.drop_expression,
    "AT_DropIdentity": columns.drop_identity,
    "AT_DropNotNull": columns.drop_not_null,
    "AT_EnableTrig": indexes_and_triggers.trigger,
    "AT_ReplicaIdentity": indexes_and_triggers.replica_identity,
    "AT_SetRelOptions": indexes_and_triggers.options,
    "AT_ValidateConstraint": constraints.validate,
}
