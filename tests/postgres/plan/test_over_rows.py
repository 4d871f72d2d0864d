"""Every statement that was observed over rows ends as predicted: from the live catalog, the analyser and the probes.

The whole file runs over one database and one connection. `make test-versions` runs it on each version.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg
import pytest

from shared.model.plan import Outcome, Prediction
from shared.postgres.parse import read
from tests.postgres.plan.over_rows import FOLDER, SETUP, Case, Database, cases, verdict
from tests.postgres.servers import usual_major
from tests.tables import hold

# By statement, why nobody can predict how it ends.
UNDECIDED = dict(
    line.split("\t")
    for line in (FOLDER / "failures_undecided.tsv").read_text().splitlines()
    if not line.startswith("#")
)


@pytest.fixture(scope="module")
def filled(new_database: Callable[..., str]) -> Iterator[Database]:
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        yield Database(connection, SETUP)


def found(database: Database, case: Case) -> list[Prediction]:
    """What is predicted, up to the statement that does not certainly run."""
    script = [statement for part in case.sql.split(" ;; ") for statement in read(part)]
    predictions = []
    for each in database.predicted(script, in_block=not case.is_alone):
        predictions.append(each)
        if each.outcome is not Outcome.OK:
            break
    return predictions


def test_what_was_observed_over_rows_is_predicted(filled: Database) -> None:
    hold(partial(as_predicted, filled), cases(usual_major()), lambda case: case.sql)


def as_predicted(filled: Database, case: Case) -> None:
    predictions = found(filled, case)
    outcome, sqlstate, step = verdict(predictions)
    if case.sql in UNDECIDED:
        assert outcome in ("depends", "unknown")
    elif case.sqlstate is None:
        assert (outcome, sqlstate) == ("ok", None)
    else:
        may_be = {sqlstate} | filled.holding(predictions[-1]) if outcome == "fails" else set[Any]()
        assert (outcome, case.sqlstate in may_be, case.step in (0, step)) == ("fails", True, True)
