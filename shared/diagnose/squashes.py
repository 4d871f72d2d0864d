"""Which migrations of the release stand for a run of older ones that it no longer has."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..model.diagnosis import Comparison, MigrationStanding, State
from ..model.difference import Change
from ..model.knowledge import Unavailable
from ..model.progress import Progress, Ran
from ..prisma.parts import recorded_parts
from ..prisma.script import runnable
from .order import was_started


def with_squashes(
    migrations: Sequence[MigrationStanding], comparison: Comparison | Unavailable
) -> tuple[MigrationStanding, ...]:
    """Give the *migrations* with those marked that a squash stands for.

    A squash was never run itself, and yet all it makes is there: what ran are the older ones that
    the release lacks. They are its own only while nothing of the schema is missing or nobody's.
    """
    older = [standing for standing in migrations if standing.state is State.MISSING_FROM_RELEASE]
    squash = next((standing for standing in migrations if _never_ran(standing) and _runs_of(standing, older)), None)
    if squash is None or not _is_in_step(comparison):
        return tuple(migrations)
    runs = _runs_of(squash, older)
    names = tuple(standing.name for standing in runs)
    marked = (_marked(standing, squash, names) for standing in migrations)
    return tuple(_proven(each, runs) if each.name == squash.name else each for each in marked)


def _proven(squash: MigrationStanding, runs: Iterable[MigrationStanding]) -> MigrationStanding:
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


def _never_ran(standing: MigrationStanding) -> bool:
    """Say whether it was only recorded, or not even that, although all it makes is there."""
    recorded = standing.state is State.APPLIED and not was_started(standing)
    return recorded or standing.state is State.UNRECORDED


def _runs_of(squash: MigrationStanding, older: Iterable[MigrationStanding]) -> list[MigrationStanding]:
    resolved = None if squash.row is None else squash.row.started_at
    return [
        standing
        for standing in older
        if resolved is None or (standing.row and standing.row.started_at and standing.row.started_at < resolved)
    ]


def _is_in_step(comparison: Comparison | Unavailable) -> bool:
    if isinstance(comparison, Unavailable):
        return False
    return all(difference.change is Change.CHANGED for difference in comparison.differences)


def _marked(standing: MigrationStanding, squash: MigrationStanding, names: tuple[str, ...]) -> MigrationStanding:
    if standing.name == squash.name:
        return replace(standing, squashes=names)
    return replace(standing, state=State.SQUASHED) if standing.name in names else standing
