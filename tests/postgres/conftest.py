from collections.abc import Callable
from itertools import count
from pathlib import Path

import psycopg
import pytest

from demo.private_postgres import PrivatePostgres
from tests.postgres.servers import servers


@pytest.fixture(scope="session")
def newest_postgres(start_server: Callable[[Path], PrivatePostgres]) -> PrivatePostgres:
    """The newest server that is installed here, or the one that is named: make test-versions."""
    return start_server(servers()[-1])


@pytest.fixture(params=["usual", "newest"])
def any_database(request: pytest.FixtureRequest, new_database: Callable[..., str]) -> str:
    """The URL of an empty database, once of the usual server and once of the newest."""
    if request.param == "usual":
        return new_database()
    server: PrivatePostgres = request.getfixturevalue("newest_postgres")
    name = f"newest_{next(_NUMBERS)}"  # it may be the usual server, too
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    return server.url(name)


_NUMBERS = count(1)
