from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from demo.private_postgres import PrivatePostgres
from tests.postgres.servers import servers
from tests.throwaway import create_database, drop_database


@pytest.fixture(scope="session")
def newest_postgres(start_server: Callable[[Path], PrivatePostgres]) -> PrivatePostgres:
    """The newest server that is installed here, or the one that is named: make test-versions."""
    return start_server(servers()[-1])


@pytest.fixture(params=["usual", "newest"])
def any_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database of this test's own, once of the usual server and once of the newest."""
    if request.param == "usual":
        yield request.getfixturevalue("database")
        return
    server: PrivatePostgres = request.getfixturevalue("newest_postgres")
    url = create_database(server, f"newest_{next(_NUMBERS)}")  # it may be the usual server, too
    yield url
    drop_database(server, url)


_NUMBERS = count(1)
