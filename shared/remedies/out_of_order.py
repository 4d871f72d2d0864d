"""A change of rows that did not run, where a later one of its file did: it may undo that, or find its rows changed."""

from collections.abc import Iterator, Sequence

from ..model.progress import Progress, Ran, StatementProgress
from ..postgres.reading_again import read_again
from ..postgres.write_order import Writing, writing
from .lines import numbered


def not_after(part: Sequence[StatementProgress], progress: Progress) -> str:
    """Say for the one statement of *part*, which a person is asked about, after which others it must not run."""
    if len(part) != 1:
        return ""
    (statement,) = part
    if not (later := list(_later(statement, progress))):
        return ""
    which, where = numbered(progress, [statement]), numbered(progress, later)
    others, they, were = (f"one of {where}", "they work", "were") if len(later) > 1 else (where, "it works", "was")
    return (
        f" If {which} did not run but {others} did, do not run it as written, and do by hand what is left of both: "
        f"{they} on the same rows, and {were} to come after it."
    )


def _later(statement: StatementProgress, progress: Progress) -> Iterator[StatementProgress]:
    if (first := _writing(statement)) is None:
        return
    for other in progress.statements:
        may_have_run = other.ran is not Ran.NOT_RUN and not (other.of_session or other.superseded)
        if other.start > statement.start and may_have_run:
            later = _writing(other)
            if later is not None and first.must_come_before(later):
                yield other


def _writing(statement: StatementProgress) -> Writing | None:
    return next((found for each in read_again(statement) if (found := writing(each)) is not None), None)
