"""A plan says of a random pending run what Prisma's own engine then does with it, whole and statement by statement.

tests/postgres/plan/test_outcomes.py compares more of them without the engine; OUTCOMES=2000 by the engine with
`make test-heavy`, from SEED on.
"""

import os
from pathlib import Path

import pytest

from tests.postgres.plan.outcomes import counted
from tests.remedies.deployments import PrismaDeployment
from tests.remedies.resident import Engine

RUNS = 60
MOST_UNDECIDED = 0.1


def test_prisma_ends_as_predicted(engine: Engine, database: str, tmp_path: Path) -> None:
    _holds(engine, database, tmp_path, range(RUNS))


@pytest.mark.heavy
def test_prisma_ends_as_predicted_many_times(engine: Engine, database: str, tmp_path: Path) -> None:
    runs, seed = int(os.environ.get("OUTCOMES", "2000")) // 4, int(os.environ.get("SEED", "0"))
    _holds(engine, database, tmp_path, range(seed, seed + runs))


def _holds(engine: Engine, url: str, folder: Path, seeds: range) -> None:
    found = counted(url, seeds, PrismaDeployment(engine, url, folder))
    print(found)
    assert found.wrong == []
    assert found.verdicts["undecided"] <= len(seeds) * MOST_UNDECIDED, str(found)
