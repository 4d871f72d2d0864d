"""The schema that the applied migrations make, beside the one that is there."""

from collections.abc import Iterable
from functools import lru_cache

from shared.model.diagnosis import Comparison, MigrationStanding, State
from shared.model.knowledge import NotKnownError, Unavailable, known
from shared.model.release import Release
from shared.model.schema import Schema
from shared.postgres.difference import differences
from shared.postgres.parse import ParseError, Statement, parse
from shared.postgres.replay import Replay
from shared.prisma.order import deploy_order
from shared.prisma.script import runnable

_HAVE_RUN = {State.APPLIED, State.EDITED, State.RENAMED}


def compare(
    migrations: Iterable[MigrationStanding], actual: Schema | Unavailable, schema: str
) -> Comparison | Unavailable:
    """Replay what has run in the watched *schema*, and compare; unavailable where its SQL cannot be had or parsed."""
    try:
        there = known(actual)
        expected = _replayed(tuple(_scripts(applied_in_order(migrations))), schema)
    except NotKnownError as error:
        return error.unavailable
    return Comparison(expected, there, tuple(differences(expected, there)))


def schema_of_release(release: Release, schema: str) -> Schema | Unavailable:
    """Give the schema that all of the *release*'s migrations make; unavailable where one cannot be parsed."""
    try:
        return _replayed(tuple((m.name, m.script) for m in release.migrations if m.script is not None), schema)
    except NotKnownError as error:
        return error.unavailable


def applied_in_order(migrations: Iterable[MigrationStanding]) -> list[MigrationStanding]:
    """The applied migrations that the release ships, in the order in which production ran them.

    One that `migrate resolve` recorded without running it (its start is its end) says nothing of
    when its SQL ran: it stands behind the one before it in the release.
    """
    applied = [standing for standing in migrations if standing.state in _HAVE_RUN and standing.shipped is not None]
    ran = sorted((standing for standing in applied if not _was_resolved(standing)), key=_started)
    for standing in sorted(filter(_was_resolved, applied), key=lambda resolved: deploy_order(resolved.name)):
        place = max((i for i, other in enumerate(ran, 1) if _comes_before(other, standing)), default=0)
        ran.insert(place, standing)
    return ran


def _comes_before(one: MigrationStanding, other: MigrationStanding) -> bool:
    return deploy_order(one.name) < deploy_order(other.name)


def _was_resolved(standing: MigrationStanding) -> bool:
    row = standing.row
    return row is not None and row.finished_at is not None and row.finished_at == row.started_at


def _started(standing: MigrationStanding) -> tuple[float, tuple[object, ...]]:
    row = standing.row
    started = row.started_at.timestamp() if row is not None and row.started_at is not None else 0.0
    return started, deploy_order(standing.name)


def _scripts(migrations: Iterable[MigrationStanding]) -> Iterable[tuple[str, bytes]]:
    for standing in migrations:
        if standing.shipped is None or standing.shipped.script is None:
            raise NotKnownError(
                Unavailable(f"{standing.name} was applied, but the release ships no migration.sql of it", lasting=True)
            )
        yield standing.name, standing.shipped.script


# A function's worker looks at the same release every hour.
@lru_cache(maxsize=4)
def _replayed(scripts: tuple[tuple[str, bytes], ...], schema: str) -> Schema:
    replay = Replay(schema)
    for name, script in scripts:
        replay.run_all(_parsed(name, script))
    return replay.freeze()


def _parsed(name: str, script: bytes) -> list[Statement]:
    try:
        return parse(runnable(script))
    except ParseError as error:
        raise NotKnownError(
            Unavailable(f"PostgreSQL cannot parse {name}/migration.sql, {error}", lasting=True)
        ) from None
