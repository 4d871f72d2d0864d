"""A tick as a line of JSON."""

from datetime import timedelta

from ...model.disk import Storage
from ...model.finding import Json, Step
from ...model.knowledge import Unavailable
from ...model.plan import Duration
from ...model.report import Report
from ...model.statement_text import shown
from ...model.watching import LiveSession, Phase, Place, Seen, Watched
from ..json import dumps
from ..plan.observed import spelled
from .wording import elapsed

_VERSION = 1


def as_json_line(seen: Seen, target: str) -> str:
    """Give the line with its end."""
    return _line({"version": _VERSION, "target": target, **as_object(seen)})


def as_object(seen: Seen) -> dict[str, Json]:
    """Give what one tick shows. Times are in seconds; what is not known is null."""
    watched = seen.watched
    if isinstance(watched, Unavailable):
        return {"phase": None, "unknown_because": watched.because}
    session = watched.session
    return {
        "at": f"{watched.at:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "phase": watched.phase.value,
        "session": None if session is None else _session(session),
        "statement": None if watched.place is None else _place(watched.place),
        "elapsed": _seconds(elapsed(watched)),
        "predicted": None if watched.estimate is None else _range(watched.estimate),
        "blockers": [_session(each) for each in watched.chain],
        "behind_prepared_transaction": watched.behind_prepared,
        "queue": _queue(watched),
        "finding": "session-blocking" if watched.is_urgent else None,
        "disk": _disk(seen.disk),
        "sees_all_sessions": watched.sees_all_sessions,
        "stop": _stop(seen) if watched.phase in (Phase.RUNS, Phase.WAITS) else None,
    }


def as_conclusion(report: Report) -> str:
    """Give the last line: what a check found once the deployment had ended."""
    findings: list[Json] = [
        {"key": each.key, "severity": each.severity.value, "summary": each.summary} for each in report.findings
    ]
    return _line(
        {
            "version": _VERSION,
            "target": report.target,
            "phase": Phase.ENDED.value,
            "verdict": report.verdict.value,
            "findings": findings,
        }
    )


def _line(value: Json) -> str:
    return dumps(value, end="\n")


def _session(session: LiveSession) -> Json:
    work, awaited = session.work, session.awaited
    return {
        "pid": session.pid,
        "since": session.since,
        "kind": session.kind,
        "application": session.application,
        "user": session.user,
        "state": session.state,
        "command": session.command,
        "in_transaction": _seconds(session.transaction_for),
        "wait_event": session.wait,
        "waits_for": None
        if awaited is None
        else {
            "kind": awaited.kind,
            "mode": None if awaited.mode is None else str(awaited.mode),
            "table": None if awaited.relation is None else spelled(awaited.relation),
            "seconds": _seconds(awaited.waited_for),
        },
        "progress": None
        if work is None
        else {
            "command": work.command,
            "phase": work.phase,
            "table": None if work.relation is None else spelled(work.relation),
            "percent": work.percent,
        },
        "blocked_by": list[Json](session.blockers),
    }


def _place(place: Place) -> Json:
    return {
        "migration": place.migration,
        "file": f"{place.migration}/migration.sql",
        "lines": list[Json](place.lines),
        "numbers": [place.first + 1, place.last + 1],
        "of": place.count,
        "sql": None if place.sql is None else shown(place.sql),
        "sent_at_once": place.at_once,
    }


def _queue(watched: Watched) -> Json:
    return {
        "sessions": watched.queued,
        "longer_than_max_block": watched.queued_long,
        "tables": [
            {
                "table": None if each.table is None else spelled(each.table),
                "sessions": each.sessions,
                "longest": _seconds(each.longest),
            }
            for each in watched.queues
        ],
    }


def _disk(disk: Storage | Unavailable | None) -> Json:
    if disk is None:
        return None
    if isinstance(disk, Unavailable):
        return {"unknown_because": disk.because}
    return {"free_bytes": disk.free, "percent_used": round(disk.percent, 1), "at": f"{disk.at:%Y-%m-%dT%H:%M:%SZ}"}


def _stop(seen: Seen) -> Json:
    return {
        "steps": [_step(each) for each in seen.stop.steps],
        "leaves": list[Json](seen.stop.leaves),
        "then": [_step(each) for each in seen.stop.then],
    }


def _step(step: Step) -> Json:
    return {"text": step.text, "command": step.command}


def _range(duration: Duration) -> Json:
    return [round(duration.low, 3), round(duration.high, 3)]


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else round(duration.total_seconds(), 3)
