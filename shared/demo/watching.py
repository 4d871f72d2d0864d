"""The incident's deployment on the fixed copy, as `migration-monitor watch` shows it; an endless report blocks it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import psycopg

from ..model.settings import Target
from ..model.watching import Phase, Seen, Watched
from ..run.watching import deployment_of, ticks
from .incident import MIGRATIONS, deploy

# What `prisma migrate deploy` takes, and holds for as long as it runs.
_PRISMA_LOCK = "SELECT pg_advisory_lock(72707369)"
_READERS = 3
_MOST_SECONDS = 300


def watched_deployment(url: str, target: Target) -> Seen:
    """Deploy to the database of *url* while somebody reads folders; give what is seen once requests queue behind it."""
    with ExitStack() as sessions:
        report = _session(sessions, f"{url}?application_name=nightly-report")
        report.execute("BEGIN")
        report.execute("SELECT FROM folders")
        requests = [_session(sessions, f"{url}?application_name=api") for _ in range(_READERS)]
        seen = ticks(deployment_of(target), sleep=lambda _seconds: time.sleep(0.1))
        with _deploying(url):
            _until(seen, lambda watched: bool(watched.chain))
            for each in requests:
                each.pgconn.send_query(b"SELECT FROM folders")
            found = _until(seen, lambda watched: watched.queued == _READERS)
            report.close()
            _until(seen, lambda watched: watched.phase is Phase.ENDED)
        return found


def _session(sessions: ExitStack, url: str) -> psycopg.Connection:
    connection = psycopg.connect(url, autocommit=True)
    sessions.callback(connection.close)
    return connection


@contextmanager
def _deploying(url: str) -> Iterator[None]:
    """Run what is pending, in a thread of its own."""
    with psycopg.connect(url, autocommit=True) as production:
        done = {name for (name,) in production.execute("SELECT migration_name FROM _prisma_migrations")}
        pending = sorted({folder.name for folder in MIGRATIONS.iterdir() if folder.is_dir()} - done)

        def run() -> None:
            production.execute(_PRISMA_LOCK)
            for name in pending:
                deploy(production, name, datetime.now(UTC))
            production.execute("SELECT pg_advisory_unlock_all()")

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield
        thread.join(_MOST_SECONDS)


def _until(seen: Iterator[Seen], holds: Callable[[Watched], bool]) -> Seen:
    """The first tick that *holds*."""
    deadline = time.monotonic() + _MOST_SECONDS
    for each in seen:
        if isinstance(each.watched, Watched) and holds(each.watched):
            return each
        if time.monotonic() > deadline:
            break
    raise TimeoutError("the deployment was not seen")
