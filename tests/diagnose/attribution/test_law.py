"""Every bracket is true, and the narrowest that the facts allow: random histories on a real server."""

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from shared.demo.private_postgres import PrivatePostgres
from tests.diagnose.attribution.law import RandomHistory, dump_and_load
from tests.postgres.servers import client_program

_FEW, _MANY = 3, 200
# The first of the many: each seed is a history of its own.
_FIRST = int(os.environ.get("SEED", str(_FEW)))


@pytest.fixture
def histories(postgres: PrivatePostgres, new_database: Callable[..., str], tmp_path: Path) -> Callable[[int], None]:
    numbers = count(1)

    def reload(url: str) -> str:
        copy = new_database()
        dump_and_load(Path(client_program("psql", postgres.programs)).parent, url, copy)
        return copy

    def hold(seed: int) -> None:
        folder = tmp_path / f"migrations{next(numbers)}"
        folder.mkdir()
        history = RandomHistory(seed, new_database(), folder, reload)
        assert history.wrong() == [], f"seed {seed}"
        print(
            f"seed {seed}: {history.differences} differences, {history.bounded} bounded, {history.bracketed} bracketed"
        )

    return hold


def test_few(histories: Callable[[int], None]) -> None:
    for seed in range(_FEW):
        histories(seed)


@pytest.mark.long
@pytest.mark.parametrize("first", range(_FIRST, _FIRST + _MANY, 10))
def test_many(histories: Callable[[int], None], first: int) -> None:
    for seed in range(first, first + 10):
        histories(seed)
