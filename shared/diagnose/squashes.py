"""Which migrations of the release replace (squash) a run of older ones that it no longer has."""

from collections.abc import Iterable, Sequence

from ..model.diagnosis import Comparison, MigrationStatus, State
from ..model.difference import Change
from ..model.knowledge import Unavailable
from ..model.progress import Progress, Ran
from ..model.value import replace
from ..prisma.parts import recorded_parts
from ..prisma.script import runnable
from .order import was_started


def with_squashes(
    migrations: Sequence[MigrationStatus], comparison: Comparison | Unavailable
) -> tuple[MigrationStatus, ...]:
    """Give the *migrations* with those marked that a squash replaces.

    A squash never ran itself, but everything that it makes exists, because the older migrations ran that the
    release lacks. They belong to it only while no object of the schema is missing or unexpected.
    """
    older = [status for status in migrations if status.state is State.MISSING_FROM_RELEASE]
    squash = next((status for status in migrations if _never_ran(status) and _runs_of(status, older)), None)
    if squash is None or not _has_all_objects(comparison):
        return tuple(migrations)
    runs = _runs_of(squash, older)
    names = tuple(status.name for status in runs)
    marked = (_marked(status, squash, names) for status in migrations)
    return tuple(_proven(each, runs) if each.name == squash.name else each for each in marked)


def _proven(squash: MigrationStatus, runs: Iterable[MigrationStatus]) -> MigrationStatus:
    """Take what the squash has of the older files as they were recorded to have run: their rows finished."""
    if not isinstance(squash.progress, Progress) or squash.shipped is None or squash.shipped.script is None:
        return squash
    checksums = {each.row.checksum for each in runs if each.row is not None and was_started(each)}
    parts = list(recorded_parts(runnable(squash.shipped.script), checksums))
    statements = tuple(
        replace(each, ran=Ran.RAN)
        if each.ran is Ran.OPEN and any(start <= each.start and each.end <= end for start, end in parts)
        else each
        for each in squash.progress.statements
    )
    return replace(squash, progress=replace(squash.progress, statements=statements))


def _never_ran(status: MigrationStatus) -> bool:
    """Say whether it was only recorded, or not even that, although all it makes is there."""
    recorded = status.state is State.APPLIED and not was_started(status)
    return recorded or status.state is State.UNRECORDED


def _runs_of(squash: MigrationStatus, older: Iterable[MigrationStatus]) -> list[MigrationStatus]:
    resolved = None if squash.row is None else squash.row.started_at
    return [
        status
        for status in older
        if resolved is None or (status.row and status.row.started_at and status.row.started_at < resolved)
    ]


def _has_all_objects(comparison: Comparison | Unavailable) -> bool:
    if isinstance(comparison, Unavailable):
        return False
    return all(difference.change is Change.CHANGED for difference in comparison.differences)


def _marked(status: MigrationStatus, squash: MigrationStatus, names: tuple[str, ...]) -> MigrationStatus:
    if status.name == squash.name:
        # What differs in a part of what it makes was made by those, and changed since: no other object has the name.
        conflicts = tuple(each for each in status.conflicts if not each.in_part)
        skips = tuple(each for each in status.skips if not each.in_part)
        return replace(status, squashes=names, conflicts=conflicts, skips=skips)
    return replace(status, state=State.SQUASHED) if status.name in names else status
