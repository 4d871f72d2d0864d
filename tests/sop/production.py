"""A production that follows the team's procedure: its database on a real server, its API and its Azure on loopback."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

from shared.model.azure import Identity
from shared.model.endpoint import EndpointExpectation
from shared.model.last_seen import NOTHING_SEEN, LastSeen
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Phase, Report, Trigger
from shared.model.setting_types import PrismaVersion, Secret
from shared.model.settings import DatabaseSettings, RemedySettings, Target
from shared.run import run
from tests.cloud.arm import FakeArm
from tests.cloud.cloud import Cloud
from tests.deployments import Deployment, write_migrations
from tests.gather.servers import Reply

API = "api.example.com"
INIT, NEXT, LAST = "20250101000000_init", "20250801000000_next", "20250901000000_last"
BASE = """CREATE TABLE "users" ("id" SERIAL PRIMARY KEY, "email" TEXT NOT NULL);
CREATE TABLE "folders" ("id" SERIAL PRIMARY KEY, "name" TEXT NOT NULL);
CREATE TABLE "pipeline_rules" ("id" SERIAL PRIMARY KEY, "name" TEXT NOT NULL);
"""
ROWS = """INSERT INTO users (email) VALUES ('ops@example.com'), ('ada@example.com');
INSERT INTO folders (name) VALUES ('Drawings'), ('Drawings');"""


@dataclass
class Production:
    """Its first migration was deployed, and there are rows; the tests do to it what the procedure says, or forgets."""

    url: str
    folder: Path
    cloud: Cloud
    arm: FakeArm
    sessions: ExitStack
    scripts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.release(**{INIT: BASE})
        self.deploy()
        self.sql(ROWS)

    def release(self, **scripts: str) -> None:
        """Add migrations to the release."""
        self.scripts |= scripts
        write_migrations(self.folder, scripts)

    def withdraw(self, name: str) -> None:
        del self.scripts[name]
        (self.folder / name / "migration.sql").unlink()
        (self.folder / name).rmdir()

    def deploy(self) -> psycopg.Error | None:
        """Run `prisma migrate deploy` of 7.4 or later, and give the error that ended it."""
        with Deployment(self.url, self.scripts, locks=False) as deployment:
            pass
        return deployment.error

    def begin(self, name: str) -> None:
        """Write the row that a deployment finishes at its end."""
        checksum = sha256(self.scripts[name].encode()).hexdigest()
        self.sql(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name) "
            f"VALUES (gen_random_uuid(), '{checksum}', '{name}')"
        )

    def resolve_applied(self, name: str) -> None:
        self.resolve_rolled_back(name)
        self.begin(name)
        self.sql(
            "UPDATE _prisma_migrations SET finished_at = started_at, logs = '' "
            f"WHERE migration_name = '{name}' AND rolled_back_at IS NULL"
        )

    def resolve_rolled_back(self, name: str) -> None:
        self.sql(f"UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = '{name}'")

    def sql(self, script: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(script.encode())

    def through_psql(self, name: str) -> None:
        """Do as ``psql < migration.sql`` does: go on after every error."""
        for statement in self.scripts[name].split(";\n"):
            try:
                self.sql(statement)
            except psycopg.Error:
                continue

    def session(self, *statements: str) -> psycopg.Connection:
        """Open a session that stays, in a transaction of its own, with these statements run."""
        connection = self.sessions.enter_context(closing(psycopg.connect(self.url)))
        for statement in statements:
            connection.execute(statement.encode())
        return connection

    def waits(self, session: int) -> bool:
        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT pg_blocking_pids(%s) <> '{}'", [session]).fetchone()
        return found == (True,)

    def answers(self, status: int = 200, body: bytes = b"[]", **expected: Any) -> EndpointExpectation:
        """Have the API answer so, and give what is expected of it."""
        self.cloud.host(API, Reply(status, body, {"Content-Type": "application/json"}))
        return EndpointExpectation("folders", f"https://{API}/folders", tries=1, tables=("folders",), **expected)

    def check(
        self,
        trigger: Trigger = Trigger.TERMINAL,
        phase: Phase | None = None,
        last_seen: LastSeen = NOTHING_SEEN,
        **settings: Any,
    ) -> Report:
        return run(replace(self.target, **settings), trigger, phase=phase, last_seen=last_seen)

    def gate(self, **settings: Any) -> Report:
        """What a pipeline is answered before it deploys."""
        return self.check(Trigger.VERIFY, "before", **settings)

    @property
    def target(self) -> Target:
        return Target(
            "production",
            (ReleaseSettings("folder", str(self.folder)),),
            DatabaseSettings(Secret("env:DATABASE_URL", self.url)),
            identity=self.identity,
            prisma=PrismaVersion(7, 10),
            privileges=False,
            remedy=RemedySettings("apps/backend"),
        )

    @property
    def identity(self) -> Identity:
        return self.cloud.identity


def commands(report: Report) -> Iterator[str]:
    """Every command that the report prints."""
    for finding in report.findings:
        yield from (step.command for step in finding.remedy if step.command is not None)
