"""What a script makes and removes again: which statements cannot run once what they use may be gone.

The catalog is the same whether both of these ran or neither. A statement between them that did not run can run now only
if neither did.
"""

from collections.abc import Iterator, Mapping, Sequence

from ...model.progress import Removal, StatementState
from ...model.schema import Definition, Subject
from ..parse import Statement
from .evidence import Live, containers
from .ground import Effect
from .made_again import MOVERS, decides_over_rows, named_by
from .steps import CHANGES_ROWS, TRACELESS, ByWords, Step, words
from .verdicts import Verdict

_THERE = (StatementState.PRESENT, StatementState.INVALID)


def removals(
    steps: Sequence[Step], effects: Mapping[int, Effect], verdicts: Mapping[int, Verdict], live: Live
) -> Iterator[tuple[int, Removal]]:
    """By the position of a statement that is not known to have run, the removal of what it uses or removes."""
    using: ByWords[tuple[Removal, int, int, Definition | None]] = ByWords()
    first = len(steps)
    for subject, made, removed in _for_a_while(steps, effects, verdicts, live):
        removal = Removal(subject, steps[made].number, steps[removed].number)
        definition = effects[made].objects[subject][1]
        for named in named_by(subject, definition):
            using.add(named, (removal, made, removed, definition))
        first = min(first, made)
        yield removed, removal
    for at in sorted(each for each in verdicts if each > first):
        verdict, statement, changed = verdicts[at], steps[at].statement, effects[at].objects
        if verdict.state in _THERE or verdict.superseded or verdict.person:
            continue
        for _, (removal, made, removed, definition) in using.mentioned(words(statement)):
            is_between = made < at < removed and removal.subject not in changed
            if is_between and _uses(statement, removal.subject, definition):
                yield at, removal
                break


def _uses(statement: Statement, subject: Subject, definition: Definition | None) -> bool:
    is_change_of_rows = statement.kind in TRACELESS or statement.kind in CHANGES_ROWS
    return decides_over_rows(statement, subject, definition) if is_change_of_rows else True


def _for_a_while(
    steps: Sequence[Step], effects: Mapping[int, Effect], verdicts: Mapping[int, Verdict], live: Live
) -> Iterator[tuple[Subject, int, int]]:
    """What is made at one position and removed at another of the same script, with nothing that shows it."""
    made: dict[Subject, int] = {}
    for at, verdict in sorted(verdicts.items()):
        if verdict.state is not StatementState.NO_TRACE:
            continue
        changed = effects[at].objects
        for subject, (before, after) in changed.items():
            if before is None and after is not None:
                made[subject] = at
            elif after is None and (begun := made.pop(subject, None)) is not None:
                is_whole = changed.keys().isdisjoint(containers(subject))
                is_ended = steps[at].statement.kind not in MOVERS and steps[begun].script == steps[at].script
                if is_whole and is_ended and live.find(subject) is None and live.hidden(subject, before) is None:
                    yield subject, begun, at
