"""Normal deployments under each policy, and a night of batch jobs, with a real database and a real API: zero alerts.

Each is followed by its twin, in which something is wrong and people are notified.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from shared.alerts.messages.parts import short_name
from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.cli.main import main
from shared.gather.database.activity import PRISMA_LOCK
from shared.memory import MemoryFile
from tests import states
from tests.gather.servers import Reply, Request, http_server
from tests.patience import until

FIRST, SECOND, THIRD, FOURTH = sorted(path.name for path in states.migrations("pending").iterdir() if path.is_dir())
SETTINGS = """
[alerts]
weekly = false
channel = [{{ name = "hook", kind = "webhook", url = "env:HOOK", tries = 1, severities = ["critical", "warning", "info"] }}]

[[target]]
name = "production"
privileges = false
policy = "{policy}"
patience = "{patience}"
release = {{ source = "folder", path = "releases/{{release}}" }}
database = {{ url = "env:APP_URL" }}
seed = [{{ table = "User", min = 2 }}]
endpoint = [{{ name = "users", url = "{api}", tables = ["User"], pause = "0s" }}]
"""
AHEAD = 'ahead = { source = "folder", path = "main" }\n'


@dataclass
class Production:
    """A database with an application before it, a pipeline's commands, and what people receive."""

    url: str
    api: str = ""
    received: list[str] = field(default_factory=list)
    restarts: bool = False

    def receive(self, request: Request) -> Reply:
        if request.path == "/users":
            return Reply(503 if self.restarts else 200)
        self.received.append(json.loads(request.body)["message"]["headline"].partition(", since")[0])
        return Reply()

    def watch(self, policy: str, *, patience: str = "15m", ahead: bool = False) -> None:
        settings = SETTINGS.format(policy=policy, patience=patience, api=self.api)
        Path("monitor.toml").write_text(settings + (AHEAD if ahead else ""))

    def check(self) -> int:
        return main(["check", "--notify"])

    def verify(self, phase: str, release: str) -> int:
        return main(["verify", "--phase", phase, "--release", release, "--notify"])

    def release(self, name: str, *migrations: str) -> None:
        """Publish a release; the newest is what was published last."""
        folder = Path("releases") / name if name != "main" else Path("main")
        for migration in migrations:
            shutil.copytree(states.migrations("pending") / migration, folder / migration)
        shutil.copy(states.migrations("pending") / "migration_lock.toml", folder)
        number = len(list(folder.parent.iterdir()))
        os.utime(folder, (number, number))

    @property
    def minutes_to_the_next_check(self) -> float:
        memory = MemoryFile(Path("memory"), "production").load()
        assert memory.next_run_at is not None
        return (memory.next_run_at - memory.runs[-1].at).total_seconds() / 60


@contextmanager
def applying(url: str, name: str) -> Iterator[None]:
    """Apply a migration as ``prisma migrate deploy`` does: under its lock, with a row that is finished at the end."""
    script = (states.migrations("pending") / name / "migration.sql").read_bytes()
    with closing(psycopg.connect(url, autocommit=True)) as engine:
        engine.execute("SELECT pg_advisory_lock(%s)", (PRISMA_LOCK,))
        (row,) = engine.execute(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES (gen_random_uuid(), %s, %s) RETURNING id",
            (sha256(script).hexdigest(), name),
        )
        yield
        engine.execute(script)
        engine.execute("UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = %s", row)


@pytest.fixture
def production(
    database: str, postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Production]:
    """A database that matches the release v1."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "MONITOR_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    states.load("pending", database, postgres)
    with psycopg.connect(database, autocommit=True) as connection:
        applied = {name for (name,) in connection.execute("SELECT migration_name FROM _prisma_migrations")}
        connection.execute("""INSERT INTO "User" (email) VALUES ('a'), ('b')""")
    assert applied == {FIRST, SECOND}
    monkeypatch.setenv("APP_URL", database)
    there = Production(database)
    there.release("v1", FIRST, SECOND)
    with http_server(there.receive) as (port, _):
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{port}/hook")
        there.api = f"http://127.0.0.1:{port}/users"
        yield there


def test_a_deployment_that_applies_its_migrations_itself(production: Production) -> None:
    production.watch("deploy-migrates")
    assert production.check() == 0
    production.release("v2", FIRST, SECOND, THIRD, FOURTH)
    assert production.check() == 0, "released, and not yet deployed"
    assert production.verify("before", "v2") == 0
    production.restarts = True
    with applying(production.url, THIRD):
        production.check()
    production.check()
    assert production.minutes_to_the_next_check == 5
    with applying(production.url, FOURTH):
        production.check()
    production.check()
    production.restarts = False
    assert production.verify("after", "v2") == 0
    assert production.check() == 0
    assert production.minutes_to_the_next_check == 60
    assert production.received == []


def test_a_deployment_that_nobody_announced(production: Production) -> None:
    """Prisma's lock and a running migration are announcement enough."""
    production.watch("deploy-migrates")
    production.release("v2", FIRST, SECOND, THIRD)
    with applying(production.url, THIRD):
        production.restarts = True
        production.check()
    production.check()
    production.restarts = False
    assert production.check() == 0
    assert production.received == []


def test_a_deployment_that_did_not_apply_them(production: Production) -> None:
    production.watch("deploy-migrates")
    production.release("v2", FIRST, SECOND, THIRD)
    assert production.verify("before", "v2") == 0
    assert production.verify("after", "v2") == 2
    assert production.received == [
        (
            f"production: the deployment of v2 failed its verification: migration {short_name(THIRD)} is pending"
            "; Prisma operations on User fail"
        )
    ]
    assert production.check() == 2
    assert len(production.received) == 1


def test_a_deployment_whose_migrations_go_first(production: Production) -> None:
    production.watch("migrate-first", ahead=True)
    production.release("main", FIRST, SECOND, THIRD, FOURTH)
    assert production.check() == 0
    for name in (THIRD, FOURTH):
        with applying(production.url, name):
            assert production.check() == 0
        assert production.check() == 0, "production is ahead of its release, on purpose"
    production.release("v2", FIRST, SECOND, THIRD, FOURTH)
    assert production.verify("before", "v2") == 0
    production.restarts = True
    production.check()
    production.restarts = False
    assert production.verify("after", "v2") == 0
    assert production.check() == 0
    assert production.received == []


def test_a_release_that_came_before_its_migrations(production: Production) -> None:
    """The team's golden rule: never deploy with pending migrations."""
    production.watch("migrate-first", ahead=True)
    production.release("main", FIRST, SECOND, THIRD)
    production.release("v2", FIRST, SECOND, THIRD)
    assert production.verify("before", "v2") == 2
    assert production.received == [
        f"production: the deployment of v2 was stopped before it began: migration {short_name(THIRD)} is pending"
    ]
    production.received.clear()
    assert production.check() == 2
    assert production.received == [
        f"production: migration {short_name(THIRD)} is pending; Prisma operations on User fail"
    ]


@contextmanager
def batch_jobs(url: str) -> Iterator[None]:
    """A job with a long transaction, thousands of new rows, and another job that waits for the first."""
    with (
        closing(psycopg.connect(url)) as long,
        closing(psycopg.connect(url, autocommit=True)) as fast,
        closing(psycopg.connect(url, autocommit=True)) as waiting,
    ):
        long.execute("""UPDATE "User" SET name = 'nightly'""")
        fast.execute("""INSERT INTO "User" (email) SELECT 'batch' || n FROM generate_series(1, 5000) AS n""")
        pid = waiting.info.backend_pid
        waits = """UPDATE "User" SET name = 'later' WHERE email = 'a'"""
        waiting.pgconn.send_query(waits.encode())
        blocked = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
        until(lambda: bool(fast.execute(blocked, (pid,)).fetchone() == (True,)))
        yield
        long.rollback()


def test_a_night_of_batch_jobs(production: Production) -> None:
    production.watch("migrate-first")
    for _ in range(3):
        assert production.check() == 0
        with batch_jobs(production.url):
            assert production.check() == 0
        with psycopg.connect(production.url, autocommit=True) as connection:
            connection.execute("""DELETE FROM "User" WHERE email LIKE 'batch%'""")
    assert production.received == []


def test_a_job_that_holds_others_up_for_too_long(production: Production) -> None:
    production.watch("migrate-first", patience="0s")
    with batch_jobs(production.url):
        production.check()
    (headline,) = production.received
    assert headline.startswith("production: session blocks others (")
    assert production.check() == 0
    assert len(production.received) == 2
