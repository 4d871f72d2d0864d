"""Statements that remove what was perhaps never made: that it is missing does not show that anybody ran them.

`DROP … IF EXISTS` does nothing where its object is missing. Where only migrations that were recorded as applied without
being run name the object, it is missing as well if none of them has ever run.
"""

from collections.abc import Iterable, Sequence

from ..model.progress import THERE, Progress, StatementState
from ..model.schema import Subject
from ..model.value import replace
from ..postgres.idempotent import only_removes_if_there
from ..postgres.parse import Statement
from ..postgres.progress.evidence import containers
from ..postgres.progress.ground import Effect
from ..postgres.progress.steps import mentions, words_of
from ..prisma.checksum import text_of

_BECAUSE = "what it removes is missing, and only migrations that were recorded without being run name it"


def without_removed_early(
    progress: Progress, effects: Sequence[Effect], statements: Sequence[Statement], ran: Iterable[bytes]
) -> Progress:
    """Give *progress*, in doubt about what removes such an object, unless something else shows that it was begun.

    *ran* are the scripts that Prisma ran before: what one of them names was there.
    """
    suspects: dict[int, list[Subject]] = {}
    for number, each in enumerate(progress.statements):
        if each.state in THERE:
            suspects[number] = list(_removed(effects[number])) if only_removes_if_there(statements[number]) else []
    if not suspects or not all(suspects.values()):
        return progress
    named = [words_of(text_of(script)) for script in ran]
    if any(mentions(found, subject) for found in named for subjects in suspects.values() for subject in subjects):
        return progress
    statements_now = (
        # It need not run any more, whether it ran or not.
        replace(each, state=StatementState.UNKNOWN, because=_BECAUSE, superseded=True) if number in suspects else each
        for number, each in enumerate(progress.statements)
    )
    return replace(progress, statements=tuple(statements_now))


def _removed(effect: Effect) -> Iterable[Subject]:
    """What it removes; not what goes along with that."""
    gone = {subject for subject, (_, after) in effect.objects.items() if after is None}
    if len(gone) < len(effect.objects):
        return ()
    return (each for each in gone if gone.isdisjoint(containers(each)))
