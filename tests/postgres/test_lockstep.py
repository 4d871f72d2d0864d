"""No false alarm: what a real server makes of the corpus, statement by statement, is what the replay says."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from demo.private_postgres import PrivatePostgres, installed_programs, private_postgres
from tests.postgres.lockstep import walk

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.sql"))
SERVERS = list(installed_programs())


@pytest.fixture(scope="module", params=SERVERS, ids=lambda programs: str(len(programs.parts)) + programs.parent.name)
def server(request: pytest.FixtureRequest) -> Iterator[PrivatePostgres]:
    with private_postgres(request.param) as running:
        yield running


@pytest.fixture
def fresh(server: PrivatePostgres, request: pytest.FixtureRequest) -> str:
    name = f"corpus_{abs(hash(request.node.name))}"
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return server.url(name)


@pytest.mark.parametrize("script", CORPUS, ids=lambda path: path.stem)
def test_replay_keeps_step_with_the_server(fresh: str, script: Path) -> None:
    wrong = [
        f"line {step.statement.line}: {each}" for step in walk(fresh, script.read_text()) for each in step.differences
    ]
    assert wrong == []
