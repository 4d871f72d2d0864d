"""Who holds locks on tables for longer than a deployment should wait."""

from datetime import timedelta

import psycopg

from ...model.holders import HolderKind, LockHolder
from ...model.plan import LockMode
from ...model.value import dataclass
from .query import Query, from_file

# As the catalog spells them.
LOCK_MODES = {f"{each}Lock": each for each in LockMode}


@dataclass(frozen=True, slots=True)
class HolderRow:
    schema: str
    name: str
    mode: str
    kind: str
    pid: int | None
    application: str | None
    user: str | None
    open_for: timedelta | None


def ask_holders(older_than: timedelta) -> Query[HolderRow]:
    return from_file("lock_holders", HolderRow, {"older_than": older_than.total_seconds()})


def holders(query: Query[HolderRow]) -> tuple[LockHolder, ...]:
    """Give the holders, the oldest first; none where they cannot be read: they are a hint, no finding."""
    try:
        rows = query.rows()
    except psycopg.Error:
        return ()
    return tuple(
        LockHolder(
            (row.schema, row.name),
            LOCK_MODES[row.mode],
            HolderKind(row.kind),
            row.pid,
            row.application,
            row.user,
            row.open_for,
        )
        for row in rows
    )
