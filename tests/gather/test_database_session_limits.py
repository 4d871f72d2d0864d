"""The limits that are read are those with which the deploying role's sessions begin."""

from itertools import product

import psycopg
import pytest
from psycopg import sql

from shared.model.session_limits import Limit, SearchPath, SessionLimits, SetFor, TimeZone
from shared.postgres.server_settings import is_on, seconds
from tests.gather.production import HISTORY, read, run, session, watcher

# All roles of the server are left alone: other tests have sessions there.
PLACES = ("ROLE {role} IN DATABASE {database}", "ROLE {role}", "DATABASE {database}")


def owner_of_history(database: str) -> str:
    """Give the URL of a role that owns the history, and may read no more."""
    run(database, HISTORY)
    url = watcher(database)
    own(database, "ALTER TABLE _prisma_migrations OWNER TO {role}")
    return url


def own(database: str, *statements: str) -> None:
    with session(database) as connection:
        connection.execute("SET default_transaction_read_only = off")
        name = connection.info.dbname
        names = {"role": sql.Identifier(f"watcher of {name}"), "database": sql.Identifier(name)}
        for statement in statements:
            connection.execute(sql.SQL(statement).format(**names))


def as_it_begins(url: str) -> tuple[float | None, bool]:
    with session(url) as connection:
        timeout = connection.execute("SHOW statement_timeout").fetchone()
        read_only = connection.execute("SHOW default_transaction_read_only").fetchone()
    assert timeout is not None
    assert read_only is not None
    return seconds(timeout[0]) or None, is_on(read_only[0])


@pytest.mark.parametrize("by", ["another role", "the same role"])
@pytest.mark.parametrize("given", list(product((None, "on"), repeat=len(PLACES))))
def test_as_a_session_begins(given: tuple[str | None, ...], by: str, database: str) -> None:
    owner = owner_of_history(database)
    for number, (place, is_set) in enumerate(zip(PLACES, given, strict=True), 1):
        if is_set:
            own(database, f"ALTER {place} SET statement_timeout = '{number}min'")
            own(database, f"ALTER {place} SET default_transaction_read_only = on")
    found = read(database if by == "another role" else owner).limits
    timeout, is_read_only = as_it_begins(owner)
    assert (found.statement.seconds if found.statement else None) == timeout
    assert (found.read_only is not None) == is_read_only
    strongest = next((SetFor(each) for each, is_set in zip(list(SetFor)[2:], given, strict=False) if is_set), None)
    assert found.read_only == strongest


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        pytest.param("ROLE {role} SET lock_timeout = '250ms'", SessionLimits(lock=Limit(0.25, SetFor.ROLE)), id="lock"),
        pytest.param("ROLE {role} SET lock_timeout = 0", SessionLimits(), id="no limit"),
        pytest.param("ROLE {role} NOLOGIN", SessionLimits(role=None), id="its members deploy"),
        pytest.param("DATABASE {database} SET statement_timeout = '1h'", SessionLimits(statement=Limit(3600, SetFor.DATABASE)), id="hours"),
    ],
)  # fmt: skip
def test_each_setting(alter: str, expected: SessionLimits, database: str) -> None:
    owner_of_history(database)
    own(database, f"ALTER {alter}")
    found = read(database).limits
    assert (found.statement, found.lock, found.transaction) == (expected.statement, expected.lock, expected.transaction)
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    assert found.role == (None if "NOLOGIN" in alter else f'"watcher of {name}"')


def test_what_the_url_sets_counts_for_who_deploys_by_it(database: str) -> None:
    owner = owner_of_history(database)
    options = "?options=-c%20statement_timeout%3D7s"
    assert read(owner + options).limits.statement == Limit(7, SetFor.URL)
    assert read(database + options).limits.statement is None


def test_a_setting_of_who_reads_hides_the_server_s(database: str) -> None:
    run(database, HISTORY)
    url = watcher(database)
    own(database, "ALTER ROLE {role} SET statement_timeout = '9s'")
    assert read(url).limits.statement is None


def test_no_history_has_the_limits_of_the_database(database: str) -> None:
    own(database, "ALTER DATABASE {database} SET statement_timeout = '3s'")
    found = read(database).limits
    assert (found.role, found.statement) == (None, Limit(3, SetFor.DATABASE))


def test_where_names_lead_and_the_time_zone(database: str) -> None:
    owner = owner_of_history(database)
    name = f"watcher of {psycopg.conninfo.conninfo_to_dict(database)['dbname']}"
    assert read(owner).limits.search_path == SearchPath((name, "public"), SetFor.SERVER)
    own(database, """ALTER DATABASE {database} SET search_path = 'App', other""")
    own(database, "ALTER ROLE {role} SET TimeZone = 'Europe/Zurich'")
    for url in (owner, database):
        assert read(url).limits.search_path == SearchPath(("App", "other"), SetFor.DATABASE)
        assert read(url).limits.time_zone == TimeZone("Europe/Zurich", SetFor.ROLE)
    assert read(f"{owner}?schema=public").limits.search_path == SearchPath(("public",), SetFor.SCHEMA_IN_URL)
    options = "?options=-c%20TimeZone%3Detc/utc%20-c%20search_path%3Dx"
    found = read(owner + options).limits
    assert (found.search_path, found.time_zone) == (SearchPath(("x",), SetFor.URL), TimeZone("UTC", SetFor.URL))
