"""One application: its migrations run by a server, and what a check then says of the database."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg

from shared.demo.incident import HISTORY_TABLE
from shared.demo.private_postgres import PrivatePostgres
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Report, Trigger
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.postgres.parse import parse
from shared.prisma.order import deploy_order
from shared.run import run
from tests.postgres.servers import version
from tests.throwaway import create_database, drop_database

# What a batch refuses, and statement by statement works: Prisma from 7.4 on, which splits.
_ONLY_SPLIT = (psycopg.errors.ActiveSqlTransaction, psycopg.errors.UnsafeNewEnumValueUsage)
_LACKS_EXTENSION = (psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile)
_BEGUN = (
    "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES (%s, %s, %s, clock_timestamp())"
)
_ENDED = "UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = %s"
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Server:
    """A server of *programs*, which is started when it is first asked for."""

    programs: Path
    start: Callable[[Path], PrivatePostgres]

    @property
    def name(self) -> str:
        return version(self.programs)

    def running(self) -> PrivatePostgres:
        return self.start(self.programs)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a check says of a database that ran *applied* of the *migrations* of a folder.

    *stopped* is why the others did not run, *lacks* what the servers lack that were tried first.
    """

    name: str
    migrations: int
    applied: int
    objects: int
    findings: tuple[str, ...]
    opaque: Mapping[str, str]
    unknown: tuple[str, ...]
    stopped: str | None
    lacks: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Stopped:
    """*names* ran, and the one after them does not."""

    names: Sequence[str]
    because: str
    lacks_extension: bool


def tried(folder: Path, name: str, servers: Sequence[Server]) -> Tried:
    """Run the migrations of *folder* on the first of *servers* with the extensions that they need, and check them."""
    started, names = time.monotonic(), _migrations(folder)
    lacks: list[str] = []
    for server in servers:
        stopped, report = _tried_on(server, folder, names)
        if stopped is None or not stopped.lacks_extension or server is servers[-1]:
            break
        lacks.append(stopped.because)
    if stopped is not None and stopped.names:
        # What the failed one may have left behind is no release's.
        _, report = _tried_on(server, folder, stopped.names)
    checks = report.checks if report else ()
    coverage = report.coverage if report else None
    return Tried(
        name,
        len(names),
        len(names if stopped is None else stopped.names),
        coverage.objects if coverage else 0,
        findings=tuple(f"{each.severity}: {each.summary}" for check in checks for each in check.findings),
        opaque=coverage.opaque if coverage else {},
        unknown=tuple(f"unknown: {each.name}: {each.unknown_because}" for each in checks if each.unknown),
        stopped=stopped.because if stopped else None,
        lacks=tuple(lacks),
        seconds=time.monotonic() - started,
    )


def _migrations(folder: Path) -> list[str]:
    return sorted((file.parent.name for file in folder.glob("*/migration.sql")), key=deploy_order)


def _tried_on(server: Server, folder: Path, names: Sequence[str]) -> tuple[_Stopped | None, Report | None]:
    """Run the migrations *names* in a database of their own; where they all run, check it."""
    postgres = server.running()
    url = create_database(postgres, f"wild_{next(_NUMBERS)}")
    try:
        stopped = _deployed(url, server, folder, names)
        return stopped, None if stopped else _report(url, folder, names)
    finally:
        drop_database(postgres, url)


def _deployed(url: str, server: Server, folder: Path, names: Sequence[str]) -> _Stopped | None:
    """Deploy as Prisma does, each migration at a time of its own, until one fails."""
    with psycopg.connect(url, autocommit=True) as history:
        history.execute(HISTORY_TABLE.encode())
        for at, name in enumerate(names):
            script = (folder / name / "migration.sql").read_bytes()
            key = str(uuid4())
            history.execute(_BEGUN, [key, sha256(script).hexdigest(), name])
            try:
                _run(url, script)
            except psycopg.Error as error:
                because = f"{name} on {server.name}: {error.sqlstate}: {error.diag.message_primary}"
                return _Stopped(names[:at], because, isinstance(error, _LACKS_EXTENSION))
            history.execute(_ENDED, [key])
    return None


def _run(url: str, script: bytes) -> None:
    """Run *script* as one batch, as Prisma before 7.4, or statement by statement where only that can be."""
    with psycopg.connect(url, autocommit=True) as session:
        try:
            session.execute(script)
        except _ONLY_SPLIT:
            for statement in parse(script):
                session.execute(statement.sql.encode())


def _report(url: str, folder: Path, names: Sequence[str]) -> Report:
    with TemporaryDirectory(prefix="wild-") as scratch:
        release = Path(scratch) / "migrations"
        release.mkdir()
        shutil.copy(folder / "migration_lock.toml", release)
        for name in names:
            shutil.copytree(folder / name, release / name)
        database = DatabaseSettings(Secret("env:DATABASE_URL", url))
        # The role that made the database may write to it.
        target = Target("wild", (ReleaseSettings("folder", str(release)),), database, privileges=False)
        return run(target, Trigger.TERMINAL)
