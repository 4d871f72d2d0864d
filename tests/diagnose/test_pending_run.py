"""A file that is sent whole is read whole: nothing of it runs where the server cannot read one statement."""

import pytest

from shared.diagnose.plan import Tools, plan_of
from shared.model.release import Migration

BATCH, SPLIT = (6, 19), (7, 10)
TAKEN, READ, MERGED = (
    "CREATE TABLE t (id int)",
    "CREATE TABLE u (id int)",
    "MERGE INTO t USING t AS s ON t.id = s.id WHEN MATCHED THEN DO NOTHING",
)


@pytest.mark.parametrize(
    ("statements", "tools", "expected"),
    [
        pytest.param([TAKEN, MERGED], Tools(15, BATCH), ["42P07", None], id="all is read"),
        pytest.param([TAKEN, MERGED], Tools(14, BATCH), [None, "42601"], id="an older server"),
        pytest.param([READ, MERGED, TAKEN], Tools(14, BATCH), [None, "42601", "42P07"], id="behind it"),
        pytest.param([TAKEN, MERGED], Tools(14, SPLIT), ["42P07", "42601"], id="each by itself"),
        pytest.param([TAKEN, "FROB t"], Tools(15, BATCH), [None, "42601"], id="no statement"),
    ],
)
def test_nothing_runs_of_what_cannot_be_read(statements: list[str], tools: Tools, expected: list[str | None]) -> None:
    script = ";\n".join(statements).encode()
    plan = plan_of([Migration("1", TAKEN.encode())], [Migration("2", script)], "public", tools)
    assert [each.prediction.sqlstate for each in plan.statements] == expected


def test_what_is_spared_says_why() -> None:
    script = f"{TAKEN};\n{MERGED}".encode()
    first, _ = plan_of([], [Migration("1", script)], "public", Tools(14, BATCH)).statements
    assert first.prediction.because == ("it does not run: PostgreSQL 14 cannot read line 2 of the same file",)
    assert first.prediction.effects.locks == {}
