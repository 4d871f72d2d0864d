"""CREATE EXTENSION of what the server must have loaded when it started."""

import psycopg
import pytest

from shared.model.plan import Condition
from shared.postgres.plan.preloaded import conditions, libraries
from tests.gather.production import session, watcher

HIDDEN, LACKING = "shown only to pg_read_all_settings", "the server must load pgaudit when it starts"


def holding(connection: psycopg.Connection, extension: str = "pgaudit", installed: str = "false") -> list[Condition]:
    found = list(conditions(extension, installed, None))
    return [each for each in found if each.probe is not None and connection.execute(each.probe.sql.encode()).rowcount]


def test_who_may_read_the_setting_knows(database: str) -> None:
    with session(database) as connection:
        (found,) = holding(connection)
        assert (found.sqlstate, found.may, found.preload) == ("55000", False, "pgaudit")
        assert holding(connection, installed="true") == []
        assert holding(connection, "pg_stat_statements") == []


@pytest.mark.parametrize(("grants", "said"), [((), HIDDEN), (("GRANT pg_read_all_settings TO {}",), LACKING)])
def test_who_may_not_read_it_leaves_it_open(grants: tuple[str, ...], said: str, database: str) -> None:
    with session(watcher(database, *grants)) as connection:
        (found,) = holding(connection)
    assert said in found.because
    assert found.may is (said == HIDDEN)


@pytest.mark.parametrize("value", ["pgaudit", "pg_stat_statements, pgaudit", "pg_cron,pgaudit,timescaledb"])
def test_the_list_of_the_server(value: str, database: str) -> None:
    """A setting of the same kind, which a session can have: the one that counts is set when a server starts."""
    (found, hidden) = conditions("pgaudit", "false", None)
    with session(database) as connection:
        connection.execute(f"SET local_preload_libraries = {value}".encode())
        for each in (found, hidden):
            assert each.probe is not None
            assert connection.execute(each.probe.sql.replace("shared_", "local_").encode()).rowcount == 0


@pytest.mark.parametrize(
    ("extension", "setting", "expected"),
    [
        pytest.param("pgaudit", "pg_cron,pgaudit", [], id="loaded"),
        pytest.param("pgaudit", "pg_cron", [(False, "55000")], id="another one is"),
        pytest.param("pg_cron", "", [(False, "42704")], id="nothing is"),
        pytest.param("pglogical", '"$libdir/PGLOGICAL.so", x', [], id="by its file"),
        pytest.param("citext", "", [], id="needs none"),
    ],
)
def test_what_azure_says(extension: str, setting: str, expected: list[tuple[bool, str]]) -> None:
    assert [(each.may, each.sqlstate) for each in conditions(extension, "false", libraries(setting))] == expected
