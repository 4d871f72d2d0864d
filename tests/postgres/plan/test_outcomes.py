"""Random pending runs over random rows end as predicted: no false failure, none missed, few that are open.

OUTCOMES=2000 of them with `make test-heavy`, from SEED on; it prints what was drawn, and why runs are undecided.
"""

import os
from collections import Counter
from dataclasses import dataclass, field

import psycopg
import pytest

from tests.postgres.plan.outcomes import WRONG, judged

RUNS = 100
MOST_UNDECIDED = 0.1


@dataclass
class Ran:
    """Runs by verdict, statements by kind, failures by SQLSTATE, undecided runs by reason; and each that is wrong."""

    verdicts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = (self.verdicts, self.kinds, self.failures, self.reasons)
        return "\n".join(", ".join(f"{name} {count}" for name, count in each.most_common()) for each in counts)


def ran(url: str, seeds: range) -> Ran:
    found = Ran()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET client_min_messages = error")
        for seed in seeds:
            judgement = judged(connection, seed)
            found.verdicts[judgement.verdict] += 1
            found.kinds.update(judgement.run.kinds)
            found.failures[judgement.actual.sqlstate or "none"] += 1
            if judgement.because is not None:
                found.reasons[judgement.because] += 1
            if judgement.verdict in WRONG:
                found.wrong.append(f"{judgement.verdict}: {judgement.said}")
    return found


def test_a_run_ends_as_predicted(database: str) -> None:
    found = ran(database, range(RUNS))
    assert found.wrong == []
    assert found.verdicts["undecided"] <= RUNS * MOST_UNDECIDED, str(found)


@pytest.mark.heavy
def test_many_runs_end_as_predicted(database: str) -> None:
    runs, seed = int(os.environ.get("OUTCOMES", "2000")), int(os.environ.get("SEED", "0"))
    found = ran(database, range(seed, seed + runs))
    print(found)
    assert found.wrong == []
    assert found.verdicts["undecided"] <= runs * MOST_UNDECIDED, str(found)
