import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.demo.private_postgres import PrivatePostgres
from tests.remedies.production import Production
from tests.remedies.resident import Engine, resident_engine

# With the CLI in front, every command takes seconds; the engine behind it is the same.
WAYS = {"whole": (False, True), "split": (True, True), "cli": (True, False)}


@pytest.hookimpl(tryfirst=True)  # before markers select
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "engine" in getattr(item, "fixturenames", ()):
            item.add_marker("engine")


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The real engine, from the folder into which `make test-engine` installed it."""
    folder = os.environ.get("ENGINE")
    if not folder:
        pytest.skip("needs Prisma's own engine: make test-engine")
    with resident_engine(Path(folder).resolve()) as engine:
        yield engine


@pytest.fixture
def production(
    engine: Engine, new_database: Callable[..., str], postgres: PrivatePostgres, tmp_path: Path
) -> Callable[..., Production]:
    def make(way: str, schema: str = "public") -> Production:
        splits, alone = WAYS[way]
        made = Production(new_database(), tmp_path, engine, splits, alone, schema)
        made.migrations.mkdir(parents=True, exist_ok=True)
        if schema != "public":
            quoted = schema.replace('"', '""')
            made.sql(f'CREATE SCHEMA IF NOT EXISTS "{quoted}"')
        return made

    return make
