"""A server whose messages are German says the same to the monitor as one whose messages are English."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from shared.demo import private_postgres
from shared.demo.private_postgres import PrivatePostgres, temporary_folder, unprivileged_user
from shared.gather.attempt import GatherError
from shared.model.seed import SeedExpectation
from tests.gather.production import HISTORY, count, read, run, session, watcher
from tests.patience import growing, until
from tests.postgres.servers import usual
from tests.throwaway import in_memory

GERMAN = "de_DE.UTF-8"
TABLES = f"{HISTORY}; CREATE TABLE users (id int, age int); CREATE TABLE private (id int); CREATE SEQUENCE numbers"
SHORT = timedelta(milliseconds=50)


@pytest.fixture(scope="module")
def translated() -> Iterator[PrivatePostgres]:
    """A server that finds German messages, and the locale that they need, in a folder of this test's."""
    programs = usual()
    major = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    major = major.split()[2].partition(".")[0]
    if not Path(f"/usr/share/locale/de/LC_MESSAGES/postgres-{major}.mo").exists() or not shutil.which("localedef"):
        pytest.skip(f"no German messages of PostgreSQL {major}, or no localedef, on this machine")
    environment = private_postgres._environment
    with temporary_folder() as locales, pytest.MonkeyPatch.context() as patch:
        made = ["localedef", "-i", "de_DE", "-f", "UTF-8", str(locales / GERMAN)]
        if subprocess.run(made, capture_output=True, check=False).returncode != 0:
            pytest.skip("the sources of the locale de_DE are not installed on this machine")
        if (owner := unprivileged_user()) is not None:
            shutil.chown(locales, owner.pw_uid, owner.pw_gid)
        patch.setattr(private_postgres, "_environment", lambda: {**environment(), "LOCPATH": str(locales)})
        with private_postgres.private_postgres(programs, in_memory()) as server:
            run(server.url(), TABLES)
            yield server


def set_language(server: PrivatePostgres, locale: str) -> None:
    run(server.url(), f"ALTER SYSTEM SET lc_messages = '{locale}'")
    run(server.url(), "SELECT pg_reload_conf()")
    until(lambda: language(server) == locale)


def language(server: PrivatePostgres) -> str:
    """Of a new session: the reload is over before one of them begins."""
    with session(server.url()) as connection:
        (locale,) = connection.execute("SHOW lc_messages").fetchone() or ("",)
    return str(locale)


def refused(url: str) -> str:
    with pytest.raises(GatherError) as raised:
        read(url)
    return f"{raised.value.lasting} {raised.value}"


def locked(url: str) -> str:
    with session(url) as other, other.transaction():
        other.execute("LOCK users, _prisma_migrations")
        reading = read(url, SeedExpectation("users", exact=2), lock_timeout=SHORT)
        return repr((reading.history, reading.seeds))


def late(url: str) -> str:
    for seconds in growing(0.05):
        counted = count(url, "users", "pg_sleep(999) IS NULL", statement_timeout=timedelta(seconds=seconds))
        if "where" in repr(counted):
            break
    return repr(counted)


CASES: dict[str, Callable[[PrivatePostgres, str], str]] = {
    "a wrong password": lambda server, _: refused(server.url(password="wrong")),  # it is meant to be wrong
    "no such database": lambda server, _: refused(server.url("nowhere")),
    "no right to connect": lambda server, closed: refused(closed.replace("/postgres", "/closed")),
    "no right on the history and a table": lambda _, poor: repr(
        (read(poor).history, count(poor, "private"), count(poor, "users"))
    ),
    "no such table": lambda server, _: repr(count(server.url(), "nothing")),
    "no such column": lambda server, _: repr(count(server.url(), "users", "hair = 1")),
    "a condition that does not fit": lambda server, _: repr(count(server.url(), "users", "age / 0 = 1")),
    "statement_timeout": lambda server, _: late(server.url()),
    "lock_timeout": lambda server, _: locked(server.url()),
    "a write": lambda server, _: repr(count(server.url(), "users", "nextval('numbers') > 0")),
}


def test_what_is_read_is_the_same_in_german(translated: PrivatePostgres) -> None:
    run(translated.url(), "INSERT INTO users VALUES (1, 1), (2, 2)")
    run(translated.url(), "CREATE DATABASE closed")
    run(translated.url(), "REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
    poor = watcher(translated.url(), "GRANT SELECT (id) ON users TO {}")
    said: dict[str, dict[str, str]] = {}
    for locale in ("C", GERMAN):
        set_language(translated, locale)
        said[locale] = {name: context(translated, poor) for name, context in CASES.items()}
    with session(translated.url()) as connection, pytest.raises(psycopg.Error, match="Division durch Null"):
        connection.execute("SELECT 1 / 0")
    # Of a condition that somebody wrote, the server's own words are repeated.
    assert said["C"].pop("no such column") == """Uncountable(because='column "hair" does not exist')"""
    assert said[GERMAN].pop("no such column") == "Uncountable(because='Spalte »hair« existiert nicht')"
    assert said[GERMAN] == said["C"]
