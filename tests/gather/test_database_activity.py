from datetime import timedelta

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.gather.database import read_database
from shared.gather.database.activity import PRISMA_LOCK
from shared.model.database import Activity, BlockingSession, LockSession, Privileges
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests.gather.production import read, run, session, watcher
from tests.patience import until

MINUTE = timedelta(minutes=1)
ZERO = timedelta(0)


def activity(url: str, long_wait: timedelta = MINUTE) -> Activity:
    seen = read_database(DatabaseSettings(Secret("env:DATABASE_URL", url)), (), MINUTE, long_wait=long_wait).activity
    assert isinstance(seen, Activity), seen
    return seen


def send_and_wait_until_blocked(connection: psycopg.Connection, admin: psycopg.Connection, statement: str) -> None:
    connection.pgconn.send_query(statement.encode())
    waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND NOT granted)"
    until(lambda: admin.execute(waiting, [connection.info.backend_pid]).fetchone() == (True,))


def named(url: str, application: str) -> str:
    return f"{url}?application_name={application}"


def test_prismas_lock_with_holder_and_waiter(database: str) -> None:
    with session(database) as admin, session(named(database, "deploy-1")) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [PRISMA_LOCK])
        with session(database) as waiter:
            send_and_wait_until_blocked(waiter, admin, f"SELECT pg_advisory_lock({PRISMA_LOCK})")
            seen = activity(database)
            waiting = waiter.info.backend_pid
        first, second = seen.lock
        assert (first.pid, first.granted, first.application) == (holder.info.backend_pid, True, "deploy-1")
        assert (second.pid, second.granted, second.application) == (waiting, False, None)
        assert first.connected_for is not None
        assert ZERO <= first.connected_for < MINUTE
        assert seen.blocking == (), "a wait for a deployment is reported once"


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SELECT pg_advisory_lock(72707370)", id="another number"),
        pytest.param("SELECT pg_advisory_lock(0, 72707369)", id="the two-key form"),
        pytest.param(f"SELECT pg_advisory_lock({PRISMA_LOCK + (1 << 32)})", id="the same lower half"),
    ],
)
def test_other_advisory_locks_are_not_prismas(database: str, statement: str) -> None:
    with session(database) as holder:
        holder.execute(statement.encode())
        assert activity(database).lock == ()


def test_another_databases_lock_is_not_ours(database: str, postgres: PrivatePostgres) -> None:
    with session(postgres.url()) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [PRISMA_LOCK])
        assert activity(database).lock == ()


def test_head_of_a_queue_with_all_who_wait_behind_it(database: str) -> None:
    run(database, "CREATE TABLE users ()")
    with (
        session(database) as admin,
        session(named(database, "report")) as head,
        session(named(database, "deploy")) as deploy,
        session(database) as reader,
    ):
        with head.transaction():
            head.execute("SELECT FROM users")
            send_and_wait_until_blocked(deploy, admin, "ALTER TABLE users ADD COLUMN a int")
            send_and_wait_until_blocked(reader, admin, "SELECT FROM users")
            (blocking,) = activity(database).blocking
            waited = blocking.blocked_for
            assert waited is not None
            assert ZERO < waited < MINUTE
            assert blocking.in_transaction_for is not None
            assert waited < blocking.in_transaction_for < MINUTE
            assert blocking == BlockingSession(
                head.info.backend_pid, "report", "postgres", "idle in transaction",
                blocking.in_transaction_for, waited, blocked=2, since=blocking.since,
            )  # fmt: skip
            (long,) = activity(database, long_wait=ZERO).blocking
            assert (long.pid, long.blocked, long.blocked_long) == (blocking.pid, 2, 2)
            ours = f"FROM pg_stat_activity WHERE pid = {blocking.pid} AND backend_start = '{blocking.since}'"
            assert admin.execute(f"SELECT count(*) {ours}".encode()).fetchone() == (1,)
        finish(deploy)
        finish(reader)
        assert activity(database).blocking == ()


def test_a_prepared_transaction_at_the_head_of_a_queue(database: str) -> None:
    """It has no session, and holds its locks until somebody ends it: after a restart, too."""
    run(database, "CREATE TABLE users ()")
    run(database, "BEGIN; LOCK TABLE users; PREPARE TRANSACTION 'left behind'")
    with session(database) as admin, session(database) as reader:
        send_and_wait_until_blocked(reader, admin, "SELECT FROM users")
        (blocking,) = activity(database, long_wait=ZERO).blocking
        admin.execute("ROLLBACK PREPARED 'left behind'")
        finish(reader)
    assert blocking.blocked_for is not None
    assert blocking == BlockingSession(0, None, None, None, None, blocking.blocked_for, blocked=1, blocked_long=1)


def finish(connection: psycopg.Connection) -> None:
    while connection.pgconn.get_result() is not None:
        pass


def test_long_transaction_that_blocks_nobody_is_left_out(database: str) -> None:
    with session(database) as busy, busy.transaction():
        busy.execute("CREATE TABLE users ()")
        assert activity(database).blocking == ()


def test_what_the_server_hides_from_a_role_without_pg_read_all_stats(database: str) -> None:
    run(database, "CREATE TABLE users ()")
    url = watcher(database)
    with session(database) as admin, session(named(database, "deploy")) as head, session(database) as waiter:
        head.execute("SELECT pg_advisory_lock(%s)", [PRISMA_LOCK])
        with head.transaction():
            head.execute("LOCK TABLE users")
            send_and_wait_until_blocked(waiter, admin, "SELECT FROM users")
            seen = activity(url)
            waiter.cancel()
            finish(waiter)
        pid = head.info.backend_pid
    assert seen.lock == (LockSession(pid, True, "deploy", None, user="postgres"),)
    (blocking,) = seen.blocking
    assert (blocking.pid, blocking.state, blocking.in_transaction_for, blocking.blocked) == (pid, None, None, 1)
    assert not seen.sees_all_sessions


TABLES = "CREATE TABLE users (id int, name text); CREATE TABLE rules (); CREATE SCHEMA app; CREATE TABLE app.things ();"
CLOSED = "REVOKE CREATE ON SCHEMA public FROM PUBLIC;"  # PostgreSQL 14 and older let everybody in


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        pytest.param([], (False, (), 0), id="nothing"),
        pytest.param(["GRANT SELECT, REFERENCES, TRIGGER ON users TO {}"], (False, (), 0), id="no writing"),
        pytest.param(["GRANT INSERT ON users TO {}"], (False, ("public.users",), 1), id="INSERT"),
        pytest.param(["GRANT TRUNCATE ON rules TO {}"], (False, ("public.rules",), 1), id="TRUNCATE"),
        pytest.param(["GRANT UPDATE (name) ON users TO {}"], (False, ("public.users",), 1), id="one column"),
        pytest.param(["GRANT SELECT (name) ON users TO {}"], (False, (), 0), id="one column to read"),
        pytest.param(["GRANT DELETE ON app.things TO {}"], (False, (), 0), id="behind a closed schema"),
        pytest.param(
            ["GRANT DELETE ON app.things TO {}", "GRANT USAGE ON SCHEMA app TO {}"],
            (False, ("app.things",), 1),
            id="another schema",
        ),
        pytest.param(["GRANT CREATE ON SCHEMA public TO {}"], (True, (), 0), id="CREATE"),
        pytest.param(["GRANT CREATE ON SCHEMA app TO {}"], (False, (), 0), id="CREATE elsewhere"),
        pytest.param(
            ["GRANT ALL ON ALL TABLES IN SCHEMA public TO {}"], (False, ("public.rules", "public.users"), 2), id="all"
        ),
    ],
)
def test_what_the_role_may_change(
    database: str, grants: list[str], expected: tuple[bool, tuple[str, ...], int]
) -> None:
    run(database, CLOSED + TABLES)
    reading = read(watcher(database, *grants))
    creates, writable, count = expected
    assert reading.privileges == Privileges(f"watcher of {reading.name}", False, creates, writable, count)


def test_of_many_writable_tables_a_few_are_named(database: str) -> None:
    run(database, ";".join(f"CREATE TABLE t{number} ()" for number in range(8)))
    privileges = read(database, schema="nowhere").privileges
    names = tuple(f"public.t{number}" for number in range(5))
    assert privileges == Privileges("postgres", True, False, names, 8)
