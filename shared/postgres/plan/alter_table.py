"""ALTER TABLE: what each of its commands touches."""

from collections.abc import Callable, Mapping

from ...model.plan import LockMode, Relation
from ...model.schema import Column, Kind, Subject
from ..parse import Tree
from .add_column import add_column
from .constraints import add_constraint, enforce, set_not_null, validate
from .conversions import convert
from .drops import lock_dropped
from .footprint import Footprint
from .known import identity_sequence
from .lock_modes import lock_mode
from .new_values import new_values
from .partitions import attach, detach
from .rebuilt import rewrite
from .type_changes import change_type

# From this version on a table's sequences follow SET LOGGED and SET UNLOGGED.
_SEQUENCES_ARE_UNLOGGED = 15
# These are passed on to partitions and inheriting tables.
_OF_FAMILY = frozenset(
    {"AT_AddColumn", "AT_DropColumn", "AT_AlterColumnType", "AT_SetNotNull", "AT_DropNotNull", "AT_ColumnDefault",
     "AT_SetExpression", "AT_DropExpression", "AT_SetStatistics", "AT_SetStorage", "AT_SetCompression"}
)  # fmt: skip
_TRIGGERS = ("AT_EnableTrig", "AT_DisableTrig", "AT_EnableAlwaysTrig", "AT_EnableReplicaTrig")


def alter_table(footprint: Footprint, node: Tree) -> None:
    table = footprint.before.find(node["relation"])
    if table is None:
        return
    kind = footprint.before.kind(table)
    commands = [each["AlterTableCmd"] for each in node["cmds"]]
    footprint.only = not node["relation"].get("inh")
    footprint.new_columns = new_values(footprint, table, commands)
    for command in commands:
        of_family = command["subtype"] in _OF_FAMILY or command["subtype"].startswith(_TRIGGERS)
        family = footprint.before.family(table) if of_family and node["relation"].get("inh") else (table,)
        # Of a view, every change takes ACCESS EXCLUSIVE.
        footprint.lock_all(family, LockMode.ACCESS_EXCLUSIVE if kind is Kind.VIEW else lock_mode(command))
        if kind is Kind.INDEX and command["subtype"] == "AT_AttachPartition":
            footprint.lock(footprint.before.find(command["def"]["PartitionCmd"]["name"]), LockMode.ACCESS_EXCLUSIVE)
        reader = _READERS.get(command["subtype"])
        if reader is not None and (kind is Kind.TABLE or reader is _cluster_on):
            reader(footprint, table, command)


def _drop(footprint: Footprint, table: Relation, command: Tree) -> None:
    lock_dropped(footprint)
    if command["subtype"] == "AT_DropConstraint":
        for index, _ in footprint.before.indexes(table):
            if index[1] == command["name"]:  # another one may take its place in the same statement
                footprint.lock(index, LockMode.ACCESS_EXCLUSIVE)
    # With ONLY, too: what was inherited becomes the children's own.
    footprint.lock_all(footprint.before.family(table), LockMode.ACCESS_EXCLUSIVE)


def _change_type(footprint: Footprint, table: Relation, command: Tree) -> None:
    convert(footprint, table, command)
    change_type(footprint, table, command)


def _add_constraint(footprint: Footprint, table: Relation, command: Tree) -> None:
    add_constraint(footprint, table, command["def"]["Constraint"])


def _set_not_null(footprint: Footprint, table: Relation, command: Tree) -> None:
    set_not_null(footprint, table, command["name"])


def _validate(footprint: Footprint, table: Relation, command: Tree) -> None:
    validate(footprint, table, command["name"])


def _set_expression(footprint: Footprint, table: Relation, _: Tree) -> None:
    for each in footprint.before.family(table):
        rewrite(footprint, each)


def _identity(footprint: Footprint, table: Relation, command: Tree) -> None:
    subject = Subject(Kind.COLUMN, (*table, command["name"]))
    definition = footprint.before.objects.get(subject)
    if isinstance(definition, Column) and definition.identity is not None:
        sequence = identity_sequence(subject)
        is_drop = command["subtype"] == "AT_DropIdentity"
        footprint.lock(sequence, LockMode.ACCESS_EXCLUSIVE if is_drop else LockMode.SHARE_ROW_EXCLUSIVE)
        given = [] if is_drop else command["def"]["List"]["items"]
        if any(each["DefElem"]["defname"] != "generated" for each in given):
            footprint.rewrite_file(sequence)


def _rewrite(footprint: Footprint, table: Relation, _: Tree) -> None:
    rewrite(footprint, table)
    footprint.note(f"{table[1]} and its indexes are rewritten")
    if footprint.circumstances.version >= _SEQUENCES_ARE_UNLOGGED:
        for sequence in footprint.before.owned_sequences(table):
            footprint.lock(sequence, LockMode.ACCESS_EXCLUSIVE)
            footprint.rewrite_file(sequence)


def _tablespace(footprint: Footprint, table: Relation, command: Tree) -> None:
    # Databases that Prisma makes are in the default one: there is nothing to move.
    if command.get("name") != "pg_default":
        footprint.rewrite_file(table)


def _cluster_on(footprint: Footprint, table: Relation, command: Tree) -> None:
    footprint.lock((table[0], command["name"]), LockMode.SHARE_UPDATE_EXCLUSIVE)


def _replica_identity(footprint: Footprint, table: Relation, command: Tree) -> None:
    name = command.get("def", {}).get("ReplicaIdentityStmt", {}).get("name")
    if name is not None:
        footprint.lock((table[0], name), LockMode.SHARE)


def _inherit(footprint: Footprint, _: Relation, command: Tree) -> None:
    parent = footprint.before.find(command["def"]["RangeVar"])
    is_added = command["subtype"] == "AT_AddInherit"
    footprint.lock(parent, LockMode.SHARE_UPDATE_EXCLUSIVE if is_added else LockMode.ACCESS_SHARE)


def _attach(footprint: Footprint, table: Relation, command: Tree) -> None:
    attach(footprint, table, command["def"]["PartitionCmd"])


def _detach(footprint: Footprint, table: Relation, command: Tree) -> None:
    detach(footprint, table, command["def"]["PartitionCmd"])


def _alter_constraint(footprint: Footprint, table: Relation, command: Tree) -> None:
    altered = command["def"]["ATAlterConstraint"]
    if altered.get("alterEnforceability") and altered.get("is_enforced"):
        enforce(footprint, table, altered["conname"])
    if altered.get("alterInheritability"):
        footprint.lock_all(footprint.before.family(table), LockMode.ACCESS_EXCLUSIVE)
        column = footprint.before.required_column(table, altered["conname"])
        if column is not None and not altered.get("noinherit"):
            set_not_null(footprint, table, column)


_READERS: Mapping[str, Callable[[Footprint, Relation, Tree], None]] = {
    "AT_AddColumn": add_column,
    "AT_AddConstraint": _add_constraint,
    "AT_AddInherit": _inherit,
    "AT_AlterColumnType": _change_type,
    "AT_AlterConstraint": _alter_constraint,
    "AT_AttachPartition": _attach,
    "AT_ClusterOn": _cluster_on,
    "AT_DetachPartition": _detach,
    "AT_DropColumn": _drop,
    "AT_DropConstraint": _drop,
    "AT_DropIdentity": _identity,
    "AT_DropInherit": _inherit,
    "AT_ReplicaIdentity": _replica_identity,
    "AT_SetExpression": _set_expression,
    "AT_SetIdentity": _identity,
    "AT_SetLogged": _rewrite,
    "AT_SetNotNull": _set_not_null,
    "AT_SetTableSpace": _tablespace,
    "AT_SetUnLogged": _rewrite,
    "AT_ValidateConstraint": _validate,
}
