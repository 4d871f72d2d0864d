"""A statement that could not be parsed is printed, and never parsed again: to try may end the process."""

import pytest

from shared.model.progress import Progress, Ran, StatementProgress, StatementState
from shared.model.recorded_error import RecordedError
from shared.postgres import library
from shared.postgres.live import Live
from shared.remedies.in_the_way import rows_in_the_way
from shared.remedies.remaining import Part
from shared.remedies.running import running

UNREAD = "CREATE TYPE e AS ENUM ('a') BEYOND ANY GRAMMAR"
LIVE = Live({}, "public", 16)


def statement(sql: str, line: int, *, parsed: bool) -> StatementProgress:
    return StatementProgress(sql, line, line, line, StatementState.ABSENT, "", ran=Ran.NOT_RUN, parsed=parsed)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> tuple[StatementProgress, ...]:
    called = library.call

    def refusing(function: str, script: bytes) -> bytes:
        assert UNREAD.encode() not in script, "it is parsed again"
        return called(function, script)

    monkeypatch.setattr(library, "call", refusing)
    return statement(UNREAD, 1, parsed=False), statement("ALTER TABLE t ADD UNIQUE (c)", 2, parsed=True)


@pytest.mark.parametrize("count", [1, 2])
def test_it_is_printed_as_one_that_may_block_others(statements: tuple[StatementProgress, ...], count: int) -> None:
    part = Part(statements[:count], certain=True)
    (step,) = running(part, Progress(statements, (0,)), LIVE, None)
    assert step.command is not None
    assert f"SET LOCAL lock_timeout = '3s';\n{UNREAD};" in step.command


def test_nor_is_it_where_rows_in_the_way_are_looked_for(statements: tuple[StatementProgress, ...]) -> None:
    error = RecordedError("could not create unique index", "23505", table="t", constraint="t_c_key")
    (step,) = rows_in_the_way(statements, statements, error, LIVE, "Check the rows.")
    assert step.command is not None
    assert "GROUP BY c" in step.command
