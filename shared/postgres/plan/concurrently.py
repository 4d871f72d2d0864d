"""CONCURRENTLY: for which sessions a statement waits, and when that ends in a deadlock.

Observed on 13 to 18 (tests/postgres/plan/waits.tsv): a build, and DETACH PARTITION … FINALIZE, wait for every older
snapshot in the database, whatever it is of. A second process that waits for an advisory lock holds such a snapshot.
"""

from enum import StrEnum

from ..parse import Statement
from .footprint import Footprint


class Waits(StrEnum):
    """For which other transactions of the database."""

    SNAPSHOTS = "every older transaction that keeps a snapshot"
    WRITERS = "every transaction that has written the table"
    USERS = "every transaction that has read or written the table"


_DEADLOCK = "40P01"
_BUILD = frozenset({Waits.SNAPSHOTS, Waits.WRITERS})
_REBUILD = frozenset({Waits.SNAPSHOTS, Waits.USERS})
_REMOVAL = frozenset({Waits.USERS})
_FINALIZE = frozenset({Waits.SNAPSHOTS})
NOBODY: frozenset[Waits] = frozenset()


def waits_of(statement: Statement) -> frozenset[Waits]:
    """For which sessions *statement* waits beside holders of conflicting locks, as every statement does."""
    kind, node = statement.kind, statement.node
    if kind == "IndexStmt" and node.get("concurrent"):
        return _BUILD
    if kind == "DropStmt" and node.get("concurrent"):
        return _REMOVAL
    if kind == "ReindexStmt" and any(each["DefElem"]["defname"] == "concurrently" for each in node.get("params", ())):
        return _REBUILD
    if kind == "AlterTableStmt":
        commands = [each["AlterTableCmd"] for each in node["cmds"]]
        if any(each["subtype"] == "AT_DetachPartitionFinalize" for each in commands):
            return _FINALIZE
        if any(each.get("def", {}).get("PartitionCmd", {}).get("concurrent") for each in commands):
            return _REMOVAL
    return NOBODY


def waits(footprint: Footprint, statement: Statement) -> None:
    """Say for which sessions it waits; where a second process may run the same deployment, that decides how it ends."""
    found = waits_of(statement)
    if not found:
        return
    footprint.note(f"it waits for {' and for '.join(each.value for each in Waits if each in found)}")
    if Waits.SNAPSHOTS in found and footprint.circumstances.may_run_twice:
        footprint.depends(
            _DEADLOCK,
            "more than one process may run this deployment: the one that waits for the other's lock keeps a snapshot, "
            "so the two deadlock (40P01), and an INVALID index may stay",
        )
