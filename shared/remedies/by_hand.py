"""Before a migration runs again as a whole, a person says whether somebody ran by hand what would not show it."""

from collections.abc import Iterable, Iterator

from ..model.diagnosis import MigrationStanding
from ..model.finding import Step
from ..model.progress import Progress
from .choices import only_if
from .context import RemedyContext
from .lines import numbered
from .remaining import run_by_hand_if_at_all
from .running import whether_it_ran

_MOST_TO_LOOK_AT = 10


def unless_by_hand(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    """The queries and the warning that come before *standing* runs again: its rows must not be changed twice."""
    progress = standing.progress
    if not isinstance(progress, Progress) or not (found := run_by_hand_if_at_all(progress)):
        return
    yield from _queries(standing, context)
    where, they = numbered(progress, found), "any of them" if len(found) > 1 else "it"
    yield Step(
        f"Find out whether somebody ran {where} of {standing.name} by hand: nothing would show it. If {they} ran, do "
        f"not run the migration again as a whole: {'they' if len(found) > 1 else 'it'} would run twice."
    )


def after_a_hand(standing: MigrationStanding, context: RemedyContext, complete: Iterable[Step]) -> Iterator[Step]:
    """The other way, which *complete* is, for a person who knows that somebody ran some of it by hand."""
    progress = standing.progress
    if not isinstance(progress, Progress) or not run_by_hand_if_at_all(progress):
        return
    asked = list(_queries(standing, context))
    yield from only_if("If only some of it ran", (step for step in complete if step not in asked))


def _queries(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    progress = standing.progress
    if isinstance(progress, Progress):
        for each in run_by_hand_if_at_all(progress)[:_MOST_TO_LOOK_AT]:
            if (query := whether_it_ran(each, progress, context.live)) is not None:
                yield query
