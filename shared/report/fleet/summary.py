"""What a table says of many targets, before any form is given to it."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import timedelta

from ...model.diagnosis import State
from ...model.finding import Finding
from ...model.report import Report, Verdict
from ...model.value import dataclass

# What a migration is where neither the release nor the history of a target knows it.
ABSENT = "–"
_PENDING = frozenset({State.PENDING, State.SKIPPED})


@dataclass(frozen=True, slots=True)
class Row:
    """One target. *worst* is its worst finding, or why it could not be checked; None where there is neither."""

    target: str
    verdict: Verdict
    release: str | None
    applied: int | None
    pending: int | None
    worst: str | None
    took: timedelta


@dataclass(frozen=True, slots=True)
class Matrix:
    """Which migration is where, of targets with the same application.

    *columns* are the targets, those that are alike in one. *states* gives by migration its state in
    each column, of those that are not the same everywhere; *alike* counts the others.
    """

    columns: tuple[tuple[str, ...], ...]
    states: Mapping[str, tuple[str, ...]]
    alike: int


def rows(reports: Iterable[Report]) -> list[Row]:
    return [_row(report) for report in reports]


def matrices(reports: Iterable[Report]) -> list[Matrix]:
    """Give a matrix for each application that several targets have."""
    return [_matrix(sharing) for sharing in _sharing(reports) if len(sharing) > 1]


def _row(report: Report) -> Row:
    return Row(
        target=report.target,
        verdict=report.verdict,
        release=None if report.release is None else report.release.version,
        applied=None if report.database is None else report.database.applied,
        pending=sum(each.state in _PENDING for each in report.migrations) if report.migrations else None,
        worst=worst_of(report, lambda finding: finding.key),
        took=report.took,
    )


def worst_of(report: Report, named: Callable[[Finding], str]) -> str | None:
    """Give its worst finding, as *named*, or why it could not be checked; None where there is neither."""
    worst = min(report.findings, key=lambda finding: finding.severity.rank, default=None)
    unknown = next((check for check in report.checks if check.unknown_because is not None), None)
    if unknown is not None and report.verdict is Verdict.UNKNOWN:
        return unknown.unknown_because
    return None if worst is None else named(worst)


def is_one_application(one: Set[str], other: Set[str]) -> bool:
    """Say whether one knows most of the migrations that the other has, by their names.

    One name alone says nothing: every other application begins with ``0_init``.
    """
    return 2 * len(one & other) > min(len(one), len(other))


def _sharing(reports: Iterable[Report]) -> list[list[Report]]:
    """Put two together that have the same application."""
    groups: list[tuple[set[str], list[Report]]] = []
    for report in reports:
        names = {each.name for each in report.migrations}
        if not names:
            continue
        known, sharing = next((group for group in groups if is_one_application(names, group[0])), (set(), []))
        if not sharing:
            groups.append((known, sharing))
        known |= names
        sharing.append(report)
    return [sharing for _, sharing in groups]


def _matrix(reports: Sequence[Report]) -> Matrix:
    status = {report.target: {each.name: each.state.value for each in report.migrations} for report in reports}
    names = sorted({name for states in status.values() for name in states})
    differing = [name for name in names if len({states.get(name) for states in status.values()}) > 1]
    columns: dict[tuple[str, ...], list[str]] = {}
    for target, states in status.items():
        columns.setdefault(tuple(states.get(name, ABSENT) for name in differing), []).append(target)
    return Matrix(
        columns=tuple(map(tuple, columns.values())),
        states={name: tuple(states[place] for states in columns) for place, name in enumerate(differing)},
        alike=len(names) - len(differing),
    )
