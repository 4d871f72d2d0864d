"""Questions before a migration runs again as a whole: statements that leave no trace may have been run by hand."""

from collections.abc import Iterable, Iterator

from ..model.diagnosis import MigrationStatus
from ..model.finding import Step
from ..model.progress import Progress
from .choices import only_if
from .context import RemedyContext
from .lines import numbered
from .remaining import run_by_hand_if_at_all
from .running import whether_it_ran

_MOST_QUERIES = 10


def unless_by_hand(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    """The queries and the warning that come before *status* runs again: its rows must not be changed twice."""
    progress = status.progress
    if not isinstance(progress, Progress) or not (found := run_by_hand_if_at_all(progress)):
        return
    yield from _queries(status, context)
    where, they = numbered(progress, found), "any of them" if len(found) > 1 else "it"
    yield Step(
        f"Find out whether somebody ran {where} of {status.name} by hand: the database does not show it. If {they} "
        f"ran, do not run the migration again as a whole: {'they' if len(found) > 1 else 'it'} would run twice."
    )


def after_a_hand(status: MigrationStatus, context: RemedyContext, complete: Iterable[Step]) -> Iterator[Step]:
    """The other way, which *complete* is, for a person who knows that somebody ran some of it by hand."""
    progress = status.progress
    if not isinstance(progress, Progress) or not run_by_hand_if_at_all(progress):
        return
    asked = list(_queries(status, context))
    yield from only_if("If only some of its statements ran", (step for step in complete if step not in asked))


def _queries(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    progress = status.progress
    if isinstance(progress, Progress):
        for each in run_by_hand_if_at_all(progress)[:_MOST_QUERIES]:
            if (query := whether_it_ran(each, progress, context.live)) is not None:
                yield query
