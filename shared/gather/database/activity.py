"""The present activity: Prisma's lock, and which sessions block others."""

from datetime import timedelta

import psycopg

from ...model.database import Activity, BlockingSession, LockSession
from ...model.knowledge import Unavailable
from .overview import Overview
from .query import Query, from_file
from .refusal import refused

# pg_advisory_lock(72707369): `migrate deploy` and `migrate resolve` take it for as long as they run.
PRISMA_LOCK = 72707369


def ask_lock() -> Query[LockSession]:
    return from_file("lock", LockSession, {"lock": PRISMA_LOCK})


def ask_blocking(long: timedelta) -> Query[BlockingSession]:
    """*long* is the wait from which on a session counts as `blocked_long`."""
    return from_file("blocking", BlockingSession, {"lock": PRISMA_LOCK, "long": long.total_seconds()})


def activity(lock: Query[LockSession], blocking: Query[BlockingSession], overview: Overview) -> Activity | Unavailable:
    try:
        return Activity(tuple(lock.rows()), tuple(blocking.rows()), overview.sees_all_sessions)
    except psycopg.Error as error:
        return refused("the sessions cannot be seen", error)
