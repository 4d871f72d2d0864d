"""Runs of thousands of statements: no question to the server may grow with all that ran before."""

from collections.abc import Sequence

import pytest

from shared.diagnose.pending_run import PendingRun, Tools
from shared.model.plan import Condition
from shared.postgres.parse import read
from shared.postgres.plan.present import as_made
from shared.postgres.replay import Replay

COPIES = 40
TABLES = "".join(f"CREATE TABLE t{n} (id int PRIMARY KEY, a int NOT NULL);" for n in range(COPIES))
BY_RANGE = "CREATE TABLE p (a int PRIMARY KEY) PARTITION BY RANGE (a);"


def conditions(before: str, run: str) -> list[Sequence[Condition]]:
    """What is asked of the rows for each statement of *run*."""
    replay = Replay()
    replay.run_all(list(read(before)))
    planned = PendingRun(replay, as_made(replay), Tools(17)).plan("1", list(read(run)))
    return [each.prediction.conditions for each in planned]


def longest(found: Sequence[Condition]) -> int:
    return max((len(each.probe.sql) for each in found if each.probe is not None), default=0)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t{n} SELECT id, a FROM t{m};",
        "UPDATE t{n} SET a = t{m}.a FROM t{m} WHERE t{m}.id = t{n}.id;",
        "MERGE INTO t{n} USING t{m} ON t{m}.id = t{n}.id WHEN MATCHED THEN UPDATE SET a = t{m}.a;",
    ],
)
def test_rows_taken_from_table_to_table_are_followed_so_many_times(statement: str) -> None:
    """What each table holds is a query around what the one before it holds."""
    found = conditions(TABLES, "".join(statement.format(n=n, m=n - 1) for n in range(1, COPIES)))
    assert longest(found[10]) > longest(found[1]) > 0
    assert max(map(longest, found)) < 20 * longest(found[1])
    assert found[-1]
    assert [each.probe for each in found[-1]] == [None] * len(found[-1])


def test_bounds_of_a_new_partition_are_compared_with_those_of_hundreds_of_others() -> None:
    def partitions(count: int) -> str:
        return "".join(f"CREATE TABLE p{n} PARTITION OF p FOR VALUES FROM ({n}) TO ({n + 1});" for n in range(count))

    new = "CREATE TABLE new PARTITION OF p FOR VALUES FROM (9000) TO (9001);"
    (few,), (many,) = conditions(BY_RANGE + partitions(3), new), conditions(BY_RANGE + partitions(501), new)
    assert [(each.sqlstate, each.probe is None) for each in (*few, *many)] == [("42P17", False), ("42P17", True)]
