"""Random pending runs over random rows end as predicted: no false failure, none missed, few that are open.

OUTCOMES=2000 of them with `make test-heavy`, from SEED on.
"""

import os
from collections import Counter

import psycopg
import pytest

from tests.postgres.plan.outcomes import judged

RUNS = 60
MOST_UNDECIDED = 0.25


def ran(url: str, seeds: range) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    wrong = []
    with psycopg.connect(url, autocommit=True) as connection:
        for seed in seeds:
            verdict, said = judged(connection, seed)
            counts[verdict] += 1
            if verdict in ("false failure", "missed"):
                wrong.append(f"{verdict}: {said}")
    return counts, wrong


def test_a_run_ends_as_predicted(database: str) -> None:
    counts, wrong = ran(database, range(RUNS))
    assert wrong == []
    assert counts["undecided"] <= RUNS * MOST_UNDECIDED, counts


@pytest.mark.heavy
def test_many_runs_end_as_predicted(database: str) -> None:
    runs, seed = int(os.environ.get("OUTCOMES", "2000")), int(os.environ.get("SEED", "0"))
    counts, wrong = ran(database, range(seed, seed + runs))
    assert wrong == []
    assert counts["undecided"] <= runs * MOST_UNDECIDED, counts
