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
    today = now.astimezone(UTC).date()
    ran = {day.at.astimezone(UTC).date(): day for day in memory.migration_days}
    drift = Counter(_drift(memory))
    unreached: Counter[date] = Counter()
    for run in memory.runs:
        unreached[run.at.astimezone(UTC).date()] += run.unreachable
    found = {}
    for day in (today - timedelta(days=back) for back in reversed(range(DAYS))):
        migrations = ran.get(day)
        found[day] = Figures(
            migrations=migrations.ran if migrations else 0,
            execution_seconds=migrations.took.total_seconds() if migrations else 0.0,
            failed_migrations=migrations.failed if migrations else 0,
            drift_incidents=drift[day],
            connection_failures=unreached[day],
        )
    return found


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
    ends = [*(run.at for run in runs[1:]), end][: len(runs)]
    return sum((_unknown(run, end) for run, end in zip(runs, ends, strict=True)), timedelta(0))


def _unknown(run: Run, end: datetime) -> timedelta:
    if run.several is not None:
        return run.several.unknown_for
    return max(end - run.at, timedelta(0)) if run.unknown else timedelta(0)


def _drift(memory: Memory) -> Iterator[date]:
    """Give the day on which each incident of the schema check began that people were notified of."""
    known: list[Incident | PastIncident] = [each for each in memory.incidents if each.notified and each.is_open]
    for incident in [*known, *memory.past]:
        if "schema" in incident.checks and not incident.name.startswith(UNKNOWN_CHECK):
            yield incident.since.astimezone(UTC).date()
