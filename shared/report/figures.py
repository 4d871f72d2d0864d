"""The four numbers of a team's procedure, by day: how long migrations ran, how many failed, drift, lost connections."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from ..model.memory import Incident, Memory, PastIncident, Run
from ..model.news import UNKNOWN_CHECK
from ..model.value import dataclass

DAYS = 30


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a day in UTC, or of several.

    *migrations* ran, for *execution_seconds* together, and *failed_migrations* did not end. *drift_incidents* of the
    schema check began. *connection_failures* counts the runs that could not reach the database's server.
    """

    migrations: int = 0
    execution_seconds: float = 0.0
    failed_migrations: int = 0
    drift_incidents: int = 0
    connection_failures: int = 0


def figures(memory: Memory, now: datetime) -> dict[date, Figures]:
    """Give the numbers of each of the last 30 days, today the last; what was not remembered counts nothing."""
    found = figures_by_day(memory)
    return {day: found.get(day, _NOTHING) for day in last_days(now)}


def last_days(now: datetime) -> Sequence[date]:
    """Give the last 30 days, today the last."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def figures_by_day(memory: Memory) -> dict[date, Figures]:
    """Give the numbers of each day that has some."""
    ran = {day.at.astimezone(UTC).date(): day for day in memory.migration_days}
    drift = Counter(_drift(memory))
    unreached: Counter[date] = Counter()
    for run in memory.runs:
        unreached[run.at.astimezone(UTC).date()] += run.unreachable
    found = {}
    for day in {*ran, *drift, *unreached}:
        migrations = ran.get(day)
        found[day] = Figures(
            migrations=migrations.ran if migrations else 0,
            execution_seconds=migrations.took.total_seconds() if migrations else 0.0,
            failed_migrations=migrations.failed if migrations else 0,
            drift_incidents=drift[day],
            connection_failures=unreached[day],
        )
    return found


_NOTHING = Figures()


def total(days: Iterable[Figures]) -> Figures:
    """Add the numbers up."""
    every = list(days)
    return Figures(
        sum(each.migrations for each in every),
        round(sum(each.execution_seconds for each in every), 3),
        sum(each.failed_migrations for each in every),
        sum(each.drift_incidents for each in every),
        sum(each.connection_failures for each in every),
    )


def unknown_time(runs: Sequence[Run], end: datetime) -> timedelta:
    """Add up the time from each run with an unknown check to the next one, the last until *end*."""
    return sum((since_then(since, took, end) for since, took in times_unknown(runs)), timedelta(0))


def times_unknown(runs: Sequence[Run]) -> Iterator[tuple[datetime, timedelta | None]]:
    """Give each run with an unknown check by its time, and how long that lasted: None for the last one."""
    ends = [*(run.at for run in runs[1:]), None][: len(runs)]
    for run, end in zip(runs, ends, strict=True):
        if run.several is not None:
            yield run.at, run.several.unknown_for
        elif run.unknown:
            yield run.at, None if end is None else max(end - run.at, timedelta(0))


def since_then(since: datetime, took: timedelta | None, end: datetime) -> timedelta:
    """Give how long it *took*, or what passed from *since* to *end*."""
    return max(end - since, timedelta(0)) if took is None else took


def _drift(memory: Memory) -> Iterator[date]:
    """Give the day on which each incident of the schema check began that people were notified of."""
    known: list[Incident | PastIncident] = [each for each in memory.incidents if each.notified and each.is_open]
    for incident in [*known, *memory.past]:
        if "schema" in incident.checks and not incident.name.startswith(UNKNOWN_CHECK):
            yield incident.since.astimezone(UTC).date()
