"""CREATE EXTENSION on an Azure flexible server: its allow-list, and who may make one.

The server of these tests is given what Azure's has: the parameter azure.extensions and the role azure_pg_admin.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from shared.postgres.parse import read
from shared.postgres.plan.footprint import Circumstances
from tests.postgres.plan.over_rows import Database
from tests.postgres.plan.run import predictions

CREATE, IF_MISSING = "CREATE EXTENSION", "CREATE EXTENSION IF NOT EXISTS"


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database, autocommit=True, prepare_threshold=None) as opened:
        for role in ("azure_pg_admin", "extending_member", "extending_stranger"):
            opened.execute(f"CREATE ROLE {role}".encode())
        opened.execute("GRANT azure_pg_admin TO extending_member")
        yield opened
        opened.execute("DROP OWNED BY extending_member, extending_stranger, azure_pg_admin CASCADE")
        opened.execute("DROP ROLE extending_member, extending_stranger, azure_pg_admin")


def predicted(
    connection: psycopg.Connection[Any], sql: str, role: str, allowed: str | None
) -> tuple[str, str | None, Any]:
    """Outcome, SQLSTATE and what is to be done, on a server that allows *allowed*; None is a server outside of Azure."""
    if allowed is not None:
        connection.execute(f"SET \"azure.extensions\" = '{allowed}'".encode())
    circumstances = Circumstances(connection.info.server_version // 10_000, "UTC", is_live=True, role=role)
    ((_, prediction),) = predictions(list(read(sql)), circumstances)
    found = Database.asking(connection).settled(prediction)
    allow = next((each.allow for each in found.conditions if each.allow and each.because in found.because), None)
    return found.outcome.value, found.sqlstate, allow or found.fix or None


GRANT = ('GRANT azure_pg_admin TO "extending_stranger";',)


@pytest.mark.parametrize(
    ("sql", "role", "allowed", "expected"),
    [
        pytest.param(f"{CREATE} pg_stat_statements", "extending_member", "PG_STAT_STATEMENTS", ("ok", None, None), id="allowed, a member"),
        pytest.param(f"{CREATE} pg_stat_statements", "extending_member", "hstore, pg_stat_statements", ("ok", None, None), id="one of several"),
        pytest.param(f"{CREATE} pg_stat_statements", "extending_member", "", ("fails", "0A000", "pg_stat_statements"), id="nothing is allowed"),
        pytest.param(f"{CREATE} pg_stat_statements", "extending_member", "HSTORE", ("fails", "0A000", "pg_stat_statements"), id="others are allowed"),
        pytest.param(f"{IF_MISSING} pg_stat_statements", "extending_member", "HSTORE", ("fails", "0A000", "pg_stat_statements"), id="IF NOT EXISTS"),
        pytest.param(f"{CREATE} pg_stat_statements", "extending_stranger", "PG_STAT_STATEMENTS", ("fails", "42501", GRANT), id="no member"),
        pytest.param(f"{CREATE} hstore", "extending_stranger", "HSTORE", ("depends", "42501", None), id="no member, but it is trusted"),
        pytest.param(f"{IF_MISSING} plpgsql", "extending_member", "HSTORE", ("depends", "0A000", "plpgsql"), id="installed, and not listed"),
        pytest.param(f"{IF_MISSING} plpgsql", "extending_member", "plpgsql", ("ok", None, None), id="installed and listed"),
        pytest.param(f"{CREATE} pg_stat_statements", "extending_member", None, ("fails", "42501", None), id="outside of Azure"),
        pytest.param(f"{CREATE} not_an_extension", "extending_member", "NOT_AN_EXTENSION", ("fails", "unavailable", None), id="allowed, not offered"),
    ],
)  # fmt: skip
def test_who_may_make_which(
    connection: psycopg.Connection[Any], sql: str, role: str, allowed: str | None, expected: tuple[str, str | None, Any]
) -> None:
    unavailable = "0A000" if connection.info.server_version >= 150_000 else "58P01"
    outcome, sqlstate, what = expected
    assert predicted(connection, sql, role, allowed) == (
        outcome,
        unavailable if sqlstate == "unavailable" else sqlstate,
        what,
    )
