"""The line of a server that own checks follow: kept while its numbers grow, and begun again after a restore."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from ...model import schema
from ...model.attribution import OwnRun, OwnRuns, Position
from ...model.settings import Elsewhere
from ...model.value import replace
from ...model.version import VERSION

# Of older ones, one a day.
_ALL_OF = timedelta(hours=6)
_KEPT = timedelta(days=40)
_MOST = 120


def after_run(before: OwnRuns | None, position: Position, at: datetime, elsewhere: Iterable[Elsewhere]) -> OwnRuns:
    """Give the line with the check of *at*; a new one where *position* does not go on from *before*."""
    reads = _read_by(elsewhere)
    run = OwnRun(at, position.next_xid, position.oldest_xid, position.lsn)
    if before is None or not _goes_on(before, position, reads):
        return OwnRuns(position.system, position.database, position.timeline, reads, (run,))
    return replace(before, runs=_thinned((*before.runs, run)))


def _goes_on(before: OwnRuns, now: Position, reads: str) -> bool:
    last = before.runs[-1]
    return (
        (before.system, before.database, before.timeline, before.reads)
        == (now.system, now.database, now.timeline, reads)
        and now.next_xid >= last.next_xid
        and now.lsn >= last.lsn
    )


def _thinned(runs: tuple[OwnRun, ...]) -> tuple[OwnRun, ...]:
    """Keep the first, on which the line rests, the recent ones, and of the others the first of each day."""
    now, days = runs[-1].at, set[object]()
    kept = [runs[0]]
    for run in runs[1:]:
        day = run.at.date()
        if now - run.at <= _ALL_OF or (day not in days and now - run.at <= _KEPT):
            kept.append(run)
        days.add(day)
    return (kept[0], *kept[1:][-_MOST:])


def _read_by(elsewhere: Iterable[Elsewhere]) -> str:
    """A digest of what decides how a check reads a schema: what only this changes would look like a change in it."""
    shapes = [shape for shape in vars(schema).values() if isinstance(shape, type) and is_dataclass(shape)]
    named = sorted(f"{shape.__name__} {[each.name for each in fields(shape)]}" for shape in shapes)
    patterns = sorted(repr(each) for each in elsewhere)
    read = "\n".join((VERSION, *schema.Kind, *named, *patterns))
    return sha256(read.encode("utf-8", "surrogatepass")).hexdigest()[:16]
