"""CONCURRENTLY: for whom the statement waits, and when that ends in a deadlock.

Observed on 13 to 18 (tests/postgres/plan/waits.tsv). A build, and DETACH PARTITION … FINALIZE, wait for every older
snapshot in the database, whatever it reads. DROP INDEX and DETACH PARTITION wait for transactions that have touched the
table. A second deployment that waits for an advisory lock holds a snapshot, and nothing of any table.
"""

from shared.postgres.plan.footprint import Footprint

_DEADLOCK = "40P01"


def waits_for_snapshots(footprint: Footprint) -> None:
    """A build, or the end of a detachment: two processes that run the deployment may deadlock."""
    if footprint.circumstances.may_run_twice:
        footprint.depends(
            _DEADLOCK,
            "it waits for every older transaction, and a second process that runs the deployment waits for this one: "
            "PostgreSQL ends one of the two (40P01). Run the deployment from exactly one runner",
        )
    else:
        footprint.note(
            "CONCURRENTLY waits for every older transaction; run the deployment from exactly one runner, since two "
            "deadlock (40P01)"
        )


def waits_for_lockers(footprint: Footprint) -> None:
    """DROP INDEX and DETACH PARTITION: no deadlock with a process that waits for an advisory lock."""
    footprint.note("CONCURRENTLY waits for every transaction that has touched the table")
