"""What docs/sop.md says of advice that is dangerous, seen with the real psql and server."""

import subprocess
from pathlib import Path

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from tests.postgres.servers import client_program
from tests.sop.production import Production

SCRIPT = "CREATE TABLE a ();\nCREATE TABLE a ();\nCREATE TABLE b ();\n"


@pytest.fixture
def psql(postgres: PrivatePostgres) -> str:
    return str(client_program("psql", postgres.programs))


def tables(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return [name for (name,) in found]


@pytest.mark.parametrize(
    ("options", "status", "made"),
    [
        pytest.param([], 0, ["a", "b"], id="as the procedure has it"),
        pytest.param(["-1", "-v", "ON_ERROR_STOP=1"], 3, [], id="as the findings print it"),
    ],
)
def test_psql_goes_on_after_an_error(
    options: list[str], status: int, made: list[str], psql: str, database: str
) -> None:
    done = subprocess.run([psql, "-X", database, *options], input=SCRIPT, capture_output=True, text=True, check=False)
    assert (done.returncode, tables(database)) == (status, made)


def test_psql_refuses_the_parameters_of_prisma(psql: str, database: str) -> None:
    done = subprocess.run(
        [psql, "-X", f"{database}?schema=public"], input="", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert 'invalid URI query parameter: "schema"' in done.stderr
    cut = 'exec "$0" -X "${DATABASE_URL%%\\?*}" -c "SELECT 1"'
    environment = {"DATABASE_URL": f"{database}?schema=public", "PATH": str(Path(psql).parent)}
    assert (
        subprocess.run(["/bin/sh", "-c", cut, psql], env=environment, capture_output=True, check=False).returncode == 0
    )


def test_the_query_for_hung_connections_leaves_out_who_holds_the_lock(production: Production) -> None:
    holder = production.session("LOCK TABLE folders")
    with psycopg.connect(production.url) as connection:
        query = "SELECT state FROM pg_stat_activity WHERE pid = %s"
        found = connection.execute(query, [holder.info.backend_pid]).fetchone()
    assert found == ("idle in transaction",)
