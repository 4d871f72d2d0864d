"""The last runs, thinned by age: nothing of the sums is lost, and the document stays small whatever the interval."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.alerts.decide.past import past_after
from shared.alerts.decide.runs import thinned
from shared.alerts.decide.series import series_after
from shared.memory.document import understood, written
from shared.model.alerts import AlertSettings
from shared.model.finding import Finding, Severity
from shared.model.memory import Incident, Memory, PastIncident, Run, Series
from shared.model.news import Decision, Why
from shared.model.report import Measurement, MigrationDay, Verdict
from shared.report.figures import unknown_time
from tests.builders import NOW
from tests.report.sample import report

FIVE = timedelta(minutes=5)
# As long as reasons get, of as many checks as there are.
REASON = {f"check number {number}": f"{number}" * 200 for number in range(9)}


def lived(days: int, every: timedelta, *, unknown: bool = False) -> tuple[Run, ...]:
    """Give what is left of the runs of so many days; thinned now and then, which comes to the same."""
    runs: tuple[Run, ...] = ()
    new: list[Run] = []
    count = int(timedelta(days=days) / every)
    for number in range(count):
        reasons = {name: f"{number} {because}"[:200] for name, because in REASON.items()} if unknown else {}
        verdict = (Verdict.FAILED, Verdict.UNKNOWN, Verdict.PASSED)[number % 3]
        new.append(Run(NOW + number * every, verdict, FIVE / 7, 1000, 1000, reasons, 1, number + 1))
        if number % 100 == 0 or number == count - 1:
            runs, new = thinned((*runs, *new)), []
    return runs


def full() -> Memory:
    """A memory with as much of all else that is shown of the past as it takes, each as long as it gets."""
    ended = Incident("migration " + "m" * 60, NOW, NOW, Severity.CRITICAL, "d", ("history", "schema"))
    past = tuple[PastIncident, ...]()
    for _ in range(300):
        findings = (Finding("migration-failed", "m", Severity.CRITICAL, "s" * 500),)
        resolved = Decision(ended.name, Why.RESOLVED, Severity.CRITICAL, NOW, findings)
        past = past_after(past, [replace(ended, findings=findings)], [resolved], AlertSettings(), NOW)
    measured = tuple(
        Measurement("endpoint", f"{n:0100}", "status 200", 1234.5, "ms", Verdict.PASSED) for n in range(99)
    )
    series: Mapping[str, Series] = {}
    for number in range(99):
        series = series_after(
            series, replace(report(), started_at=NOW + number * timedelta(hours=8), measured=measured)
        )
    days = tuple(MigrationDay(NOW + timedelta(days=n), 999, FIVE / 7, 999) for n in range(31))
    return Memory("production", past=past, series=series, migration_days=days)


FULL = full()


@pytest.mark.parametrize(
    ("days", "every"),
    [
        pytest.param(3, timedelta(seconds=20), id="every twenty seconds", marks=pytest.mark.long),
        pytest.param(40, FIVE, id="every five minutes"),
        pytest.param(90, timedelta(hours=1), id="every hour", marks=pytest.mark.long),
        pytest.param(3650, timedelta(days=1), id="every day"),
    ],
)
@pytest.mark.parametrize("unknown", [False, True])
def test_the_document_stays_below_200_kib(days: int, every: timedelta, unknown: bool) -> None:
    runs = lived(days, every, unknown=unknown)
    memory = replace(FULL, runs=runs)
    document = written(memory)
    assert len(document) < 200 * 1024
    assert understood(document, "production") == memory
    kept = runs[-1].at - runs[0].at
    assert kept >= min(timedelta(days=30), timedelta(days=days) - every)


STEPS = st.lists(st.sampled_from([FIVE, timedelta(hours=1), timedelta(days=1)]), min_size=1, max_size=120)


@settings(max_examples=30, deadline=None)
@given(STEPS, st.lists(st.sampled_from(list(Verdict)), min_size=120, max_size=120))
def test_no_sum_is_lost(steps: list[timedelta], verdicts: list[Verdict]) -> None:
    times = [NOW + sum(steps[:number], timedelta(0)) for number in range(len(steps) + 1)]
    every = [
        Run(at, verdict, FIVE, unknown={"seeds": "x"} if verdict is Verdict.UNKNOWN else {}, messages=1, number=number)
        for number, (at, verdict) in enumerate(zip(times, verdicts, strict=False))
    ]
    runs: tuple[Run, ...] = ()
    for run in every:
        runs = thinned((*runs, run))
    end = every[-1].at + FIVE
    assert sum(run.count for run in runs) == len(every)
    assert sum(run.count_failed for run in runs) == sum(run.verdict is Verdict.FAILED for run in every)
    assert sum(run.messages for run in runs) == len(every)
    assert unknown_time(runs, end) == unknown_time(every, end)
    assert runs[-24:] == tuple(every[-24:])


def test_runs_that_could_not_reach_the_server_are_counted() -> None:
    runs = tuple(Run(NOW + n * FIVE, Verdict.UNKNOWN, FIVE, number=n, unreachable=n % 2) for n in range(100))
    kept = thinned(tuple(replace(run, at=NOW + n * FIVE / 100) for n, run in enumerate(runs)))
    assert len(kept) < 30
    assert sum(run.unreachable for run in kept) == 50


def test_no_jump_of_a_clock_costs_the_runs_of_a_month() -> None:
    runs = lived(10, timedelta(hours=1))
    ahead = Run(runs[-1].at + timedelta(days=4000), Verdict.PASSED, FIVE, number=999)
    after = Run(runs[-1].at + timedelta(hours=1), Verdict.PASSED, FIVE, number=1000)
    kept = thinned((*thinned((*runs, ahead)), after))
    assert sum(run.count for run in kept) == 10 * 24 + 2
