"""The words that the forms of many reports share."""

from collections import Counter
from collections.abc import Iterable

from ...model.phrases import counted
from ...model.report import Verdict
from .summary import Matrix, Row

_ORDER = (Verdict.FAILED, Verdict.UNKNOWN, Verdict.WARNING, Verdict.PASSED)
_WORDS = {
    Verdict.FAILED: "failed",
    Verdict.UNKNOWN: "unknown",
    Verdict.WARNING: "with warnings",
    Verdict.PASSED: "passed",
}
# So many targets of one column are named.
_NAMED = 3


def headline(rows: Iterable[Row]) -> str:
    """``12 targets: 1 failed, 11 passed.``"""
    counts = Counter(row.verdict for row in rows)
    words = ", ".join(f"{counts[verdict]} {_WORDS[verdict]}" for verdict in _ORDER if counts[verdict])
    return f"{counts.total()} targets: {words}."


def title(matrix: Matrix) -> str:
    """What the matrix is about, and what it leaves out."""
    count = sum(map(len, matrix.columns))
    if not matrix.states:
        return f"{counted(matrix.alike, 'migration')} and no difference between {count} targets."
    differing = counted(len(matrix.states), "migration differs", "migrations differ")
    different = f"{differing} between {count} targets"
    if not matrix.alike:
        return f"{different}:"
    alike = counted(matrix.alike, "migration is", "migrations are")
    return f"{alike} the same on all targets. {different}:"


def column(targets: tuple[str, ...]) -> str:
    """The head of a column: its first target, and how many are like it."""
    return targets[0] if len(targets) == 1 else f"{targets[0]} +{len(targets) - 1}"


def names(targets: tuple[str, ...]) -> str:
    """Some of the targets by name, the rest by number."""
    if len(targets) <= _NAMED + 1:
        return ", ".join(targets)
    return f"{', '.join(targets[:_NAMED])} and {len(targets) - _NAMED} more"


def shared_columns(matrix: Matrix) -> list[str]:
    """Name all targets of a column that several share."""
    return [f"{column(targets)}: {names(targets)}" for targets in matrix.columns if len(targets) > 1]


def applied(row: Row) -> str:
    return "" if row.applied is None else str(row.applied)


def pending(row: Row) -> str:
    return str(row.pending) if row.pending else ""


def took(row: Row) -> str:
    return f"{row.took.total_seconds():.1f} s"
