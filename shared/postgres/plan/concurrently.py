"""CONCURRENTLY: for which sessions a statement waits, and when that ends in a deadlock.

Observed on 13 to 18 (tests/postgres/plan/waits.tsv): a build, and DETACH PARTITION … FINALIZE, wait for every older
snapshot in the database, whatever it is of. A second process that waits for an advisory lock holds such a snapshot.
"""

from enum import StrEnum

from ..parse import Statement
from ..transactions import is_concurrent
from .footprint import Footprint


class Waits(StrEnum):
    """For which other transactions of the database."""

    SNAPSHOTS = "every older transaction that keeps a snapshot"
    WRITERS = "every transaction that has written the table"
    USERS = "every transaction that has read or written the table"


_DEADLOCK = "40P01"
_CONCURRENTLY = {
    "IndexStmt": frozenset({Waits.SNAPSHOTS, Waits.WRITERS}), "ReindexStmt": frozenset({Waits.SNAPSHOTS, Waits.USERS}),
    "DropStmt": frozenset({Waits.USERS}), "AlterTableStmt": frozenset({Waits.USERS}),
}  # fmt: skip
_FINALIZE = frozenset({Waits.SNAPSHOTS})
NOBODY: frozenset[Waits] = frozenset()


def waits_of(statement: Statement) -> frozenset[Waits]:
    """For which sessions *statement* waits beside holders of conflicting locks, as every statement does."""
    if is_concurrent(statement):
        return _CONCURRENTLY[statement.kind]
    if statement.kind == "AlterTableStmt":
        commands = (each["AlterTableCmd"] for each in statement.node["cmds"])
        if any(each["subtype"] == "AT_DetachPartitionFinalize" for each in commands):
            return _FINALIZE
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
