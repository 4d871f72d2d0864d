"""A change of rows that did not run, where a later one of its file did: it may undo that, or find its rows changed."""

from collections.abc import Sequence
from functools import cached_property

from ..model.progress import Progress, Ran, StatementProgress
from ..postgres.reading_again import read_again
from ..postgres.write_order import Writing, writing
from .lines import numbered


class WriteOrder:
    """Those statements of a script that change rows and may have run."""

    def __init__(self, progress: Progress) -> None:
        self._script = progress.statements

    @cached_property
    def _written(self) -> list[tuple[StatementProgress, Writing]]:
        """Read when a statement is first asked about: each is parsed for it."""
        may_have_run = (
            each for each in self._script if each.ran is not Ran.NOT_RUN and not (each.of_session or each.superseded)
        )
        return [(each, found) for each in may_have_run if (found := _writing(each)) is not None]

    def later(self, statement: StatementProgress) -> list[StatementProgress]:
        """Those before which *statement* was to run."""
        if not self._written or (first := _writing(statement)) is None:
            return []
        after = ((each, found) for each, found in self._written if each.start > statement.start)
        return [each for each, found in after if first.must_come_before(found)]


def not_after(
    part: Sequence[StatementProgress], later: Sequence[StatementProgress], progress: Progress, *, certain: bool
) -> str:
    """Say of *part*, which did not run for *certain* or is asked about, that it must not after one of the *later*."""
    if not later:
        return ""
    it = "them" if len(part) > 1 else "it"
    which, where = numbered(progress, part), numbered(progress, later)
    others, they, were = (f"one of {where}", "they work", "were") if len(later) > 1 else (where, "it works", "was")
    when = f"If {others} did" if certain else f"If {which} did not run but {others} did"
    return (
        f" {when}, do not run {it} as written, and do by hand what is left of both: {they} on the same rows, and "
        f"{were} to come after {it}."
    )


def _writing(statement: StatementProgress) -> Writing | None:
    return next((found for each in read_again(statement) if (found := writing(each)) is not None), None)
