"""The order in which migrations ran, or would run."""

from collections import defaultdict
from collections.abc import Iterable

from ..model.diagnosis import MigrationStatus, State
from ..prisma.order import Key, deploy_order

HAVE_RUN = frozenset({State.APPLIED, State.EDITED, State.RENAMED, State.AHEAD})
IN_DOUBT = frozenset({State.PENDING, State.SKIPPED, State.FAILED, State.ROLLED_BACK, State.RUNNING})


def in_order(migrations: Iterable[MigrationStatus]) -> list[MigrationStatus]:
    """The migrations whose script is at hand, applied ones and those in doubt, as production ran or would run them.

    Those that were started are ordered by their start. One that was never started, and one that `migrate resolve`
    recorded without running it (its start is its end), follows the one before it in the release: nothing else shows
    when its SQL ran, if it did.
    """
    scripts = [m for m in migrations if m.state in HAVE_RUN | IN_DOUBT and m.shipped is not None]
    started = sorted((m for m in scripts if was_started(m)), key=_started)
    behind: dict[int, list[MigrationStatus]] = defaultdict(list)
    by_name = sorted((_name(each), place) for place, each in enumerate(started, 1))
    place = passed = 0
    for status in sorted((m for m in scripts if not was_started(m)), key=_name):
        while passed < len(by_name) and by_name[passed][0] < _name(status):
            place, passed = max(place, by_name[passed][1]), passed + 1
        behind[place].append(status)
    return [*behind[0], *(each for at, one in enumerate(started, 1) for each in (one, *behind[at]))]


def was_started(status: MigrationStatus) -> bool:
    """Say whether Prisma itself ran it, to whatever end."""
    row = status.row
    return row is not None and row.started_at is not None and row.finished_at != row.started_at


def _started(status: MigrationStatus) -> tuple[float, Key]:
    row = status.row
    started = row.started_at.timestamp() if row is not None and row.started_at is not None else 0.0
    return started, _name(status)


def _name(status: MigrationStatus) -> Key:
    return deploy_order(status.name)
