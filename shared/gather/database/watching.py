"""The running deployment, read once a second over one connection: one query in one round trip, and no lock."""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from ...model.knowledge import Unavailable
from ...model.plan import Relation
from ...model.settings import DatabaseSettings
from ...model.value import dataclass
from ...model.watching import Awaited, LiveSession, Tick, Work
from ..attempt import GatherError
from .access import enter
from .activity import PRISMA_LOCK
from .holders import LOCK_MODES
from .query import Query, from_file, sendable
from .refusal import refused
from .session import Session

# Of a text, in small letters and without blanks: enough to distinguish a migration from what an application asks.
OPENING = 32
_CONNECT_WITHIN = 10.0
# For one reading; the server's own limit is as long.
_WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class TickRow:
    """A row of ``watch.sql``."""

    at: datetime
    sees_all_sessions: bool
    waiting: int
    pid: int | None
    since: str | None
    kind: str | None
    application: str | None
    user: str | None
    state: str | None
    command: str | None
    query: str | None
    query_for: timedelta | None
    transaction_for: timedelta | None
    wait: str | None
    blockers: Sequence[int]
    prisma_lock: bool | None
    awaited_kind: str | None
    awaited_mode: str | None
    awaited_schema: str | None
    awaited_name: str | None
    waited_for: timedelta | None
    work_command: str | None
    work_phase: str | None
    work_done: int | None
    work_total: int | None
    work_schema: str | None
    work_name: str | None
    lock_schemas: Sequence[str] | None
    lock_names: Sequence[str] | None
    lock_modes: Sequence[str] | None


class Watch:
    """An open connection to the watched database; it is opened again after one that was lost."""

    def __init__(self, settings: DatabaseSettings, openings: Iterable[str]) -> None:
        """*openings* are how texts of the deployment begin: `OPENING` characters, in small letters, without blanks."""
        self._settings = settings
        self._openings = [sendable(each) for each in openings]
        self._connection: psycopg.Connection[Any] | None = None

    def tick(self) -> Tick:
        """Read once. Raises `GatherError`; the next call tries again."""
        if self._connection is None:
            _, self._connection = enter(self._settings, time.monotonic() + _CONNECT_WITHIN)
        session = Session(self._connection, self._settings, time.monotonic() + _WITHIN)
        asked = ask_tick(self._openings)
        session.ask([session.catalog_transaction([asked], "current")])
        return self._received(asked)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _received(self, asked: Query[TickRow]) -> Tick:
        tick = tick_of(asked)
        if isinstance(tick, Unavailable):
            self.close()
            raise GatherError(tick.because, lasting=tick.lasting)
        return tick


def ask_tick(openings: Sequence[str] = ()) -> Query[TickRow]:
    """*openings* as in `Watch`, and sendable. Without any, who deploys shows by Prisma's lock alone."""
    return from_file("watch", TickRow, {"lock": PRISMA_LOCK, "openings": list(openings), "length": OPENING})


def tick_of(asked: Query[TickRow]) -> Tick | Unavailable:
    try:
        rows = asked.rows()
    except psycopg.Error as error:
        return refused("the sessions cannot be seen", error)
    found = tuple(_session(row, row.pid) for row in rows if row.pid is not None)
    return Tick(rows[0].at.astimezone(UTC), found, rows[0].waiting, rows[0].sees_all_sessions)


def _session(row: TickRow, pid: int) -> LiveSession:
    awaited = work = None
    if row.awaited_kind is not None:
        mode = LOCK_MODES.get(row.awaited_mode or "")
        awaited = Awaited(row.awaited_kind, mode, _relation(row.awaited_schema, row.awaited_name), row.waited_for)
    if row.work_command is not None:
        relation = _relation(row.work_schema, row.work_name)
        work = Work(row.work_command, row.work_phase or "", relation, row.work_done or 0, row.work_total or 0)
    return LiveSession(
        pid=pid,
        since=row.since,
        kind=row.kind,
        application=row.application,
        user=row.user,
        state=row.state,
        command=row.command,
        query=row.query or "",
        query_for=row.query_for,
        transaction_for=row.transaction_for,
        wait=row.wait,
        blockers=tuple(dict.fromkeys(row.blockers)),
        prisma_lock=row.prisma_lock,
        awaited=awaited,
        work=work,
        locks=frozenset(
            ((schema, name), LOCK_MODES[mode])
            for schema, name, mode in zip(
                row.lock_schemas or (), row.lock_names or (), row.lock_modes or (), strict=True
            )
            if mode in LOCK_MODES
        ),
    )


def _relation(schema: str | None, name: str | None) -> Relation | None:
    return None if schema is None or name is None else (schema, name)
