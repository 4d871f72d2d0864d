"""What a script sets for a while stands around what runs between, and nobody is asked whether it ran."""

import pytest

from shared.model.progress import Progress, Ran, StatementProgress, StatementState
from shared.postgres.live import Live
from shared.remedies.remaining import remaining, runnable, unproven
from shared.remedies.running import running

OFF, ON = "ALTER TABLE t DISABLE TRIGGER g", "ALTER TABLE t ENABLE TRIGGER g"
OTHER, ALL_OFF, ALL_ON = ON.replace(" g", " h"), OFF.replace(" g", " ALL"), ON.replace(" g", " ALL")
FREE, TAKEN = "ALTER TABLE t ALTER COLUMN x DROP NOT NULL", "ALTER TABLE t ALTER COLUMN x SET NOT NULL"
WRITE, MORE, MAKE = "UPDATE t SET x = x + 1", "DELETE FROM t WHERE x > 9", "CREATE TABLE u (id int)"
OPEN, NOT_RUN, RAN = Ran.OPEN, Ran.NOT_RUN, Ran.RAN


def of(*statements: tuple[str, Ran]) -> Progress:
    return Progress(
        tuple(
            StatementProgress(
                sql, line, line, line, StatementState.ABSENT if sql == MAKE else StatementState.NO_TRACE, "", ran=ran
            )
            for line, (sql, ran) in enumerate(statements, 1)
        ),
        (),
    )


@pytest.mark.parametrize(
    ("statements", "parts"),
    [
        pytest.param([(OFF, OPEN), (WRITE, OPEN), (ON, OPEN)], [[OFF, WRITE, ON]], id="around a write"),
        pytest.param(
            [(OFF, OPEN), (WRITE, OPEN), (MORE, OPEN), (ON, OPEN)], [[OFF, WRITE, ON], [OFF, MORE, ON]], id="around each"
        ),
        pytest.param([(OFF, OPEN), (WRITE, RAN), (ON, OPEN)], [], id="what is between ran"),
        pytest.param([(OFF, OPEN), (ON, OPEN), (WRITE, OPEN)], [[WRITE]], id="after both"),
        pytest.param(
            [(OFF, OPEN), (WRITE, OPEN), (ON, OPEN), (MORE, OPEN), (OFF, OPEN), (ON, OPEN)],
            [[OFF, WRITE, ON], [ON, MORE, ON]], id="between two: as it is then, and at the end as at the end",
        ),
        pytest.param([(ALL_OFF, OPEN), (WRITE, OPEN), (ALL_ON, OPEN)], [[ALL_OFF, WRITE, ALL_ON]], id="all triggers"),
        pytest.param([(FREE, OPEN), (WRITE, OPEN), (TAKEN, OPEN)], [[FREE, WRITE, TAKEN]], id="a column's NOT NULL"),
        pytest.param([(OFF, OPEN), (WRITE, OPEN), (OTHER, OPEN)], [[OFF], [WRITE], [OTHER]], id="another trigger's end"),
        pytest.param([(OFF, OPEN), (WRITE, OPEN)], [[OFF], [WRITE]], id="without an end"),
        pytest.param([(OFF, NOT_RUN), (WRITE, NOT_RUN), (ON, NOT_RUN)], [[OFF, WRITE, ON]], id="none ran"),
        pytest.param([(OFF, NOT_RUN), (WRITE, RAN), (ON, OPEN)], [[OFF, ON]], id="never without its end"),
        pytest.param(
            [(OFF, OPEN), (MAKE, NOT_RUN), (WRITE, OPEN), (ON, OPEN)], [[OFF, MAKE, ON], [OFF, WRITE, ON]], id="around what is made"
        ),
    ],
)  # fmt: skip
def test_what_is_set_for_a_while_is_run_with_what_needs_it(
    statements: list[tuple[str, Ran]], parts: list[list[str]]
) -> None:
    progress = of(*statements)
    assert [runnable(progress, part) for part in remaining(progress)] == parts


def test_only_what_is_between_is_asked_about() -> None:
    progress = of((OFF, OPEN), (WRITE, OPEN), (ON, OPEN))
    assert [each.sql for each in unproven(progress)] == [WRITE]
    (part,) = remaining(progress)
    *_, step = running(part, progress, Live({}, "public", 16), None)
    assert step.text.startswith("Find out whether line 2 ran already.")
    assert step.text.endswith("Lines 1 and 3 set for a while what is needed for that, and may run again.")
