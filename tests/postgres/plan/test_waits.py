"""What CONCURRENTLY waits for: as it was observed, on every version; observed again on the server here."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.model.plan import Outcome
from shared.postgres.parse import read
from shared.postgres.plan.concurrently import Waits, waits_of
from shared.postgres.plan.footprint import Circumstances
from tests.postgres.plan.observe_waits import CASES, SETUP, all_observed
from tests.postgres.plan.run import predictions
from tests.postgres.servers import servers, version

LINES = [
    line.split("\t")
    for line in (Path(__file__).parent / "waits.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
# Which of the waits each context meets.
MEETS = {
    "a query that waits for an advisory lock": {Waits.SNAPSHOTS},
    "a snapshot kept, of no table": {Waits.SNAPSHOTS},
    "a snapshot kept, in another database": set[Waits](),
    "idle in transaction, has read the table": {Waits.USERS},
    "idle in transaction, has written the table": {Waits.USERS, Waits.WRITERS},
    "idle in transaction, has read another table": set[Waits](),
    "idle in transaction, has written another table": set[Waits](),
}


@pytest.mark.parametrize(("versions", "sql", "context", "seen"), LINES, ids=lambda text: text)
def test_what_was_observed_is_predicted(versions: str, sql: str, context: str, seen: str) -> None:
    (statement,) = read(sql)
    assert versions in ("13-18", "14-18")
    assert bool(waits_of(statement) & MEETS[context]) == (seen != "no")
    deadlocks = Waits.SNAPSHOTS in waits_of(statement) and context.startswith("a query")
    assert deadlocks == (seen == "deadlock")


@pytest.mark.parametrize("sql", dict.fromkeys(line[1] for line in LINES))
@pytest.mark.parametrize("twice", [True, False], ids=["two processes", "one process"])
def test_two_processes_deadlock_where_the_statement_waits_for_snapshots(sql: str, twice: bool) -> None:
    seen = {line[3] for line in LINES if line[1] == sql}
    circumstances = Circumstances(17, may_run_twice=twice)
    ((statement, prediction),) = predictions(list(read(sql)), circumstances, list(read(SETUP)))
    # Duplicates come first: they fail a unique index in any session.
    if statement.node.get("unique"):
        assert (prediction.outcome, prediction.sqlstate) == (Outcome.DEPENDS, "23505")
        assert any("40P01" in each for each in prediction.because) == twice
    elif twice and "deadlock" in seen:
        assert (prediction.outcome, prediction.sqlstate) == (Outcome.DEPENDS, "40P01")
    else:
        assert (prediction.outcome, prediction.sqlstate) == (Outcome.OK, None)


@pytest.fixture(scope="module", params=servers(), ids=version)
def server(request: pytest.FixtureRequest, start_server: Callable[[Path], PrivatePostgres]) -> PrivatePostgres:
    return start_server(request.param)


@pytest.mark.parametrize(
    "one_in", [pytest.param(3, id="every third"), pytest.param(1, id="all", marks=pytest.mark.long)]
)
def test_the_servers_here_do_what_was_observed(server: PrivatePostgres, one_in: int) -> None:
    with psycopg.connect(server.url()) as connection:
        major = connection.info.server_version // 10000
    expected = {(sql, context): seen for versions, sql, context, seen in LINES if int(versions[:2]) <= major}
    found = {(sql, context): seen for _, sql, context, seen in all_observed(server, one_in)}
    assert found == {each: expected[each] for each in found}
    assert len(found) == len(range(0, len(expected), one_in))
    assert len(expected) == len(CASES) * len({sql for sql, _ in expected})
