"""The state of every migration, from release and history together."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from ..model.database import Activity, DatabaseReading, History, HistoryRow
from ..model.diagnosis import MigrationStatus, State
from ..model.knowledge import Unavailable
from ..model.release import Migration, Release
from ..model.value import replace
from ..prisma.checksum import accepted_checksums, matches, text_of
from ..prisma.history import Record, Status, is_young, records
from ..prisma.order import deploy_order
from ..prisma.script import has_byte_order_mark, is_empty
from .order import IN_DOUBT
from .scripts import Scripts

_SHA256_HEX = 64


def migration_statuses(
    release: Release,
    ahead: Release | None,
    database: DatabaseReading,
    history: History,
    patience: timedelta,
    *,
    scripts: Scripts,
) -> tuple[MigrationStatus, ...]:
    """Every migration of the release, in its order, then those that only the history knows, by the history alone.

    What is applied and not in the release may be in one *ahead* of it.
    """
    recorded = records(history.rows)
    running = _running(history, database, patience)
    shipped = _statuses_of_shipped(release, recorded, running, scripts)
    accounted_for = {status.name for status in shipped} | {status.recorded_as for status in shipped}
    others = _statuses_of_others(recorded, accounted_for, running, ahead)
    return *shipped, *others


def _running(history: History, database: DatabaseReading, patience: timedelta) -> HistoryRow | None:
    """Give the unfinished row that may still be running: the newest, if the lock is held or it is young.

    A row with logs has failed; where logs may not be read, only the lock shows it. Deploys wait for each
    other, so no older row can be running beside it.
    """
    unfinished = [row for row in history.rows if row.is_unfinished]
    if not unfinished or unfinished[-1].logs is not None:
        return None
    newest = unfinished[-1]
    if _lock_is_held(database.activity):
        return newest
    return newest if history.logs_readable and is_young(newest, database.now, patience) else None


def _lock_is_held(activity: Activity | Unavailable) -> bool:
    return not isinstance(activity, Unavailable) and any(session.granted for session in activity.lock)


def _statuses_of_shipped(
    release: Release, recorded: Mapping[str, Record], running: HistoryRow | None, scripts: Scripts
) -> list[MigrationStatus]:
    applied = [name for name, record in recorded.items() if record.status is Status.APPLIED]
    newest_applied = max(applied, key=deploy_order, default=None)
    other_names = _names_by_checksum(recorded, {migration.name for migration in release.migrations})
    statuses = []
    for migration in release.migrations:
        record = recorded.get(migration.name)
        broken = _malformed(migration, record, scripts)
        if broken is not None:
            state, other_name = State.MALFORMED, None
        elif record is not None:
            state, other_name = _recorded_state(migration, record, running), None
        else:
            other_name = _taken_from(other_names, migration)
            is_older = newest_applied is not None and deploy_order(migration.name) < deploy_order(newest_applied)
            state = State.RENAMED if other_name else State.SKIPPED if is_older else State.PENDING
        status = _status(migration.name, state, migration, record, recorded_as=other_name, malformed=broken)
        unread = scripts.reasons(migration) if state in IN_DOUBT else ()
        overtaken_by = newest_applied if state is State.SKIPPED else None
        statuses.append(replace(status, overtaken_by=overtaken_by, unread=unread))
    return statuses


def _statuses_of_others(
    recorded: Mapping[str, Record],
    accounted_for: set[str | None],
    running: HistoryRow | None,
    ahead: Release | None,
) -> Iterator[MigrationStatus]:
    """Migrations that the history has and the release lacks. A rolled-back one that is not shipped does not matter."""
    coming = {} if ahead is None else {migration.name: migration for migration in ahead.migrations}
    for name, record in recorded.items():
        if name in accounted_for or record.status is Status.ROLLED_BACK:
            continue
        if record.status is Status.APPLIED:
            is_ahead = name in coming and coming[name].script is not None
            state = State.AHEAD if is_ahead else State.MISSING_FROM_RELEASE
        else:
            state = State.RUNNING if record.row is running else State.FAILED
        yield _status(name, state, coming.get(name) if state is State.AHEAD else None, record)


def _status(
    name: str,
    state: State,
    shipped: Migration | None,
    record: Record | None,
    *,
    recorded_as: str | None = None,
    malformed: str | None = None,
) -> MigrationStatus:
    return MigrationStatus(
        name,
        state,
        shipped,
        row=None if record is None else record.row,
        recorded_as=recorded_as,
        malformed=malformed,
        also_finished=record is not None and record.status is Status.UNFINISHED and record.also_finished,
        attempts=0 if record is None else record.attempts,
        failed_before=None if record is None else record.failed,
    )


def _recorded_state(migration: Migration, record: Record, running: HistoryRow | None) -> State:
    if record.status is Status.UNFINISHED:
        return State.RUNNING if record.row is running else State.FAILED
    if record.status is Status.ROLLED_BACK:
        return State.ROLLED_BACK
    assert migration.script is not None  # noqa: S101  # without one it is malformed, and never comes here
    return State.APPLIED if matches(migration.script, record.row.checksum) else State.EDITED


def _malformed(migration: Migration, record: Record | None, scripts: Scripts) -> str | None:
    """Say why a migration cannot be run at all; what has already run need not run again."""
    if migration.script is None:
        return "it has no migration.sql"
    is_to_run = record is None or record.status is Status.ROLLED_BACK
    if not is_to_run:
        return None
    if has_byte_order_mark(migration.script):
        return "its migration.sql starts with a byte order mark, which PostgreSQL refuses as a syntax error"
    return scripts.fault(migration.name, migration.script)


def _names_by_checksum(recorded: Mapping[str, Record], shipped: set[str]) -> dict[str, list[str]]:
    """The names under which production ran scripts that the release does not have by that name, oldest first."""
    names: dict[str, list[str]] = {}
    for name, record in recorded.items():
        if record.status is Status.APPLIED and name not in shipped and record.row.checksum:
            names.setdefault(record.row.checksum, []).append(name)
    return names


def _taken_from(names: dict[str, list[str]], migration: Migration) -> str | None:
    """Take the name under which production recorded the same script, each at most once. Empty scripts are all alike."""
    if not names or migration.script is None or is_empty(text_of(migration.script)):
        return None
    for checksum in _checksums(migration.script, names):
        if names.get(checksum):
            return names[checksum].pop(0)
    return None


def _checksums(script: bytes, recorded: Iterable[str]) -> Iterator[str]:
    yield from accepted_checksums(script)
    if any(len(checksum) != _SHA256_HEX for checksum in recorded):
        yield from accepted_checksums(script, legacy=True)
