"""A production whose whole history is known: what ran when, and what each own check said of it."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from shared.alerts.decide.last_seen import last_seen_after
from shared.alerts.schema_changes import seen_before, with_schema
from shared.model.memory import Memory
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Report, Trigger
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.model.value import dataclass, replace
from shared.run import run

_HISTORY = """
CREATE TABLE _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0
)
"""


def connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A session that fails where it would wait for a transaction of the same test."""
    return psycopg.connect(url, autocommit=True, options="-c lock_timeout=30s")


@dataclass(frozen=True, slots=True)
class Done:
    """A change by hand, its places in the order of everything: its transaction *began*, and was *committed*."""

    key: str
    began: int
    committed: int
    has_row: bool
    in_subtransaction: bool = False


class Production:
    """A database at *url*, migrated, changed and checked; *folder* gets the migrations."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self._folder = url, folder
        self.place = 0
        self.checks: dict[datetime, int] = {}
        self.migrations: dict[str, int] = {}
        self.changes: list[Done] = []
        self.line_began = -1
        self.memory, self._texts = Memory("production"), dict[str, str]()
        self.connection = connected(url)
        self.execute(_HISTORY)

    def execute(self, sql: str) -> None:
        self.connection.execute(sql.encode())

    def step(self) -> int:
        self.place += 1
        return self.place

    def migrate(self, sql: str) -> str:
        """Run a new migration as Prisma does: its row, its script in one batch, its row again."""
        name = f"2025090{len(self.migrations):03}_m"
        path = self._folder / name / "migration.sql"
        path.parent.mkdir()
        path.write_text(sql)
        values = name, hashlib.sha256(sql.encode()).hexdigest()
        self.connection.execute(
            "INSERT INTO _prisma_migrations (id, migration_name, checksum, started_at) VALUES (%s, %s, %s, %s)",
            (name, *values, datetime.now(UTC)),
        )
        self.execute(sql)
        self.connection.execute(
            "UPDATE _prisma_migrations SET applied_steps_count = 1, finished_at = %s WHERE id = %s",
            (datetime.now(UTC), name),
        )
        self.migrations[name] = self.step()
        return name

    def change(self, sql: str, *keys: str, has_row: bool = True, in_subtransaction: bool = False) -> None:
        """Change something by hand, in a transaction of its own."""
        self.execute(sql)
        place = self.step()
        self.changes += [Done(key, place, place, has_row, in_subtransaction) for key in keys]

    def check(self) -> Mapping[str, Any]:
        """Check as the timer does, remember what a run remembers, and give what it says of each finding's change."""
        place = self.step()
        target = Target(
            "production",
            (ReleaseSettings("folder", str(self._folder)),),
            DatabaseSettings(Secret("env:DATABASE_URL", self.url)),
        )
        report = run(
            target,
            Trigger.SCHEDULE,
            last_seen=self.memory.last_seen,
            read_seen_before=lambda: seen_before(self.memory, self._texts.get),
        )
        self.checks[report.started_at] = place
        self._remember(report)
        return {each.key: each.evidence.get("changed") for each in report.findings}

    def _remember(self, report: Report) -> None:
        known = replace(self.memory, last_seen=last_seen_after(self.memory, report, report.started_at))
        self.memory, new = with_schema(known, report.schema, report.started_at, self._texts.get)
        self._texts.update(new)

    def moved(self, url: str) -> None:
        """Go on with another database, of the same rows: another line."""
        self.url = url
        self.connection = connected(url)
        self.line_began = self.step()
