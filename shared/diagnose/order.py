"""The order in which migrations ran, or would run."""

from collections import defaultdict
from collections.abc import Iterable

from ..model.diagnosis import MigrationStanding, State
from ..prisma.order import Key, deploy_order

HAVE_RUN = frozenset({State.APPLIED, State.EDITED, State.RENAMED, State.AHEAD})
IN_DOUBT = frozenset({State.PENDING, State.SKIPPED, State.FAILED, State.ROLLED_BACK, State.RUNNING})


def in_order(migrations: Iterable[MigrationStanding]) -> list[MigrationStanding]:
    """The migrations whose script is at hand, applied ones and those in doubt, as production ran or would run them.

    Those that were started stand by the time of that. One that was never started, and one that
    `migrate resolve` recorded without running it (its start is its end), stands behind the one
    before it in the release: nothing else tells when its SQL ran, if it did.
    """
    scripts = [m for m in migrations if m.state in HAVE_RUN | IN_DOUBT and m.shipped is not None]
    started = sorted((m for m in scripts if was_started(m)), key=_started)
    behind: dict[int, list[MigrationStanding]] = defaultdict(list)
    by_name = sorted((_name(each), place) for place, each in enumerate(started, 1))
    place = passed = 0
    for standing in sorted((m for m in scripts if not was_started(m)), key=_name):
        while passed < len(by_name) and by_name[passed][0] < _name(standing):
            place, passed = max(place, by_name[passed][1]), passed + 1
        behind[place].append(standing)
    return [*behind[0], *(each for at, one in enumerate(started, 1) for each in (one, *behind[at]))]


def was_started(standing: MigrationStanding) -> bool:
    """Say whether Prisma itself ran it, to whatever end."""
    row = standing.row
    return row is not None and row.started_at is not None and row.finished_at != row.started_at


def _started(standing: MigrationStanding) -> tuple[float, Key]:
    row = standing.row
    started = row.started_at.timestamp() if row is not None and row.started_at is not None else 0.0
    return started, _name(standing)


def _name(standing: MigrationStanding) -> Key:
    return deploy_order(standing.name)
