"""Statements of a script, named by their lines."""

from collections.abc import Iterable, Mapping, Sequence

from ..model.phrases import listed
from ..model.progress import Progress, StatementProgress
from ..model.statement_text import shown

# How many letters of a statement identify it, and the most that are printed.
_BEGINNING, _LONGEST_BEGINNING = 40, 200
# More are named in runs, and so many runs at most.
_MOST_NAMED = 20


def numbered(progress: Progress, statements: Sequence[StatementProgress]) -> str:
    """``line 5``, ``lines 5, 8 and 12``; of several statements in one line each with how it begins.

    Of many, those that follow one another are named by the first and the last: ``lines 5 to 800, 803 and 920``.
    """
    runs = [[each] for each in statements] if len(statements) <= _MOST_NAMED else _runs(progress, statements)
    in_line: dict[int, list[StatementProgress]] = {}
    for each in progress.statements:
        in_line.setdefault(each.line, []).append(each)
    named = [" to ".join(_numbered(each, in_line) for each in (run[0], *run[1:][-1:])) for run in runs[:_MOST_NAMED]]
    left_out = sum(map(len, runs[_MOST_NAMED:]))
    more = [f"{left_out} more"] if left_out else []
    return f"line {named[0]}" if len(statements) == 1 else f"lines {listed([*named, *more])}"


def _runs(progress: Progress, statements: Sequence[StatementProgress]) -> list[list[StatementProgress]]:
    """*statements* in runs of such as follow one another in the file."""
    places = {id(each): place for place, each in enumerate(progress.statements)}
    found: list[list[StatementProgress]] = []
    for each in statements:
        if found and places.get(id(each), 0) - 1 == places.get(id(found[-1][-1])):
            found[-1].append(each)
        else:
            found.append([each])
    return found


def _numbered(statement: StatementProgress, in_line: Mapping[int, Sequence[StatementProgress]]) -> str:
    own = _plain(statement)
    others = [
        _plain(each)
        for each in in_line.get(statement.line, ())
        if (each.start, each.sql) != (statement.start, statement.sql)
    ]
    return f"{statement.line} ({_beginning(own, others)})" if others else str(statement.line)


def _beginning(own: str, others: Iterable[str]) -> str:
    """The beginning of *own*, long enough to distinguish it from the *others*."""
    length = max([_BEGINNING, *(_in_common(own, other) + 1 for other in others)])
    shown = min(length, _LONGEST_BEGINNING)
    return own if len(own) <= shown else f"{own[:shown].rstrip()}…"


def _in_common(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _plain(statement: StatementProgress) -> str:
    return " ".join(shown(statement.sql).split())
