"""What a script makes and removes again: which statements cannot run once what they use may be gone.

The catalog is the same whether both of these ran or neither. A statement between them that did not run can run now only
if neither did.
"""

from collections.abc import Iterator, Sequence

from ...model.progress import THERE, Progress, Removal, StatementProgress, StatementState
from ...model.schema import Definition, Subject
from ...model.value import replace
from ..parse import Statement
from .evidence import Live, containers
from .ground import Effect
from .made_again import MOVERS, decides_over_rows, named_by
from .steps import CHANGES_ROWS, TRACELESS, ByWords, words


def with_removals(
    progress: Progress, statements: Sequence[Statement], effects: Sequence[Effect], live: Live
) -> Progress:
    """The *progress* of a script, with what may have removed what a statement uses."""
    removals = dict(_removals(progress, statements, effects, live))
    if not removals:
        return progress
    found = (replace(each, removal=removals.get(number)) for number, each in enumerate(progress.statements))
    return replace(progress, statements=tuple(found))


def _removals(
    progress: Progress, statements: Sequence[Statement], effects: Sequence[Effect], live: Live
) -> Iterator[tuple[int, Removal]]:
    """By the number of a statement that is not known to have run, the removal of what it uses or removes."""
    using: ByWords[tuple[Removal, Definition | None]] = ByWords()
    first = len(statements)
    for removal in _for_a_while(progress, statements, effects, live):
        definition = effects[removal.made].objects[removal.subject][1]
        for named in named_by(removal.subject, definition):
            using.add(named, (removal, definition))
        first = min(first, removal.made)
        yield removal.removed, removal
    for number in range(first + 1, len(statements)):
        if not _is_open(progress.statements[number]):
            continue
        statement, changed = statements[number], effects[number].objects
        for _, (removal, definition) in using.mentioned(words(statement)):
            is_between = removal.made < number < removal.removed and removal.subject not in changed
            if is_between and _uses(statement, removal.subject, definition):
                yield number, removal
                break


def _is_open(statement: StatementProgress) -> bool:
    return not (statement.state in THERE or statement.superseded or statement.person)


def _uses(statement: Statement, subject: Subject, definition: Definition | None) -> bool:
    is_change_of_rows = statement.kind in TRACELESS or statement.kind in CHANGES_ROWS
    return decides_over_rows(statement, subject, definition) if is_change_of_rows else True


def _for_a_while(
    progress: Progress, statements: Sequence[Statement], effects: Sequence[Effect], live: Live
) -> Iterator[Removal]:
    """What is made by one statement and removed by another, with nothing that shows either."""
    made: dict[Subject, int] = {}
    for number, each in enumerate(progress.statements):
        if each.state is not StatementState.NO_TRACE:
            continue
        changed = effects[number].objects
        for subject, (before, after) in changed.items():
            if before is None and after is not None:
                made[subject] = number
            elif after is None and (begun := made.pop(subject, None)) is not None:
                is_whole = changed.keys().isdisjoint(containers(subject))
                if is_whole and not live.may_exist(subject, before) and statements[number].kind not in MOVERS:
                    yield Removal(subject, begun, number)
