"""Random pending runs over random rows end as predicted: no false failure, none missed, few that are open.

OUTCOMES=2000 of them with `make test-heavy`, from SEED on; it prints what was drawn, and why runs are undecided. Prisma's
own engine runs a part of them: tests/remedies/test_outcomes.py.
"""

import os

import pytest

from tests.postgres.plan.outcomes import counted

RUNS = 40
MOST_UNDECIDED = 0.1


def test_a_run_ends_as_predicted(database: str) -> None:
    found = counted(database, range(RUNS))
    assert found.wrong == []
    assert found.verdicts["undecided"] <= RUNS * MOST_UNDECIDED, str(found)


@pytest.mark.heavy
def test_many_runs_end_as_predicted(database: str) -> None:
    runs, seed = int(os.environ.get("OUTCOMES", "2000")), int(os.environ.get("SEED", "0"))
    found = counted(database, range(seed, seed + runs))
    print(found)
    assert found.wrong == []
    assert found.verdicts["undecided"] <= runs * MOST_UNDECIDED, str(found)
