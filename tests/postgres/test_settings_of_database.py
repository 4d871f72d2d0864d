"""Settings of a database and of roles: the replay keeps step with the server, whatever the database is called by."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shared.demo.private_postgres import PrivatePostgres
from tests.postgres.lockstep import steps
from tests.postgres.servers import servers, version
from tests.throwaway import create_database

SCRIPT = (Path(__file__).parent / "settings.sql").read_text()


@pytest.fixture(scope="module", params=servers(), ids=version)
def server(request: pytest.FixtureRequest, start_server: Callable[[Path], PrivatePostgres]) -> PrivatePostgres:
    return start_server(request.param)


def test_replay_keeps_step_with_the_server(server: PrivatePostgres) -> None:
    url = create_database(server, "the_settings", instead=True)
    assert [f"line {each.statement.line}: {what}" for each in steps(url, SCRIPT) for what in each.differences] == []
