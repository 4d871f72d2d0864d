"""The lock that each command of ALTER TABLE takes on its table.

Source: PostgreSQL's documentation of ALTER TABLE and "Explicit Locking" (13.3), and AlterTableGetLockLevel in
tablecmds.c, which the documentation follows. What is not listed takes ACCESS EXCLUSIVE, as there. Equal on 13 to 18
but for DETACH PARTITION, see partitions.py.
"""

from collections.abc import Mapping

from ...model.plan import LockMode
from ..parse import Tree

_WEAKER: Mapping[str, LockMode] = {
    "AT_SetStatistics": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "AT_SetOptions": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "AT_ResetOptions": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "AT_ClusterOn": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "AT_DropCluster": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "AT_ValidateConstraint": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "AT_AttachPartition": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "AT_EnableTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "AT_EnableAlwaysTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "AT_EnableReplicaTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "AT_EnableTrigAll": LockMode.SHARE_ROW_EXCLUSIVE,
    "AT_EnableTrigUser": LockMode.SHARE_ROW_EXCLUSIVE,
    "AT_DisableTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "AT_DisableTrigAll": LockMode.SHARE_ROW_EXCLUSIVE,
    "AT_DisableTrigUser": LockMode.SHARE_ROW_EXCLUSIVE,
}
# Storage parameters whose change takes ACCESS EXCLUSIVE (reloptions.c); all others take SHARE UPDATE EXCLUSIVE.
_STRONG_PARAMETERS = frozenset(
    {"autosummarize", "buffering", "fastupdate", "gin_pending_list_limit", "pages_per_range", "user_catalog_table"}
)


def lock_mode(command: Tree) -> LockMode:
    """The lock that *command*, an AlterTableCmd, takes on the table that it is about."""
    kind = command["subtype"]
    if kind in ("AT_SetRelOptions", "AT_ResetRelOptions"):
        names = {each["DefElem"]["defname"] for each in command["def"]["List"]["items"]}
        weak = names.isdisjoint(_STRONG_PARAMETERS)
        return LockMode.SHARE_UPDATE_EXCLUSIVE if weak else LockMode.ACCESS_EXCLUSIVE
    if kind == "AT_AddConstraint" and command["def"]["Constraint"]["contype"] == "CONSTR_FOREIGN":
        return LockMode.SHARE_ROW_EXCLUSIVE
    if kind == "AT_DetachPartition" and command["def"]["PartitionCmd"].get("concurrent"):
        return LockMode.SHARE_UPDATE_EXCLUSIVE
    return _WEAKER.get(kind, LockMode.ACCESS_EXCLUSIVE)
