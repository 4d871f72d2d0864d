"""Is a migration stuck, or does a session hold up others?"""

from collections.abc import Iterator
from datetime import timedelta

from ..model.database import Activity, BlockingSession, DatabaseReading, LockSession
from ..model.diagnosis import Diagnosis
from ..model.facts import Facts
from ..model.finding import Finding, Json, Severity, Step
from ..model.knowledge import Unavailable, known
from ..model.phrases import span
from ..model.value import replace
from ..prisma.history import is_young
from ..remedies import commands

# How long a deployment may wait for the one before it.
_SHORT_WAIT = timedelta(seconds=30)
_MOST_NAMED = 20
_PREPARED = "SELECT gid, owner, prepared FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared;"


def check_activity(facts: Facts, _diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    database = known(facts.database)
    activity = known(database.activity)
    remedy = facts.target.remedy
    lock = _lock_held(database, activity, facts.target.patience)
    if lock is not None:
        yield replace(lock, remedy=commands.framed(remedy, lock.remedy))
    for session in activity.blocking:
        if session.blocked_for is None and not activity.sees_all_sessions:
            what = f"session {session.pid}" if session.pid else "a prepared transaction"
            yield Unavailable(
                f"{what} blocks others, and the monitor's role may not see for how long: GRANT pg_read_all_stats to it"
            )
        elif session.blocked_long > facts.target.queue_alert and _is_deploying(facts, database, activity):
            blocking = _queue(_blocking(session, database.schema), session, facts.target.max_block)
            yield replace(blocking, remedy=commands.framed(remedy, blocking.remedy))
        elif session.blocked_for is not None and session.blocked_for > facts.target.patience:
            blocking = _blocking(session, database.schema)
            yield replace(blocking, remedy=commands.framed(remedy, blocking.remedy))


def _lock_held(database: DatabaseReading, activity: Activity, patience: timedelta) -> Finding | None:
    holders = [session for session in activity.lock if session.granted]
    waiters = [session for session in activity.lock if not session.granted]
    is_waited_for = any(each.waiting_for is None or each.waiting_for >= _SHORT_WAIT for each in waiters)
    # A session that has just begun to wait behind a running migration is the next deployment, started too early.
    if not holders or (_young_migration(database, patience) and not is_waited_for):
        return None
    waiting = (
        f", and {len(waiters)} {'session waits' if len(waiters) == 1 else 'sessions wait'} for it" if waiters else ""
    )
    holder = holders[0]
    leaked = holder.state == "idle" and not _unfinished(database)
    why = " It is idle and no migration is unfinished: the lock leaked through a connection pool." if leaked else ""
    first = "Deploy over port 5432, never through a pool." if leaked else "Wait for the deployment that holds it."
    return Finding(
        "migration-lock-held",
        database.name,
        Severity.WARNING,
        f"{_session(holder)} holds Prisma's migration lock{_age(holder)}{waiting}: no other deploy can start.{why}",
        expected="held only while a migration runs",
        actual="held",
        remedy=(Step(first), *_ending("no deployment is running", holder.pid, holder.since)),
        evidence={
            "holders": [session.pid for session in holders],
            "waiters": [session.pid for session in waiters],
            "by": [_by(each, holds=each.granted) for each in activity.lock[:_MOST_NAMED]],
        },
    )


def _ending(unless: str, pid: int, since: str | None) -> tuple[Step, ...]:
    if since is None:
        return (commands.looked_up(pid),)
    return (
        Step(f"If {unless}, cancel the query of session {pid}. {commands.SIGNALS}", commands.cancel(pid, since)),
        Step(
            f"If session {pid} still exists, end it: its open transaction is rolled back.",
            commands.terminate(pid, since),
        ),
    )


def _unfinished(database: DatabaseReading) -> bool:
    """Say whether a row is unfinished, or may be."""
    if isinstance(database.history, Unavailable):
        return True
    return any(row.is_unfinished for row in database.history.rows)


def _young_migration(database: DatabaseReading, patience: timedelta) -> bool:
    """Say whether a migration that began less than *patience* ago explains the lock."""
    if isinstance(database.history, Unavailable):
        return False
    unfinished = (row for row in database.history.rows if row.is_unfinished)
    return any(is_young(row, database.now, patience) for row in unfinished)


def _is_deploying(facts: Facts, database: DatabaseReading, activity: Activity) -> bool:
    """Say whether a deployment is running or about to: then users notice a long queue now, and it is why."""
    holds = any(each.granted for each in activity.lock)
    return facts.deploying or facts.phase is not None or holds or _young_migration(database, facts.target.patience)


def _queue(found: Finding, session: BlockingSession, max_block: timedelta) -> Finding:
    long = f"{session.blocked_long} of them have waited for longer than {span(max_block)} (max_block)"
    return replace(found, severity=Severity.CRITICAL, summary=f"{found.summary[:-1]}; {long}.")


def _blocking(session: BlockingSession, schema: str) -> Finding:
    who = _session(session) if session.pid else "A prepared transaction"
    others = "another session" if session.blocked == 1 else f"{session.blocked} other sessions"
    return Finding(
        "session-blocking",
        f"pid {session.pid}" if session.pid else "prepared transaction",
        Severity.WARNING,
        f"{who} has blocked {others} for {span(session.blocked_for)}.",
        expected="no session waits that long",
        actual=session.state,
        remedy=(
            (
                Step(f"Find out what session {session.pid} is doing; let it finish, or end it in its application."),
                *_ending("the session is stuck", session.pid, session.since),
            )
            if session.pid
            else _ending_prepared(schema)
        ),
        evidence={
            "pid": session.pid or None,
            "blocked": session.blocked,
            "blocked_long": session.blocked_long,
            "in_transaction_seconds": _seconds(session.in_transaction_for),
            "blocked_seconds": _seconds(session.blocked_for),
            "by": [_by(session, holds=True)] if session.pid else [],
        },
    )


def _ending_prepared(schema: str) -> tuple[Step, ...]:
    """What was prepared is kept until it is committed or rolled back, whatever becomes of its session or the server."""
    return (
        Step(
            "List the prepared transactions. They have no session that could be ended, and survive a restart.",
            commands.psql([_PREPARED], schema),
        ),
        Step(
            "Ask those who run the transaction manager of its owner how it ended elsewhere. End it the same way, "
            "as its owner: COMMIT PREPARED or ROLLBACK PREPARED, with its gid."
        ),
    )


def _session(session: LockSession | BlockingSession) -> str:
    who = " ".join(part for part in (session.application, f"({session.user})" if session.user else None) if part)
    return f"Session {session.pid}{f' of {who}' if who else ''}"


def _by(session: LockSession | BlockingSession, *, holds: bool) -> Json:
    """Whose session holds the lock now, or waits for it."""
    return {"pid": session.pid, "role": session.user, "application": session.application, "holds": holds}


def _age(session: LockSession) -> str:
    """PostgreSQL does not record when a lock was granted: only the session's age is known."""
    return "" if session.connected_for is None else f", connected for {span(session.connected_for)}"


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else round(duration.total_seconds(), 1)
