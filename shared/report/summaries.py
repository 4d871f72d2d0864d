"""What a report says of the things themselves, beside what was found wrong with them."""

from collections.abc import Set
from datetime import UTC, datetime, timedelta

from ..checks.app import is_of_release
from ..checks.privileges import server_powers
from ..model.app import AppReading
from ..model.database import HistoryRow, Replica
from ..model.diagnosis import Diagnosis, State
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.release import Release
from ..model.report import AppSummary, DatabaseSummary, MigrationDay, ReleaseSummary, ReplicaSummary, ServerSummary
from ..model.server import ServerReading
from ..model.value import replace

_KEPT = timedelta(days=30)
# The clock of the machine that deployed may be ahead; what claims to begin later than that is absurd.
_AHEAD = timedelta(hours=1)
_HAVE_RUN = {State.APPLIED, State.EDITED, State.RENAMED, State.MISSING_FROM_RELEASE, State.AHEAD, State.SQUASHED}


def release_summary(release: Release | Unavailable) -> ReleaseSummary | None:
    if isinstance(release, Unavailable):
        return None
    return ReleaseSummary(
        release.version,
        release.source,
        release.digest,
        len(release.migrations),
        release.origin,
        release.instead_of,
        release.stale,
        release.folder,
    )


def database_summary(facts: Facts, diagnosis: Diagnosis | Unavailable) -> DatabaseSummary | None:
    database, before = facts.database, facts.last_seen.server
    if isinstance(database, Unavailable):
        return None
    applied = None
    if not isinstance(diagnosis, Unavailable):
        applied = sum(migration.state in _HAVE_RUN for migration in diagnosis.migrations)
    return DatabaseSummary(
        database.name,
        database.schema,
        database.server_version,
        applied,
        _replica_summary(database.replica),
        another_server=None not in {before, database.system_identifier} and before != database.system_identifier,
        pooled=database.pooled,
        role_powers=None if isinstance(database.privileges, Unavailable) else server_powers(database.privileges),
    )


def _replica_summary(replica: Replica | Unavailable | None) -> ReplicaSummary | None:
    if replica is None:
        return None
    if isinstance(replica, Unavailable):
        return ReplicaSummary(None, None, None, None)
    age = replica.since_last_replay
    seconds = None if age is None else round(age.total_seconds(), 1)
    return ReplicaSummary(replica.caught_up, replica.receives, replica.replay_paused, seconds)


def migration_days(facts: Facts, diagnosis: Diagnosis | Unavailable) -> tuple[MigrationDay, ...] | None:
    """Sum up the last 30 days by the rows of the history. What was only recorded neither ran nor failed."""
    database = facts.database
    if isinstance(database, Unavailable) or isinstance(database.history, Unavailable):
        return None
    statuses = () if isinstance(diagnosis, Unavailable) else diagnosis.migrations
    running = {status.name for status in statuses if status.state is State.RUNNING}
    days: dict[datetime, MigrationDay] = {}
    for row in database.history.rows:
        if row.started_at is None or not -_AHEAD <= facts.started_at - row.started_at <= _KEPT:
            continue
        at = row.started_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        before = days.get(at, MigrationDay(at, 0, timedelta(0), 0))
        if row.took is not None:
            days[at] = replace(before, ran=before.ran + 1, took=before.took + row.took)
        elif _has_failed(row, running):
            days[at] = replace(before, failed=before.failed + 1)
    return tuple(days[at] for at in sorted(days))


def _has_failed(row: HistoryRow, running: Set[str]) -> bool:
    """Say whether it ended with an error: `migrate resolve` marks only such a row as rolled back."""
    return row.finished_at is None and (row.rolled_back_at is not None or row.name not in running)


def server_summary(reading: ServerReading | Unavailable | None) -> ServerSummary | None:
    if not isinstance(reading, ServerReading) or isinstance(reading.server, Unavailable):
        return None
    server = reading.server
    return ServerSummary(
        server.name,
        server.state,
        server.version,
        server.high_availability,
        server.backup_days,
        server.geo_backup,
        server.public,
        server.earliest_restore,
    )


def app_summary(facts: Facts) -> AppSummary | None:
    app, expectation = facts.app, facts.target.app
    if not isinstance(app, AppReading) or expectation is None:
        return None
    met = app.serving[0] if app.serving else None
    return AppSummary(
        name=app.name,
        revision=None if met is None else met.name,
        traffic=None if met is None else met.traffic,
        image=None if met is None else met.image.reference,
        version=None if met is None else expectation.release_of(met.image),
        digest=None if met is None else met.image.digest,
        healthy=met is not None and met.fails is None,
        is_release=None if met is None else is_of_release(met, facts),
        database=None if isinstance(app.database, Unavailable) else str(app.database),
        not_compared=app.database.because if isinstance(app.database, Unavailable) else None,
    )
