"""No false alarm: what a real server makes of the corpus, statement by statement, is what the replay says."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from demo.private_postgres import PrivatePostgres, private_postgres
from shared.postgres.parse import parse
from tests.postgres.lockstep import walk
from tests.postgres.servers import servers, version

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.sql"))


@pytest.fixture(scope="module", params=servers(), ids=version)
def server(request: pytest.FixtureRequest) -> Iterator[PrivatePostgres]:
    with private_postgres(request.param) as running:
        yield running


@pytest.fixture
def fresh(server: PrivatePostgres, request: pytest.FixtureRequest) -> str:
    name = f"corpus_{request.node.callspec.params['script'].stem}"
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return server.url(name)


def _skip_without_extensions(url: str, script: Path) -> None:
    """Wheels of PostgreSQL carry no contrib modules."""
    wanted = {each.node["extname"] for each in parse(script.read_text()) if each.kind == "CreateExtensionStmt"}
    with psycopg.connect(url) as connection:
        offered = {name for (name,) in connection.execute("SELECT name FROM pg_available_extensions")}
    if not wanted <= offered:
        pytest.skip(f"this server has no {', '.join(sorted(wanted - offered))}")


@pytest.mark.parametrize("script", CORPUS, ids=lambda path: path.stem)
def test_replay_keeps_step_with_the_server(fresh: str, script: Path) -> None:
    _skip_without_extensions(fresh, script)
    wrong = [
        f"line {step.statement.line}: {each}" for step in walk(fresh, script.read_text()) for each in step.differences
    ]
    assert wrong == []


def test_the_corpus_is_broad() -> None:
    assert sum(len(parse(script.read_text())) for script in CORPUS) >= 300
