"""Which statements are asked about together: never those that Prisma may have run with those that it did not run."""

import pytest

from shared.model.progress import Progress, Ran, StatementProgress, StatementState
from shared.remedies.remaining import remaining


def progress(asked: str) -> Progress:
    """A script of changes of rows: ``.`` Prisma may have run, ``h`` only a person may have run, ``n`` did not run."""
    statements = []
    for line, each in enumerate(asked, 1):
        sql = f"UPDATE t SET n = n + {line};"
        state = StatementState.ABSENT if each == "n" else StatementState.NO_TRACE
        ran = Ran.NOT_RUN if each == "n" else Ran.OPEN
        statements.append(StatementProgress(sql, line, line, line + 1, state, "", ran=ran, by_hand=each == "h"))
    return Progress(tuple(statements), ())


@pytest.mark.parametrize(
    ("asked", "together"),
    [
        pytest.param(".h", [".", "h"], id="two"),
        pytest.param("....." "hhn", [*".....hh", "n"], id="as many as can be answered one by one"),
        pytest.param("." * 9 + "h" * 4 + "nn", ["." * 9, "h" * 4, "nn"], id="too many"),
        pytest.param("." * 13, ["." * 13], id="too many of one kind"),
    ],
)  # fmt: skip
def test_one_question_is_about_statements_that_ran_alike(asked: str, together: list[str]) -> None:
    parts = remaining(progress(asked))
    assert ["".join(asked[each.line - 1] for each in part.statements) for part in parts] == together
