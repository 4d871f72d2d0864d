"""A deployment through a pool is reported as one: seen through a real PgBouncer."""

from urllib.parse import urlsplit

import psycopg
import pytest

from shared.checks.through_pool import through_pool
from shared.model.finding import Severity
from tests.gather.pool import needs_pgbouncer, pool
from tests.gather.production import HISTORY, Relay, read, run, session

pytestmark = needs_pgbouncer
LOCK = 72707369


@pytest.fixture
def production(database: str) -> str:
    run(database, HISTORY)
    return database


def severities(url: str) -> list[Severity]:
    return [each.severity for each in through_pool(read(url))]


def test_the_server_itself(production: str) -> None:
    assert severities(production) == []


def test_a_pool_that_keeps_the_session(production: str) -> None:
    with pool(production, "session") as url:
        assert severities(url) == [Severity.WARNING]


def test_a_url_that_says_it(production: str) -> None:
    with pool(production, "transaction") as url:
        assert severities(f"{url}?pgbouncer=true") == [Severity.CRITICAL]


def test_two_transactions_in_two_sessions(production: str) -> None:
    with pool(production, "transaction") as url, psycopg.connect(url) as other:

        def take_the_session() -> None:
            other.execute("SELECT 1")

        port = urlsplit(url).port
        assert port is not None
        # Between our two transactions somebody takes the session of the first: before the pool gets the second's BEGIN,
        # by which it chooses a session.
        with Relay(port, words=b"REPEATABLE READ", meanwhile=take_the_session) as relay:
            found = read(url.replace(f":{port}", f":{relay.port}"))
        assert (found.pooled, found.pools_transactions) == (True, True)


def test_another_role_does_not_deploy(production: str) -> None:
    run(production, "CREATE ROLE owner_of_pool_test LOGIN; ALTER TABLE _prisma_migrations OWNER TO owner_of_pool_test")
    with pool(production, "transaction") as url:
        assert severities(f"{url}?pgbouncer=true") == []
    run(production, "ALTER TABLE _prisma_migrations OWNER TO CURRENT_USER; DROP ROLE owner_of_pool_test")


def test_the_lock_outlives_its_client(production: str) -> None:
    """Why it matters: the next deployment waits for a lock that nobody holds any more."""
    with pool(production, "transaction") as url:
        with session(url) as deployment:
            deployment.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with session(production) as watching:
            held = watching.execute("SELECT granted FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", [LOCK])
            assert held.fetchall() == [(True,)]
