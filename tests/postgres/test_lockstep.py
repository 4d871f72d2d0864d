"""No false alarm: what a real server makes of the corpus, statement by statement, is what the replay says."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.postgres.parse import parse
from tests.postgres.lockstep import steps
from tests.postgres.servers import servers, usual, version
from tests.postgres.versions import lines_of_version
from tests.throwaway import create_database

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.sql"))


@pytest.fixture(scope="module", params=servers(), ids=version)
def server(request: pytest.FixtureRequest, start_server: Callable[[Path], PrivatePostgres]) -> PrivatePostgres:
    return start_server(request.param)


@pytest.fixture
def fresh(server: PrivatePostgres, request: pytest.FixtureRequest) -> str:
    return create_database(server, f"corpus_{request.node.callspec.params['path'].stem}", instead=True)


def _skip_without_extensions(connection: psycopg.Connection[tuple[str]], script: str) -> None:
    """Wheels of PostgreSQL carry no contrib modules."""
    wanted = {each.node["extname"] for each in parse(script) if each.kind == "CreateExtensionStmt"}
    offered = {name for (name,) in connection.execute("SELECT name FROM pg_available_extensions")}
    if not wanted <= offered:
        pytest.skip(f"this server has no {', '.join(sorted(wanted - offered))}")


def _skip_without_icu(connection: psycopg.Connection[tuple[str]], script: str) -> None:
    """Some of these wheels are built without ICU."""
    if (
        "icu" in script.lower()
        and not connection.execute("SELECT FROM pg_collation WHERE collname = 'und-x-icu'").rowcount
    ):
        pytest.skip("this server has no ICU")


# On the other servers each statement is compared at once; on the usual one that takes longer than make test has.
EVERY = [pytest.param(4, id="every fourth"), pytest.param(1, id="each", marks=pytest.mark.long)]


@pytest.mark.parametrize("every", EVERY if servers() == (usual(),) else [1])
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_replay_keeps_step_with_the_server(fresh: str, path: Path, every: int) -> None:
    with psycopg.connect(fresh) as connection:
        script = lines_of_version(path.read_text(), connection.info.server_version)
        _skip_without_extensions(connection, script)
        _skip_without_icu(connection, script)
    wrong = [
        f"line {step.statement.line}: {each}" for step in steps(fresh, script, every=every) for each in step.differences
    ]
    assert wrong == []


def test_the_corpus_is_broad() -> None:
    assert sum(len(parse(script.read_text())) for script in CORPUS) >= 300
