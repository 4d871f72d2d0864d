"""The order in which migrations ran, or would run."""

from collections.abc import Iterable

from shared.model.diagnosis import MigrationStanding, State
from shared.prisma.order import Key, deploy_order

HAVE_RUN = frozenset({State.APPLIED, State.EDITED, State.RENAMED, State.AHEAD})
IN_DOUBT = frozenset({State.PENDING, State.SKIPPED, State.FAILED, State.ROLLED_BACK, State.RUNNING})


def in_order(migrations: Iterable[MigrationStanding]) -> list[MigrationStanding]:
    """The migrations whose script is at hand, applied ones and those in doubt, as production ran or would run them.

    Those that were started stand by the time of that. One that was never started, and one that
    `migrate resolve` recorded without running it (its start is its end), stands behind the one
    before it in the release: nothing else tells when its SQL ran, if it did.
    """
    scripts = [m for m in migrations if m.state in HAVE_RUN | IN_DOUBT and m.shipped is not None]
    order = sorted((m for m in scripts if was_started(m)), key=_started)
    for standing in sorted((m for m in scripts if not was_started(m)), key=_name):
        place = max((i for i, other in enumerate(order, 1) if _name(other) < _name(standing)), default=0)
        order.insert(place, standing)
    return order


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
