from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from shared.demo.private_postgres import PrivatePostgres
from tests.postgres.servers import servers, version
from tests.throwaway import create_database, drop_database


@pytest.fixture(params=servers(), ids=version)
def any_database(request: pytest.FixtureRequest, start_server: Callable[[Path], PrivatePostgres]) -> Iterator[str]:
    """The URL of an empty database of this test's own, on each server of `servers`."""
    server = start_server(request.param)
    url = create_database(server, f"any_{next(_NUMBERS)}")
    yield url
    drop_database(server, url)


_NUMBERS = count(1)
