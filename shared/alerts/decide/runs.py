"""The last runs: at least thirty days of them, for the status page and the weekly card."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from ...model.finding import Severity
from ...model.memory import Memory, Run, Several
from ...model.report import WORST_FIRST, Report
from ...model.value import replace
from ...report.figures import unknown_time
from .series import series_after

# A reason is there to be recognised, not to be read twice.
_LONGEST_REASON = 200
# So many of the last runs are kept as they are; of older ones those of one stretch of time become one.
_LATEST = 24
_STRETCHES = (
    (timedelta(days=1), timedelta(minutes=5)),
    (timedelta(days=8), timedelta(hours=1)),
    (timedelta.max, timedelta(hours=6)),
)
# 24 days by 6 hours, 7 by the hour, and one by 5 minutes.
_MOST = 24 * 4 + 7 * 24 + 24 * 12 + _LATEST
# Where runs are rare, no more of the oldest are kept for that: a month of them, by 6 hours.
_MOST_OF_THE_OLDEST = 31 * 4
# Of older runs than so many with reasons of their own, only the checks are kept.
_MOST_REASONS = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def remembered_run(memory: Memory, report: Report, *, messages: int) -> Memory:
    """Give *memory* with this run as its last one, and with what it measured."""
    severities = [finding.severity for finding in report.findings]
    run = Run(
        at=report.started_at,
        verdict=report.verdict,
        took=report.took,
        critical=severities.count(Severity.CRITICAL),
        warnings=severities.count(Severity.WARNING),
        unknown={
            check.name: check.unknown_because[:_LONGEST_REASON]
            for check in report.checks
            if check.unknown_because is not None
        },
        messages=messages,
        number=memory.number + 1,
        unreachable=int(report.unreachable),
    )
    return replace(
        memory,
        number=run.number,
        runs=thinned((*memory.runs, run)),
        series=series_after(memory.series, report),
        migration_days=memory.migration_days if report.migration_days is None else report.migration_days,
    )


def thinned(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Give *runs* with the older ones put together, the more the older they are.

    Only their number takes any away, never their age: a clock that jumps for a day must not cost a month of them.
    """
    older, latest = runs[:-_LATEST], runs[-_LATEST:]
    groups = [
        (width, list(stretch)) for (width, _), stretch in groupby(older, lambda run: _stretch(run, latest[-1].at))
    ]
    of_the_oldest = sum(width == _STRETCHES[-1][1] for width, _ in groups)
    stretches = [stretch for _, stretch in groups[max(0, of_the_oldest - _MOST_OF_THE_OLDEST) :]]
    ends = [stretch[0].at for stretch in stretches[1:]] + [latest[0].at] if stretches else []
    kept = [_as_one(stretch, end) for stretch, end in zip(stretches, ends, strict=True)]
    return tuple(_with_few_reasons([*kept, *latest][-_MOST:]))


def _stretch(run: Run, last: datetime) -> tuple[timedelta, int]:
    age = last - run.at
    width = next(width for longest, width in _STRETCHES if age <= longest)
    return width, (run.at - _EPOCH) // width


def _as_one(runs: Sequence[Run], end: datetime) -> Run:
    """Give the worst of *runs* for all of them; *end* is when the next one began."""
    if len(runs) == 1:
        return runs[0]
    worst = min(runs, key=lambda run: WORST_FIRST.index(run.verdict))
    return replace(
        worst,
        at=runs[0].at,
        took=max(run.took for run in runs),
        critical=max(run.critical for run in runs),
        warnings=max(run.warnings for run in runs),
        unknown={check: because for run in runs for check, because in run.unknown.items()},
        messages=sum(run.messages for run in runs),
        number=runs[-1].number,
        several=Several(
            runs=sum(run.count for run in runs),
            failed=sum(run.count_failed for run in runs),
            unknown_for=unknown_time(runs, end),
        ),
        unreachable=sum(run.unreachable for run in runs),
    )


def _with_few_reasons(runs: Sequence[Run]) -> Iterator[Run]:
    distinct: list[object] = []
    for run in reversed(runs):
        if run.unknown and run.unknown not in distinct and len(distinct) < _MOST_REASONS:
            distinct.append(run.unknown)
    for run in runs:
        is_known = not run.unknown or run.unknown in distinct
        yield run if is_known else replace(run, unknown=dict.fromkeys(run.unknown, ""))
