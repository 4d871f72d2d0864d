"""Statements of a script, named by their lines."""

from collections.abc import Iterable, Sequence

from ..model.phrases import listed
from ..model.progress import Progress, StatementProgress
from ..model.statement_text import shown

# How many letters of a statement identify it, and the most that are printed.
_BEGINNING, _LONGEST_BEGINNING = 40, 200


def numbered(progress: Progress, statements: Sequence[StatementProgress]) -> str:
    """``line 5``, ``lines 5, 8 and 12``; of several statements in one line each with how it begins."""
    named = [_numbered(progress, statement) for statement in statements]
    return f"line {named[0]}" if len(named) == 1 else f"lines {listed(named)}"


def _numbered(progress: Progress, statement: StatementProgress) -> str:
    own = _plain(statement)
    others = [
        _plain(each)
        for each in progress.statements
        if each.line == statement.line and (each.start, each.sql) != (statement.start, statement.sql)
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
