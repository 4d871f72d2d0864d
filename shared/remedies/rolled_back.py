"""What a script itself rolls back: nothing of it lasts, and nothing of it is to be run."""

import re
from collections.abc import Sequence

from ..model.progress import Ran, StatementProgress
from ..model.value import replace

_BACK_TO = re.compile(
    r'ROLLBACK\s+(?:(?:WORK|TRANSACTION)\s+)?TO\s+(?:SAVEPOINT\s+)?("(?:[^"]|"")+"|[\w$]+)', re.IGNORECASE
)
_SAVEPOINT = re.compile(r'SAVEPOINT\s+("(?:[^"]|"")+"|[\w$]+)', re.IGNORECASE)
_OPENING, _BACK = frozenset({"BEGIN", "START"}), frozenset({"ABORT", "ROLLBACK"})
_CLOSING = _BACK | {"COMMIT", "END"}


def opens(statement: StatementProgress) -> bool:
    """Say whether a transaction of the script's own begins."""
    return statement.word in _OPENING


def closes(statement: StatementProgress) -> bool:
    return statement.word in _CLOSING and back_to(statement) is None


def back_to(statement: StatementProgress) -> str | None:
    """The savepoint after which *statement* rolls everything back."""
    found = _BACK_TO.match(statement.sql)
    return _name(found[1]) if found is not None else None


def without_rolled_back(script: Sequence[StatementProgress]) -> Sequence[StatementProgress]:
    """Leave to a person what a later statement of *script* rolls back, of what did not run for certain."""
    found = [*script]
    # Where each savepoint is, the last one last; the first is where the transaction begins.
    savepoints: list[tuple[str, int]] = []
    for at, statement in enumerate(script):
        if opens(statement):
            savepoints = [("", at)]
        elif savepoints and (made := _SAVEPOINT.match(statement.sql)) is not None:
            savepoints.append((_name(made[1]), at))
        elif savepoints and (name := _undone_from(statement)) is not None:
            begin = max((place for each, place in savepoints if each == name), default=at)
            savepoints = [each for each in savepoints if each[1] <= begin]
            found[begin:at] = [_for_a_person(each, statement) for each in found[begin:at]]
        if closes(statement):
            savepoints = []
    return found


def _undone_from(statement: StatementProgress) -> str | None:
    """The savepoint; the empty name is that of the whole transaction."""
    return "" if closes(statement) and statement.word in _BACK else back_to(statement)


def _for_a_person(statement: StatementProgress, by: StatementProgress) -> StatementProgress:
    if statement.ran is Ran.RAN:
        return statement
    return replace(statement, person=f"line {by.line} rolls it back")


def _name(written: str) -> str:
    return written[1:-1].replace('""', '"') if written.startswith('"') else written.lower()
