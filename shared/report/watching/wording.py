"""What both forms say of a running deployment."""

from collections.abc import Iterator
from datetime import timedelta

from ...model.knowledge import Unavailable
from ...model.phrases import span
from ...model.plan import Duration
from ...model.watching import LiveSession, Phase, Place, Seen, Watched
from ..plan.observed import spelled
from ..plan.wording import roughly

_PHASES = {
    Phase.NONE: "no deployment is running",
    Phase.WAITS: "the deployment waits for Prisma's lock",
    Phase.BETWEEN: "the deployment is between two statements",
    Phase.RUNS: "the deployment is running",
    Phase.ENDED: "the deployment has ended",
}


def title(seen: Seen, target: str) -> str:
    watched = seen.watched
    if not isinstance(watched, Watched):
        return f"{target}: cannot be watched"
    return f"{target}: {_PHASES[watched.phase]}, {watched.at:%H:%M:%S} UTC"


def where(place: Place) -> str:
    """``20250904_roles/migration.sql, line 5 (statement 2 of 6)``"""
    first, last = place.first + 1, place.last + 1
    if first == last:
        return f"{place.migration}/migration.sql, line {place.lines[0]} (statement {first} of {place.count})"
    lines = f"lines {place.lines[0]} to {place.lines[1]}"
    return f"{place.migration}/migration.sql, {lines} (one of statements {first} to {last} of {place.count})"


def elapsed(watched: Watched) -> timedelta | None:
    """For how long the running statement has run; the file, where it is one batch."""
    return watched.session.query_for if watched.session is not None and watched.phase is Phase.RUNS else None


def time_of(watched: Watched) -> str | None:
    """``running for 38 s; predicted: seconds to minutes``"""
    took = elapsed(watched)
    if took is None:
        return None
    place = watched.place
    what = "the file has been running" if place is not None and place.at_once else "running"
    return f"{what} for {span(took)}; {_predicted(watched.estimate, took)}"


def pause(watched: Watched) -> str | None:
    """What the session does between two statements; a lock that leaked looks the same, for longer."""
    session = watched.session
    if session is None or watched.phase is not Phase.BETWEEN or session.state is None:
        return None
    return f"its session is {session.state}, and began its last query {span(session.query_for)} ago"


def _predicted(estimate: Duration | None, took: timedelta) -> str:
    if estimate is None:
        return "no time was predicted"
    late = ", so it is late" if took.total_seconds() > max(1.0, estimate.high) else ""
    return f"predicted: {roughly(estimate)}{late}"


def doing(session: LiveSession) -> Iterator[str]:
    """How far the session is, and for what it waits."""
    work, awaited = session.work, session.awaited
    if work is not None:
        percent = "" if work.percent is None else f", {work.percent} % of this phase"
        table = "" if work.relation is None else f" of {spelled(work.relation)}"
        yield f"{work.command}{table}: {work.phase}{percent}"
    if awaited is not None:
        mode = f"{awaited.mode} " if awaited.mode is not None and awaited.relation is not None else ""
        what = (
            f"a lock ({mode.strip()}) on {spelled(awaited.relation)}"
            if mode and awaited.relation
            else _KINDS.get(awaited.kind, f"a lock on {awaited.kind}")
        )
        yield f"waits for {what}{_for(awaited.waited_for)}"
    elif session.wait is not None and session.state == "active":
        yield f"wait event {session.wait}"


_KINDS = {
    "transactionid": "the end of another transaction",
    "virtualxid": "the end of an older transaction",
    "advisory": "an advisory lock",
}


def who(session: LiveSession) -> str:
    """``session 4711 of report (ops)``"""
    kind = session.kind if session.kind not in (None, "client backend") else "session"
    application = f" of {session.application}" if session.application else ""
    return f"{kind} {session.pid}{application}{f' ({session.user})' if session.user else ''}"


def blocker(session: LiveSession) -> str:
    """Who blocks, doing what, since when."""
    parts = [f"{who(session)}: {session.state or 'its state may not be seen'}"]
    if session.command is not None and session.state is not None:
        last = "" if session.state == "active" else "last "
        parts.append(f"{last}{session.command.upper()}{_for(session.query_for)}")
    if session.transaction_for is not None:
        parts.append(f"its transaction is open for {span(session.transaction_for)}")
    parts += doing(session)
    return ", ".join(parts)


def queue(watched: Watched, max_block: timedelta) -> str:
    """``14 sessions wait behind it, 12 of them for longer than 5 s``"""
    count = f"{watched.queued} session{' waits' if watched.queued == 1 else 's wait'} behind it"
    return f"{count}, {watched.queued_long} of them for longer than {span(max_block)}"


def tables(watched: Watched) -> Iterator[str]:
    for each in watched.queues:
        table = "no table" if each.table is None else spelled(each.table)
        yield f"{table}: {each.sessions}, the longest for {span(each.longest)}"


def disk(seen: Seen) -> str | None:
    """``42.1 GiB free (66 % used), measured at 09:41 UTC``; None where nothing is known."""
    if seen.disk is None:
        return None
    if isinstance(seen.disk, Unavailable):
        return f"not known: {seen.disk.because}"
    return (
        f"{seen.disk.free / 2**30:.1f} GiB free ({seen.disk.percent:.0f} % used), measured at {seen.disk.at:%H:%M} UTC"
    )


def _for(duration: timedelta | None) -> str:
    return "" if duration is None else f" for {span(duration)}"
