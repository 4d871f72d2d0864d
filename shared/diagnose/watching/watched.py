"""From a tick to what it means."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from ...model.plan import Duration, Relation
from ...model.value import dataclass
from ...model.watching import LiveSession, Phase, Place, Queue, Tick, Watched
from .files import File, Match, matches
from .places import place_of

# Without Prisma's lock, a deployment shows in its statements alone: so many ticks without one, and it has ended.
_QUIET = 3
# What Prisma itself runs before, between and behind the statements of migrations.
_PRISMAS_OWN = ("_prisma_migrations", "pg_advisory_lock", "pg_catalog", "pg_namespace", "current_setting")
_ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings call a long queue: more than *sessions* that have waited for longer than *wait*."""

    wait: timedelta
    sessions: int


def watched(
    tick: Tick, files: Sequence[File], tables: Collection[Relation], limits: Limits, before: Watched | None
) -> Watched:
    """Say what *tick* means, *before* what the one before it did. *tables* were there before the deployment."""
    last = None if before is None else before.reached
    found = {each.pid: _match(each, files, last) for each in tick.sessions}
    session = _deploying(tick.sessions, found)
    if session is None:
        return _without(tick, before)
    match = found[session.pid]
    place = None if match is None else place_of(match, session, tables)
    phase = _phase(session, match)
    chain = _upstream(session, tick.sessions)
    blocked = _behind({session.pid, *(each.pid for each in chain)}, tick.sessions)
    long = sum(
        1 for each in blocked if each.awaited and each.awaited.waited_for and each.awaited.waited_for > limits.wait
    )
    return Watched(
        at=tick.at,
        phase=phase,
        session=session,
        place=place,
        reached=place or last,
        estimate=_estimate(match, place),
        chain=chain,
        behind_prepared=any(0 in each.blockers for each in (session, *chain)),
        queues=_queues(blocked),
        queued=len(blocked),
        queued_long=long,
        is_urgent=long > limits.sessions,
        sees_all_sessions=tick.sees_all_sessions,
    )


def _without(tick: Tick, before: Watched | None) -> Watched:
    """No session deploys: none has yet, or it has ended."""
    if before is None or before.phase is Phase.NONE:
        return Watched(tick.at, Phase.NONE, sees_all_sessions=tick.sees_all_sessions)
    had_lock = before.session is not None and before.session.prisma_lock is not None
    quiet = before.quiet + 1
    ended = before.phase is Phase.ENDED or had_lock or quiet >= _QUIET
    phase = Phase.ENDED if ended else Phase.BETWEEN
    return Watched(tick.at, phase, reached=before.reached, quiet=quiet, sees_all_sessions=tick.sees_all_sessions)


def _match(session: LiveSession, files: Sequence[File], last: Place | None) -> Match | None:
    """What *session* runs. Of statements with one text, the first that does not come before the *last* place."""
    if not session.query or session.state != _ACTIVE:
        return None
    every = list(matches(session.query, files))
    order = {file.migration: number for number, file in enumerate(files)}
    at = (-1, -1) if last is None else (order.get(last.migration, -1), last.first)
    later = (each for each in every if (order[each.file.migration], each.last) >= at)
    return next(later, every[0] if every else None)


def _deploying(sessions: Iterable[LiveSession], found: Mapping[int, Match | None]) -> LiveSession | None:
    """Who deploys: holds Prisma's lock, else runs a statement of the files, else waits for that lock."""
    candidates = [each for each in sessions if each.prisma_lock is not None or found[each.pid] is not None]
    return min(
        candidates, default=None, key=lambda each: (each.prisma_lock is not True, found[each.pid] is None, each.pid)
    )


def _phase(session: LiveSession, match: Match | None) -> Phase:
    if match is not None:
        return Phase.RUNS
    if session.prisma_lock is False:
        return Phase.WAITS
    # A role that may not see what it does cannot distinguish its statements from the pauses between them.
    is_own = session.state not in (_ACTIVE, None) or any(each in session.query for each in _PRISMAS_OWN)
    return Phase.BETWEEN if is_own else Phase.RUNS


def _estimate(match: Match | None, place: Place | None) -> Duration | None:
    if match is None or place is None or (place.at_once is None and place.count > 1):
        return None
    if place.at_once:
        return match.file.estimate(None)
    return match.file.estimate(place.first) if place.first == place.last else None


def _upstream(session: LiveSession, sessions: Iterable[LiveSession]) -> tuple[LiveSession, ...]:
    """The sessions that *session* waits for, and those that block them, the nearest first."""
    by_pid = {each.pid: each for each in sessions}
    found: dict[int, LiveSession] = {}
    waiting = list(session.blockers)
    for pid in waiting:
        if pid in by_pid and pid not in found and pid != session.pid:
            found[pid] = by_pid[pid]
            waiting += by_pid[pid].blockers
    return tuple(found.values())


def _behind(heads: Collection[int], sessions: Sequence[LiveSession]) -> tuple[LiveSession, ...]:
    """All that wait for one of *heads*, or for one that does. Who waits for Prisma's lock is another deployment."""
    blocked = set(heads)
    waiting = [each for each in sessions if each.pid not in blocked and each.prisma_lock is None and each.blockers]
    found: list[LiveSession] = []
    while new := [each for each in waiting if each.pid not in blocked and not blocked.isdisjoint(each.blockers)]:
        blocked |= {each.pid for each in new}
        found += new
    return tuple(found)


def _waited(session: LiveSession) -> timedelta:
    waited = session.awaited.waited_for if session.awaited else None
    return timedelta(0) if waited is None else waited


def _queues(blocked: Iterable[LiveSession]) -> tuple[Queue, ...]:
    """How many wait for each table, the longest queue first."""
    by_table: dict[Relation | None, list[timedelta]] = {}
    for each in blocked:
        by_table.setdefault(each.awaited.relation if each.awaited else None, []).append(_waited(each))
    found = [Queue(table, len(waits), max(waits)) for table, waits in by_table.items()]
    return tuple(sorted(found, key=lambda each: (-each.sessions, each.table or ("", ""))))
