"""A default that was set before the type that it is of: PostgreSQL refuses the type, unless the default goes first."""

import pytest

from shared.model.progress import Progress, StatementProgress, StatementState
from shared.postgres.live import Live
from shared.remedies.remaining import Part, runnable
from shared.remedies.running import running

TYPE = 'ALTER TABLE "T" ALTER COLUMN e TYPE "S" USING e::"S"'
DEFAULT = "ALTER TABLE \"T\" ALTER COLUMN e SET DEFAULT 'A'"
PRESENT, ABSENT = StatementState.PRESENT, StatementState.ABSENT


def of(*statements: tuple[str, StatementState]) -> Progress:
    return Progress(
        tuple(StatementProgress(sql, line, line, line, state, "") for line, (sql, state) in enumerate(statements, 1)),
        (),
    )


@pytest.mark.parametrize(
    ("first", "second", "around"),
    [
        pytest.param((TYPE, ABSENT), (DEFAULT, PRESENT), True, id="set since"),
        pytest.param((TYPE, ABSENT), (DEFAULT, ABSENT), False, id="not set yet"),
        pytest.param((TYPE, ABSENT), (DEFAULT.replace(" e ", " f "), PRESENT), False, id="another column's"),
        pytest.param((TYPE, ABSENT), (DEFAULT.replace('"T"', '"U"'), PRESENT), False, id="another table's"),
        pytest.param((DEFAULT, PRESENT), (TYPE, ABSENT), False, id="set before, as in the file"),
    ],
)
def test_a_type_is_changed_without_the_default_that_was_set_since(
    first: tuple[str, StatementState], second: tuple[str, StatementState], around: bool
) -> None:
    progress = of(first, second)
    missing = next(each for each in progress.statements if each.sql == TYPE)
    part = Part((missing,), certain=True)
    dropped = 'ALTER TABLE "T" ALTER COLUMN e DROP DEFAULT'
    assert runnable(progress, part) == ([dropped, TYPE, DEFAULT] if around else [TYPE])
    (step,) = running(part, progress, Live({}, "public", 16), None)
    assert ("The default that line 2 set is dropped first" in step.text) is around
