"""What proves that a statement ran which leaves no trace in the catalog: a row of the history, and how it was run.

A row says how the attempt ended, the kind of execution says after which statements it can have ended, and the traces of
the other statements say after which of those it did. Where every end that is left agrees, that is proof. Effects that
no end explains are a repair by hand: only what shows of it is known, everything else is open then.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto

from ..model.progress import Effects, Progress, Ran, StatementProgress, StatementState
from ..model.value import dataclass
from .execution import Execution


class End(Enum):
    """How the attempt ended, by its row."""

    ERROR = auto()  # a server's error is in its logs
    SILENT = auto()  # no error: it was killed, or its end was never noted
    UNREADABLE = auto()  # the logs may not be read
    FINISHED = auto()  # Prisma ran all of it
    RECORDED = auto()  # `migrate resolve --applied`: Prisma ran nothing


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row of the history, of a migration that the history does not call applied.

    *same_file*: it is the release's file that was run. *failed_at* has the numbers of the statements that the recorded
    error can have come from, none where it points nowhere. *is_rolled_back*: a person
    marked the row as rolled back. *is_only*: no other attempt is recorded.
    """

    end: End
    same_file: bool = True
    failed_at: tuple[int, ...] = ()
    is_rolled_back: bool = False
    is_only: bool = True


# After how many statements an attempt can have ended; those stay.
_Ends = frozenset[int]
_OPENING, _CLOSING, _UNDOING = {"BEGIN", "START"}, {"COMMIT", "END"}, {"ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}
_NOT_APPLIED = (StatementState.ABSENT, StatementState.INVALID)


def proven(progress: Progress, execution: Execution, attempt: Attempt) -> tuple[Ran, ...]:
    """Say of each statement whether it ran: by its own trace, else by what the *attempt* proves."""
    if attempt.end is End.FINISHED:
        everything = Ran.RAN if attempt.same_file and _nothing_is_missing(progress) else Ran.OPEN
        return _with_traces(progress, [everything] * len(progress.statements))
    if attempt.end is End.RECORDED or not attempt.same_file or _rolls_back(progress.statements):
        return _with_traces(progress, [Ran.OPEN] * len(progress.statements))
    ways = [
        _in_one_way(progress, kind, attempt, is_error=is_error)
        for kind in _kinds(execution)
        for is_error in _errors(attempt.end)
    ]
    agreed = [said[0] if len(set(said)) == 1 else Ran.OPEN for said in zip(*ways, strict=True)]
    return _with_traces(progress, agreed)


def proven_without_row(progress: Progress, *, overtaken: bool) -> tuple[Ran, ...]:
    """The same for a migration that the history does not know.

    It has not run unless the catalog shows some of it; then somebody was at work, and the rest is open. Where nothing
    could show it, that is no proof if a later migration was deployed (*overtaken*).
    """
    shown = progress.effects in (Effects.SOME, Effects.ALL)
    unclear = any(each.state is StatementState.UNKNOWN for each in progress.statements)
    could_show = progress.effects is Effects.NONE
    rest = Ran.OPEN if shown or unclear or (overtaken and not could_show) else Ran.NOT_RUN
    return _with_traces(progress, [rest] * len(progress.statements))


def _with_traces(progress: Progress, rest: Iterable[Ran]) -> tuple[Ran, ...]:
    """What shows decides before what is inferred.

    What later statements have replaced or removed may have run by hand before these did.
    """
    shown = {StatementState.PRESENT: Ran.RAN, StatementState.ABSENT: Ran.NOT_RUN, StatementState.INVALID: Ran.NOT_RUN}
    return tuple(
        Ran.OPEN if each.superseded and said is Ran.NOT_RUN else shown.get(each.state, said)
        for each, said in zip(progress.statements, rest, strict=True)
    )


def _nothing_is_missing(progress: Progress) -> bool:
    return all(each.state not in (*_NOT_APPLIED, StatementState.UNKNOWN) for each in progress.statements)


def _kinds(execution: Execution) -> tuple[Execution, ...]:
    return (Execution.SPLIT, Execution.BATCH) if execution is Execution.EITHER else (execution,)


def _errors(end: End) -> tuple[bool, ...]:
    return {End.ERROR: (True,), End.SILENT: (False,)}.get(end, (True, False))


def _ends(statements: Sequence[StatementProgress], kind: Execution, stops: Iterable[int]) -> _Ends:
    """How many statements can have been committed when the attempt ended: it had run as many as *stops* say."""
    committed = list(_committed(statements, kind))
    return frozenset(committed[stop] for stop in stops)


def _committed(statements: Sequence[StatementProgress], kind: Execution) -> Iterator[int]:
    """How many statements are committed once 0, 1, 2 … of them have run."""
    committed, is_open = 0, kind is Execution.BATCH
    yield 0
    for count, statement in enumerate(statements, 1):
        word = statement.word
        if word in _OPENING:
            is_open = True
        elif word in _CLOSING:
            committed, is_open = count, kind is Execution.BATCH
        if not is_open or count == len(statements):
            committed = count
        yield committed


def _in_one_way(progress: Progress, kind: Execution, attempt: Attempt, *, is_error: bool) -> list[Ran]:
    """What follows if the file was run as *kind* says."""
    statements = progress.statements
    whole = len(statements)
    any_stop = range(whole if is_error else whole + 1)
    ends = _ends(statements, kind, (is_error and attempt.failed_at) or any_stop)
    by_itself = ends.intersection(progress.prefixes)
    if whole in by_itself:
        # All of it, and no end was noted: it may as well have been completed by hand.
        return [Ran.OPEN] * whole
    if by_itself:
        said = [_agreed(number, by_itself) for number in range(whole)]
        # Effects that were undone by hand make a later end look like an earlier one.
        is_doubtful = not attempt.is_only or (attempt.is_rolled_back and not attempt.failed_at)
        # Where nothing that shows is missing, a hand may have run all the rest.
        if _nothing_is_missing(progress) or (is_doubtful and _ends(statements, kind, any_stop) != {0}):
            return [Ran.OPEN if each is Ran.NOT_RUN else each for each in said]
        return said
    # Nothing explains it but a hand that went on. What is missing is where the attempt cannot have been.
    gone = min((number for number, each in enumerate(statements) if each.state in _NOT_APPLIED), default=whole)
    least = min((end for end in ends if end <= gone), default=0)
    return [Ran.RAN if number < least else Ran.OPEN for number in range(whole)]


def _agreed(number: int, ends: _Ends) -> Ran:
    said = {number < end for end in ends}
    if len(said) > 1:
        return Ran.OPEN
    return Ran.RAN if said.pop() else Ran.NOT_RUN


def _rolls_back(statements: Iterable[StatementProgress]) -> bool:
    """Say whether the file undoes part of itself: then how many statements ran says little of what stayed."""
    return any(statement.word in _UNDOING for statement in statements)
