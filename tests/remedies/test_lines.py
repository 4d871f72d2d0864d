"""How statements are named: each by its line, many by the first and the last of those that follow one another."""

from collections.abc import Sequence

import pytest

from shared.checks.history.effects import evidence, how_far
from shared.model.diagnosis import MigrationStatus, State
from shared.model.progress import Progress, StatementProgress, StatementState
from shared.remedies.lines import numbered


def progress(count: int, *, present: int = 0, one_line: bool = False) -> Progress:
    return Progress(
        tuple(
            StatementProgress(
                f"ALTER TABLE t ADD COLUMN c{n} int",
                1 if one_line else n + 1,
                n,
                n + 1,
                StatementState.PRESENT if n < present else StatementState.ABSENT,
                "",
            )
            for n in range(count)
        ),
        (),
    )


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        pytest.param([4], "line 5", id="one"),
        pytest.param([1, 2, 3, 7], "lines 2, 3, 4 and 8", id="a few that follow one another"),
        pytest.param(range(1000), "lines 1 to 1000", id="all"),
        pytest.param([*range(500), 600, *range(700, 702)], "lines 1 to 500, 601 and 701 to 702", id="with gaps"),
        pytest.param(
            range(0, 1000, 2), f"lines {', '.join(str(n) for n in range(1, 41, 2))} and 480 more", id="one in two"
        ),
    ],
)
def test_lines(places: Sequence[int], expected: str) -> None:
    of = progress(1000)
    assert numbered(of, [of.statements[n] for n in places]) == expected


def test_many_statements_in_one_line_are_named_by_how_they_begin() -> None:
    of = progress(3000, one_line=True)
    assert numbered(of, of.statements) == (
        "lines 1 (ALTER TABLE t ADD COLUMN c0 int) to 1 (ALTER TABLE t ADD COLUMN c2999 int)"
    )


def test_the_one_that_failed_is_in_the_evidence_wherever_it_is() -> None:
    status = MigrationStatus("1_a", State.FAILED, None, None, progress=progress(3000, present=2500), failing=(2500,))
    found = evidence(status)
    statements = found["statements"]
    assert isinstance(statements, list)
    assert found["statements_left_out"] == 2800
    assert [each["line"] for each in statements if isinstance(each, dict)] == [*range(2501, 2701)]
    assert [each.get("failing") for each in statements[:2] if isinstance(each, dict)] == [True, None]
    assert how_far(status).startswith(
        "2500 of its 3000 statements were applied (lines 1 to 2500), and 500 were not (lines 2501 to 3000)"
    )
