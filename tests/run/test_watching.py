"""Deployments over a real server that are watched and stopped, each at another stage: what was said is what is left."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.gather.database.activity import PRISMA_LOCK
from shared.model.disk import Storage
from shared.model.finding import Severity, Step
from shared.model.knowledge import Unavailable
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Report, Trigger
from shared.model.server import ServerExpectation
from shared.model.setting_types import PrismaVersion, Secret
from shared.model.settings import DatabaseSettings, Target
from shared.model.watching import Phase, Seen, Stop, Watched
from shared.report.json import as_document
from shared.run import run
from shared.run.watching import CannotWatchError, deployment_of, ticks
from tests.cloud.arm import METRICS, SERVER, FakeArm
from tests.cloud.cloud import Cloud
from tests.deployments import Deployment, write_migrations
from tests.gather.production import session
from tests.patience import SECONDS
from tests.postgres.servers import client_program

INIT = "20250101000000_init"
NEXT = "20250201000000_next"
BASE = """CREATE TABLE "users" ("id" int PRIMARY KEY, "name" text);
CREATE TABLE "logs" ("id" int);
CREATE FUNCTION slow(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.001); RETURN $1; END';
"""
ROWS = """
INSERT INTO "users" SELECT i, md5(i::text) FROM generate_series(1, 20000) i; INSERT INTO "logs" VALUES (1);
ANALYZE;
"""
THREE = """-- AlterTable
ALTER TABLE "logs" ADD COLUMN "a" int;

-- AlterTable
ALTER TABLE "users" ADD COLUMN "age" int;

-- CreateIndex
CREATE INDEX "users_age_idx" ON "users"("age");
"""
BUILD = 'ALTER TABLE "logs" ADD COLUMN "a" int;\nCREATE INDEX "users_slow_idx" ON "users"(slow("name"));\n'
CONCURRENT = 'ALTER TABLE "logs" ADD COLUMN "a" int;\nCREATE INDEX CONCURRENTLY "users_name_idx" ON "users"("name");\n'
IN_BLOCK = (
    'ALTER TABLE "logs" ADD COLUMN "a" int;\nBEGIN;\nALTER TABLE "logs" ADD COLUMN "b" int;\n'
    'ALTER TABLE "users" ADD COLUMN "age" int;\nCOMMIT;\n'
)
FAILED = f"{NEXT} is left as failed: Prisma deploys nothing until that is resolved (P3009)."


class Production:
    """A database in which INIT was deployed, and a release that has *script* behind it."""

    def __init__(self, url: str, folder: Path, script: str, prisma: PrismaVersion | None = None) -> None:
        self.url, self.scripts = url, {INIT: BASE, NEXT: script}
        self.target = Target(
            "production",
            (ReleaseSettings("folder", str(write_migrations(folder, self.scripts))),),
            DatabaseSettings(Secret("env:DATABASE_URL", url)),
            privileges=False,
            # What Prisma could not mark as failed is failed at once.
            patience=timedelta(0),
            prisma=prisma,
        )
        with Deployment(url, {INIT: BASE}):
            pass
        with session(url) as owner:
            owner.execute(ROWS.encode())

    def deployment(self, *, at_once: bool = False, locks: bool = True) -> Deployment:
        return Deployment(self.url, self.scripts, at_once=at_once, locks=locks)

    def check(self) -> Report:
        return run(self.target, Trigger.TERMINAL)


Make = Callable[..., Production]


@pytest.fixture
def make(database: str, tmp_path: Path) -> Make:
    return lambda script, prisma=None: Production(database, tmp_path, script, prisma)


@contextmanager
def idle_transaction(url: str) -> Iterator[int]:
    """Somebody has changed a row of users and gone to lunch."""
    with session(f"{url}?application_name=report") as holder:
        holder.execute("BEGIN; UPDATE users SET name = name WHERE id = 1")
        yield holder.info.backend_pid


def watching(production: Production) -> Iterator[Seen]:
    return ticks(deployment_of(production.target), sleep=lambda _seconds: None)


def until(seen: Iterator[Seen], holds: Callable[[Watched], object]) -> Seen:
    deadline = time.monotonic() + SECONDS
    for each in seen:
        assert isinstance(each.watched, Watched), each
        if holds(each.watched):
            return each
        assert time.monotonic() < deadline, each
    raise AssertionError("the deployment ended")


def commands(steps: tuple[Step, ...]) -> list[str]:
    return [step.command for step in steps if step.command is not None]


def cancel(production: Production, seen: Seen) -> None:
    """Run the SQL of the printed command."""
    printed = seen.stop.steps[0].command
    assert printed is not None
    sql = printed.partition(' -c "')[2].removesuffix('"')
    with session(production.url) as admin:
        assert admin.execute(sql.encode()).fetchone() == (True,)


def waits_for_users(watched: Watched) -> bool:
    session = watched.session
    return session is not None and session.awaited is not None and session.awaited.relation == ("public", "users")


def builds(watched: Watched) -> bool:
    return watched.session is not None and watched.session.work is not None and watched.session.work.done > 0


def waits_for_transaction(watched: Watched) -> bool:
    session = watched.session
    return session is not None and session.awaited is not None and session.awaited.kind == "virtualxid"


@pytest.mark.parametrize(
    ("script", "at_once", "stage", "numbers", "leaves"),
    [
        pytest.param(THREE, False, waits_for_users, (1, 1), [FAILED, "1 of its 3 statements stays applied (line 2)."], id="split, waits for a lock"),
        pytest.param(THREE, True, waits_for_users, (1, 1), [FAILED, "None of its statements stays applied."], id="a batch, waits for a lock"),
        pytest.param(BUILD, False, builds, (1, 1), [FAILED, "1 of its 2 statements stays applied (line 1)."], id="split, builds an index"),
        pytest.param(BUILD, True, builds, (1, 1), [FAILED, "None of its statements stays applied."], id="a batch, builds an index"),
        pytest.param(CONCURRENT, False, waits_for_transaction, (1, 1), [FAILED, "1 of its 2 statements stays applied (line 1).", "The index users_name_idx stays, INVALID: no query uses it."], id="an index that is built concurrently"),
        pytest.param(IN_BLOCK, True, waits_for_users, (0, 4), [FAILED, "None of its statements stays applied."], id="a batch, in a transaction of the file"),
        pytest.param(IN_BLOCK, False, waits_for_users, (3, 3), [FAILED, "1 of its 5 statements stays applied (line 1)."], id="split, in a transaction of the file"),
    ],
)  # fmt: skip
def test_what_stopping_leaves_and_the_remedy_that_is_due_then(
    make: Make,
    script: str,
    at_once: bool,
    stage: Callable[[Watched], bool],
    numbers: tuple[int, int],
    leaves: list[str],
) -> None:
    production = make(script, PrismaVersion(7, 3) if at_once else PrismaVersion(7, 10))
    holding = nullcontext(0) if stage is builds else idle_transaction(production.url)
    with holding as root, production.deployment(at_once=at_once) as deploying:
        seen = watching(production)
        found = until(seen, stage)
        cancel(production, found)
        deploying.wait()
    watched, stop = found.watched, found.stop
    assert isinstance(watched, Watched)
    assert watched.place is not None
    assert (watched.place.migration, watched.place.first, watched.place.last) == (NEXT, *numbers)
    assert [each.pid for each in watched.chain] == ([root] if root else [])
    assert list(stop.leaves) == leaves
    assert isinstance(deploying.error, psycopg.errors.QueryCanceled)
    assert [each.watched.phase for each in seen if isinstance(each.watched, Watched)][-1] is Phase.ENDED
    (failed,) = (each for each in production.check().findings if each.code == "migration-failed")
    assert commands(stop.then) == commands(failed.remedy)


def test_a_run_reports_what_the_running_deployment_does(make: Make) -> None:
    production = make(THREE, PrismaVersion(7, 10))
    with idle_transaction(production.url) as root, production.deployment() as deploying:
        waiting = until(watching(production), waits_for_users)
        found: Any = as_document(production.check())["deployment"]
        cancel(production, waiting)
        deploying.wait()
    assert (found["phase"], found["finding"]) == ("running", None)
    assert found["statement"] == {
        "migration": NEXT,
        "file": f"{NEXT}/migration.sql",
        "lines": [5, 5],
        "numbers": [2, 2],
        "of": 3,
        "sql": 'ALTER TABLE "users" ADD COLUMN "age" int',
        "sent_at_once": False,
    }
    (blocker,) = found["blockers"]
    assert blocker["pid"] == root
    assert found["session"]["waits_for"]["table"] == "public.users"
    leaves = list(waiting.stop.leaves)
    assert found["stop"]["leaves"] == leaves


def test_a_run_reads_sessions_of_a_deployment_only_where_one_runs_or_was_announced(make: Make) -> None:
    production = make(THREE)
    assert as_document(production.check())["deployment"] is None
    assert as_document(run(production.target, Trigger.TERMINAL, deploying=True))["deployment"] is None
    announced = as_document(run(production.target, Trigger.SCHEDULE, deploying=True))["deployment"]
    assert isinstance(announced, dict)
    assert (announced["phase"], announced["session"], announced["stop"]) == ("none", None, None)


def test_what_is_not_known_of_a_batch_with_a_transaction_of_its_own(make: Make) -> None:
    script = 'BEGIN;\nALTER TABLE "logs" ADD COLUMN "a" int;\nCOMMIT;\nALTER TABLE "users" ADD COLUMN "age" int;\n'
    production = make(script, PrismaVersion(7, 3))
    with idle_transaction(production.url), production.deployment(at_once=True) as deploying:
        found = until(watching(production), waits_for_users)
        cancel(production, found)
        deploying.wait()
    assert found.stop.leaves == (
        FAILED,
        "The file has transactions of its own: what it has committed by then stays applied, and nothing else.",
        "migration-monitor check shows afterwards how far it got, and the steps.",
    )
    assert found.stop.then == ()


@contextmanager
def waiting_dump(url: str, program: Path, admin: psycopg.Connection) -> Iterator[None]:
    """A real pg_dump that has locked the tables of INIT, and waits for somebody who has locked projects."""
    with subprocess.Popen([program, "--schema-only", url], stdout=subprocess.DEVNULL) as dumping:
        try:
            deadline = time.monotonic() + SECONDS
            waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'projects'::regclass)"
            while admin.execute(waiting.encode()).fetchone() != (True,):
                assert time.monotonic() < deadline
            yield
        except BaseException:
            dumping.kill()
            raise
    assert dumping.returncode == 0


def test_a_real_dump_in_the_chain_and_a_queue_by_table(make: Make, postgres: PrivatePostgres) -> None:
    production = make(THREE)
    program = client_program("pg_dump", postgres.programs)
    root_url = f"{production.url}?application_name=report"
    with session(production.url) as admin, session(root_url) as root, session(production.url) as reader:
        admin.execute("CREATE TABLE projects ()")
        root.execute("BEGIN; LOCK TABLE projects")
        with waiting_dump(production.url, program, admin), production.deployment():
            seen = watching(production)
            until(seen, lambda watched: len(watched.chain) == 2)
            reader.pgconn.send_query(b"SELECT FROM logs")
            found = until(seen, lambda watched: watched.queued > 0)
            root.execute("COMMIT")
    watched = found.watched
    assert isinstance(watched, Watched)
    assert [(each.application, each.state) for each in watched.chain] == [
        ("pg_dump", "active"), ("report", "idle in transaction"),
    ]  # fmt: skip
    assert [(each.table, each.sessions) for each in watched.queues] == [(("public", "logs"), 1)]
    assert [step.text.partition(":")[0] for step in found.stop.steps] == [
        "Stop the deployment", "Or, to let the deployment go on",
    ]  # fmt: skip
    assert str(watched.chain[1].pid) in found.stop.steps[1].text
    *_, last = seen
    assert isinstance(last.watched, Watched)
    assert last.watched.phase is Phase.ENDED
    assert [each.key for each in production.check().findings] == ["schema-unexpected:table public.projects"]


def test_a_deployment_that_waits_for_prismas_lock_has_run_nothing(make: Make) -> None:
    production = make(THREE)
    with session(production.url) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [PRISMA_LOCK])
        holder = other.info.backend_pid
        with production.deployment() as deploying:
            seen = watching(production)
            # Who holds it deploys, as far as anybody can see; the second one waits for that.
            found = until(seen, lambda watched: watched.session is not None and watched.session.pid == holder)
            other.execute("SELECT pg_advisory_unlock_all()")
    assert found.stop == Stop()
    assert deploying.error is None
    assert production.check().findings == ()


def test_without_prismas_lock_a_deployment_is_known_by_its_statements(make: Make) -> None:
    production = make(THREE)
    with idle_transaction(production.url) as root, production.deployment(locks=False):
        seen = watching(production)
        found = until(seen, waits_for_users)
        with session(production.url) as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", [root])
    assert isinstance(found.watched, Watched)
    assert found.watched.place is not None
    assert found.watched.place.lines == (5, 5)
    *_, last = seen
    assert isinstance(last.watched, Watched)
    assert (last.watched.phase, last.watched.quiet) == (Phase.ENDED, 3)


def test_a_long_queue_is_urgent(make: Make) -> None:
    production = make(THREE)
    production.target = replace(production.target, max_block=timedelta(milliseconds=1), queue_alert=2)
    with ExitStack() as readers, idle_transaction(production.url), production.deployment() as deploying:
        seen = watching(production)
        until(seen, waits_for_users)
        for number in range(3):
            reader = readers.enter_context(session(production.url))
            reader.pgconn.send_query(b"SELECT FROM users")
            found = until(seen, partial(_has_queue, number))
            assert isinstance(found.watched, Watched)
            assert found.watched.is_urgent is (number == 2)
        report = run(production.target, Trigger.SCHEDULE)
        cancel(production, found)
        deploying.wait()
    blocking = next(each for each in report.findings if each.code == "session-blocking")
    assert blocking.severity is Severity.CRITICAL


def _has_queue(longer_than: int, watched: Watched) -> bool:
    return watched.queued_long > longer_than


def test_what_cannot_be_read_is_said_and_tried_again(make: Make) -> None:
    production = make(THREE)
    with session(production.url) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [PRISMA_LOCK])
        seen = watching(production)
        next(seen)
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'migration-monitor'"
        )
        assert isinstance(next(seen).watched, Unavailable)
        assert isinstance(next(seen).watched, Watched)


def test_without_a_database_there_is_nothing_to_watch(make: Make) -> None:
    production = make(THREE)
    with pytest.raises(CannotWatchError, match="cannot be reached"):
        deployment_of(
            replace(production.target, database=DatabaseSettings(Secret("x", "postgresql://a@127.0.0.1:1/b")))
        )


def test_the_disk_is_asked_of_azure_beside_the_ticks(make: Make, cloud: Cloud, arm: FakeArm) -> None:
    production = make(THREE)
    production.target = replace(production.target, server=ServerExpectation(SERVER), identity=cloud.identity)
    deadline = time.monotonic() + SECONDS
    for each in watching(production):
        if each.disk is not None:
            break
        assert time.monotonic() < deadline
    assert each.disk == Storage(20 * 2**30, 37.5, datetime(2026, 11, 22, 9, 4, tzinfo=UTC))
    assert arm.asked == [METRICS], "once, whatever the number of ticks"
