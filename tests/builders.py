"""Values for tests, complete, with what the test does not care about filled in."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from shared.model.database import Activity, DatabaseReading, History, HistoryRow, Privileges
from shared.model.endpoint import EndpointExpectation, Probe
from shared.model.facts import Facts
from shared.model.knowledge import Unavailable
from shared.model.release import Migration, Release
from shared.model.release_settings import ReleaseSettings
from shared.model.schema import Schema
from shared.model.seed import SeedCount
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, RemedySettings, Target

NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
READ_ONLY = Privileges("reader", superuser=False, creates_in_schema=False, writable=(), writable_count=0)
NOT_READ = Unavailable("not read")
QUIET = Activity(lock=(), blocking=(), sees_all_sessions=True)


def script(name: str) -> bytes:
    return f'CREATE TABLE "{name}" ();\n'.encode()


def checksum(content: bytes) -> str:
    return sha256(content).hexdigest()


def row(
    name: str,
    *,
    finished: bool = True,
    rolled_back: bool = False,
    logs: str | None = None,
    minutes_ago: float = 60,
    content: bytes | None = None,
    recorded: str | None = None,
) -> HistoryRow:
    started = NOW - timedelta(minutes=minutes_ago)
    return HistoryRow(
        id=f"{name}-{minutes_ago}",
        name=name,
        checksum=checksum(content if content is not None else script(name)) if recorded is None else recorded,
        started_at=started,
        finished_at=started + timedelta(seconds=1) if finished else None,
        rolled_back_at=started + timedelta(minutes=1) if rolled_back else None,
        logs=logs,
    )


def release(*migrations: str | Migration, provider: str | None = "postgresql") -> Release:
    """A release of the named migrations, each with a script of its own."""
    return Release(
        "v1",
        "folder",
        "sha256:0",
        provider,
        tuple(Migration(m, script(m)) if isinstance(m, str) else m for m in migrations),
    )


def reading(
    *rows: HistoryRow,
    history: History | Unavailable | None = None,
    catalog: Schema | Unavailable = NOT_READ,
    empty_tables: frozenset[tuple[str, ...]] = frozenset(),
    seeds: tuple[SeedCount, ...] = (),
    activity: Activity | Unavailable = QUIET,
    privileges: Privileges | Unavailable = READ_ONLY,
) -> DatabaseReading:
    return DatabaseReading(
        name="usasset",
        schema="public",
        server_version="16.4",
        now=NOW,
        history=history or History(exists=True, rows=rows, schema_has_tables=True),
        catalog=catalog,
        empty_tables=empty_tables,
        seeds=seeds,
        activity=activity,
        privileges=privileges,
    )


def target(
    *,
    remedy: RemedySettings | None = None,
    endpoints: tuple[EndpointExpectation, ...] = (),
    seeds: tuple[SeedCount, ...] = (),
) -> Target:
    return Target(
        name="production",
        releases=(ReleaseSettings("folder", "migrations"),),
        database=DatabaseSettings(Secret("env:DATABASE_URL", "postgresql://u:p4ssw0rd@db.example.com/usasset")),
        seeds=tuple(seed.expectation for seed in seeds),
        endpoints=endpoints,
        remedy=remedy or RemedySettings(),
    )


def facts(
    shipped: Release | Unavailable,
    database: DatabaseReading | Unavailable,
    *probes: Probe | Unavailable,
    remedy: RemedySettings | None = None,
    ahead: Release | Unavailable | None = None,
) -> Facts:
    return Facts(
        target(
            remedy=remedy,
            endpoints=tuple(probe.expectation for probe in probes if isinstance(probe, Probe)),
            seeds=() if isinstance(database, Unavailable) else database.seeds,
        ),
        shipped,
        ahead,
        database,
        probes,
        NOW,
    )
