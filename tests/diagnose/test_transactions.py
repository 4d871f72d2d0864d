"""Which statements of a file commit together, by the way in which Prisma runs it."""

import pytest

from shared.diagnose.transactions import spans
from shared.postgres.parse import read
from shared.postgres.plan.durations import Span
from shared.prisma.execution import Execution


@pytest.mark.parametrize(
    ("script", "way", "expected"),
    [
        pytest.param("", Execution.BATCH, [], id="nothing"),
        pytest.param("SELECT 1; SELECT 2", Execution.SPLIT, [(0, 0), (1, 1)], id="each by itself"),
        pytest.param("SELECT 1; SELECT 2", Execution.BATCH, [(1, 1), (1, 1)], id="one batch"),
        pytest.param("SELECT 1; SELECT 2", Execution.EITHER, [(0, 1), (1, 1)], id="not known"),
        pytest.param(
            "SELECT 1; BEGIN; SELECT 2; COMMIT; SELECT 3", Execution.SPLIT, [(0, 0), (3, 3), (3, 3), (3, 3), (4, 4)],
            id="a transaction of its own",
        ),
        pytest.param(
            "SELECT 1; BEGIN; SELECT 2; COMMIT; SELECT 3; SELECT 4", Execution.BATCH,
            [(3, 3), (3, 3), (3, 3), (3, 3), (5, 5), (5, 5)], id="a batch with a COMMIT",
        ),
        pytest.param(
            "SELECT 1; BEGIN; SELECT 2; COMMIT; SELECT 3; SELECT 4", Execution.EITHER,
            [(0, 3), (3, 3), (3, 3), (3, 3), (4, 5), (5, 5)], id="not known, with a COMMIT",
        ),
        pytest.param("BEGIN; SELECT 1; SELECT 2", Execution.SPLIT, [(2, 2), (2, 2), (2, 2)], id="a BEGIN without end"),
    ],
)  # fmt: skip
def test_the_last_statement_that_commits_with_each(
    script: str, way: Execution, expected: list[tuple[int, int]]
) -> None:
    assert spans(list(read(script)), way) == [Span(*each) for each in expected]
