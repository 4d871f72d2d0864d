"""One tick: who deploys, who waits, for which lock and session, and how far a command is."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import psycopg
import pytest

from shared.gather.attempt import GatherError
from shared.gather.database.activity import PRISMA_LOCK
from shared.gather.database.watching import OPENING, Watch
from shared.model.plan import LockMode
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from shared.model.watching import LiveSession, Tick
from tests.gather.production import Relay, run, session, watcher
from tests.patience import SECONDS

MINUTE = timedelta(minutes=1)
BUILD = 'CREATE INDEX "users_name_idx" ON "users"(slow("name"))'


@contextmanager
def watching(url: str, *texts: str) -> Iterator[Watch]:
    openings = ["".join(text.lower().split())[:OPENING] for text in texts]
    with closing(Watch(DatabaseSettings(Secret("env:DATABASE_URL", url)), openings)) as watch:
        yield watch


def until(watch: Watch, holds: Callable[[Tick], bool]) -> Tick:
    deadline = time.monotonic() + SECONDS
    while not holds(tick := watch.tick()):
        assert time.monotonic() < deadline, tick
    return tick


def by_pid(tick: Tick) -> dict[int, LiveSession]:
    return {each.pid: each for each in tick.sessions}


def send(connection: psycopg.Connection, statement: str) -> int:
    connection.pgconn.send_query(statement.encode())
    return connection.info.backend_pid


def finish(connection: psycopg.Connection) -> None:
    while connection.pgconn.get_result() is not None:
        pass


def test_a_quiet_database_has_no_sessions_to_show(database: str) -> None:
    with session(database) as other, watching(database, BUILD) as watch:
        other.execute("SELECT 1")
        tick = watch.tick()
    assert (tick.sessions, tick.waiting, tick.sees_all_sessions) == ((), 0, True)


def test_a_deployment_behind_an_idle_transaction_with_a_queue_behind_it(database: str) -> None:
    run(database, "CREATE TABLE users (id int PRIMARY KEY, name text); CREATE TABLE rules ();")
    alter = 'ALTER TABLE "users" ADD COLUMN "age" int'
    with (
        session(f"{database}?application_name=report") as root,
        session(database) as deploy,
        session(database) as reader,
        watching(database) as watch,
    ):
        deploy.execute("SELECT pg_advisory_lock(%s)", [PRISMA_LOCK])
        holder = root.info.backend_pid
        with root.transaction():
            root.execute("SELECT 's3cr3t' FROM users")
            pid = send(deploy, f"LOCK TABLE rules IN SHARE MODE; {alter}")
            until(watch, lambda tick: tick.waiting == 1)
            waiter = send(reader, "SELECT 's3cr3t' FROM users")
            tick = until(watch, lambda tick: tick.waiting == 2)
        finish(deploy)
        finish(reader)
    deploying, waiting, idle = (by_pid(tick)[each] for each in (pid, waiter, holder))
    assert len(tick.sessions) == 3
    assert (deploying.prisma_lock, deploying.blockers) == (True, (idle.pid,))
    assert deploying.query == f"LOCK TABLE rules IN SHARE MODE; {alter}"
    assert deploying.locks == {(("public", "rules"), LockMode.SHARE)}
    assert deploying.awaited is not None
    assert (deploying.awaited.kind, deploying.awaited.mode) == ("relation", LockMode.ACCESS_EXCLUSIVE)
    assert deploying.awaited.relation == ("public", "users")
    assert deploying.awaited.waited_for is not None
    assert timedelta(0) <= deploying.awaited.waited_for < MINUTE
    assert deploying.wait == "Lock: relation"
    assert (waiting.blockers, waiting.command, waiting.prisma_lock) == ((pid,), "SELECT", None)
    assert (idle.application, idle.state, idle.command, idle.blockers) == (
        "report",
        "idle in transaction",
        "SELECT",
        (),
    )
    assert "s3cr3t" not in repr(tick), "the text of other sessions is not read"


def test_who_waits_for_a_row_waits_for_its_table(database: str) -> None:
    run(database, "CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users VALUES (1)")
    with session(database) as first, session(database) as second, watching(database) as watch:
        with first.transaction():
            first.execute("UPDATE users SET id = 1")
            pid = send(second, "UPDATE users SET id = 1")
            awaited = by_pid(until(watch, lambda tick: tick.waiting == 1))[pid].awaited
        finish(second)
    assert awaited is not None
    assert (awaited.kind, awaited.relation) == ("transactionid", ("public", "users"))


def test_a_build_without_prismas_lock_is_known_by_its_text_and_says_how_far_it_is(database: str) -> None:
    """Its end does not matter: it is cancelled once its progress was seen."""
    run(
        database,
        "CREATE TABLE users (name text); INSERT INTO users SELECT md5(i::text) FROM generate_series(1, 200000) i;"
        "CREATE FUNCTION slow(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_sleep(0.001); RETURN $1; END'",
    )
    text = f"-- CreateIndex\n{BUILD};\n"
    with session(database) as builder, watching(database, BUILD) as watch:
        pid = send(builder, text)
        tick = until(watch, lambda tick: any(each.work and each.work.done for each in tick.sessions))
        builder.cancel()
        finish(builder)
    building = by_pid(tick)[pid]
    assert (building.query, building.prisma_lock) == (text, None)
    assert building.work is not None
    assert building.work.relation == ("public", "users")
    assert building.work.phase.startswith("building index")
    assert building.work.percent in range(101)
    assert (("public", "users"), LockMode.SHARE) in building.locks


def test_a_prepared_transaction_is_blocker_0(database: str) -> None:
    run(database, "CREATE TABLE users ()")
    with session(database) as holder, session(database) as waiter, watching(database) as watch:
        holder.execute("BEGIN; LOCK TABLE users; PREPARE TRANSACTION 'left behind'")
        pid = send(waiter, "SELECT FROM users")
        tick = until(watch, lambda tick: tick.waiting == 1)
        holder.execute("ROLLBACK PREPARED 'left behind'")
        finish(waiter)
    assert [(each.pid, each.blockers) for each in tick.sessions] == [(pid, (0,))]


def test_a_role_that_may_not_see_other_sessions_says_so(database: str) -> None:
    with session(database) as deploy, watching(watcher(database)) as watch:
        deploy.execute("SELECT pg_advisory_lock(%s)", [PRISMA_LOCK])
        pid = deploy.info.backend_pid
        tick = watch.tick()
    assert not tick.sees_all_sessions
    assert [(each.pid, each.prisma_lock, each.state) for each in tick.sessions] == [(pid, True, None)]


def test_a_tick_is_one_round_trip_and_holds_no_lock(database: str) -> None:
    with session(database) as other:
        port = other.info.port
    with (
        Relay(port) as relay,
        watching(database.replace(f":{port}/", f":{relay.port}/")) as watch,
        session(database) as other,
    ):
        watch.tick()
        before = relay.turns
        for _ in range(3):
            watch.tick()
        assert relay.turns - before == 3
        held = "SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid() AND pid IN (SELECT pid FROM pg_stat_activity WHERE application_name = 'migration-monitor' AND datname = current_database())"
        assert other.execute(held.encode()).fetchone() == (0,)


def test_a_lost_connection_is_opened_again(database: str) -> None:
    with session(database) as admin, watching(database) as watch:
        watch.tick()
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'migration-monitor'"
        )
        with pytest.raises(GatherError):
            watch.tick()
        assert watch.tick().sessions == ()
