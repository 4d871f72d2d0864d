"""What is remembered for the page: incidents that ended, and what the runs measured."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.alerts.decide.runs import remembered_run
from shared.alerts.decide.series import series_after, thinned
from shared.model.finding import Severity
from shared.model.knowledge import Unavailable
from shared.model.memory import Memory, PastIncident, Point, Series
from shared.model.report import CheckResult, Measurement, MigrationDay, Report, Verdict
from tests.alerts.decide.story import API_DOWN, DRIFT, FAILED, FEW_USERS, INFO, WARNING, Story, report
from tests.builders import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def names(story: Story) -> list[str]:
    return [each.name for each in story.memory.past]


def test_an_incident_that_ended() -> None:
    story = Story()
    story.run(FAILED)
    assert names(story) == []
    story.run()
    since = NOW + timedelta(minutes=5)
    expected = PastIncident("migration 2", since, since + 5 * MINUTE, Severity.CRITICAL, ("history",), FAILED.summary)
    assert story.memory.past == (expected,)
    story.run()
    assert story.memory.past == (expected,)


def test_its_severity_is_the_worst_that_was_sent() -> None:
    story = Story()
    story.run(DRIFT)
    story.run(replace(DRIFT, severity=WARNING))
    story.run()
    assert [each.severity for each in story.memory.past] == [Severity.CRITICAL]


def test_what_nobody_was_notified_of_did_not_end() -> None:
    story = Story()
    story.run(replace(DRIFT, severity=INFO))
    story.run(no_result=["seeds"])  # within the patience
    story.run()
    assert names(story) == []


def test_a_check_without_a_result_is_an_incident_too() -> None:
    story = Story()
    for _ in range(3):
        story.run(no_result=["seeds"])
    story.run()
    (only,) = story.memory.past
    assert only.name == "unknown seeds"
    assert only.summary == "The check seeds had no result: the database does not answer."


def test_no_error_line_is_kept() -> None:
    story = Story()
    line = "duplicate key (email)=(ada@example.com)"
    failed = replace(FAILED, summary=f"2 failed: {line}.", evidence={"error": line, "sqlstate": "23505"})
    story.run(failed)
    story.run()
    (only,) = story.memory.past
    assert "ada@example.com" not in str(only)
    assert only.summary.startswith("2 failed: ")


def test_a_long_sentence_is_cut() -> None:
    story = Story()
    story.run(replace(FAILED, summary="x" * 500))
    story.run()
    assert story.memory.past[0].summary == "x" * 199 + "…"


def test_the_past_ends_after_thirty_days() -> None:
    story = Story()
    story.run(FAILED)
    story.run()
    story.run(API_DOWN, after=29 * DAY)
    story.run()
    assert names(story) == ["migration 2", "endpoint-unreachable:folders"]
    story.run(after=2 * DAY)
    assert names(story) == ["endpoint-unreachable:folders"]


def test_only_the_latest_are_kept() -> None:
    story = Story()
    for number in range(205):
        story.run(replace(FEW_USERS, subject=str(number)), after=timedelta(hours=3))
        story.run()
    assert len(story.memory.past) == 200
    assert names(story)[-1] == "seed-missing:204"


def measuring(at_minute: float, *measured: Measurement) -> Report:
    return replace(report((), NOW + at_minute * MINUTE), measured=measured)


def seed(name: str, value: float | None, verdict: Verdict = Verdict.PASSED) -> Measurement:
    return Measurement("seed", name, "exactly 6", value, "rows", verdict)


def values(series: Series) -> list[float | None]:
    return [point.value for point in series.points]


def test_what_was_measured_is_remembered_by_name() -> None:
    endpoint = Measurement("endpoint", "users", "status 200", 12.5, "ms", Verdict.PASSED)
    found = series_after({}, measuring(0, seed("users", 6.0), endpoint))
    found = series_after(found, measuring(5, seed("users", None, Verdict.UNKNOWN), endpoint))
    assert {name: values(each) for name, each in found.items()} == {
        "seed users": [6.0, None],
        "endpoint users": [12.5, 12.5],
    }


@pytest.mark.parametrize(
    "later", [measuring(5), measuring(5, seed("users", None, Verdict.SKIPPED))], ids=["not asked", "asleep"]
)
def test_a_run_that_measures_nothing_takes_nothing_away(later: Report) -> None:
    before = series_after({}, measuring(0, seed("users", 6.0)))
    assert series_after(before, later) == before


def test_what_the_settings_name_no_more_gives_way_first() -> None:
    old = series_after({}, measuring(0, *(seed(f"old {n}", 1.0) for n in range(60))))
    new = series_after(old, measuring(5, *(seed(f"new {n}", 1.0) for n in range(59))))
    assert len(new) == 60
    assert [name for name in new if name.startswith("seed old")] == ["seed old 0"]


def test_the_last_runs_and_one_a_day() -> None:
    points: tuple[Point, ...] = ()
    for number in range(40 * 24):
        points = thinned((*points, Point(NOW + number * timedelta(hours=1), float(number))))
    assert len(points) == 24 + 30
    assert [each.value for each in points[-24:]] == [float(n) for n in range(40 * 24 - 24, 40 * 24)]
    days = [each.at.date() for each in points[:-24]]
    assert days == sorted(set(days))


def test_a_clock_that_jumps_takes_nothing_away() -> None:
    points = tuple(Point(NOW + n * MINUTE, float(n)) for n in range(10))
    assert thinned((*points, Point(NOW + 4000 * DAY, 10.0)))[:10] == points


def test_a_run_remembers_that_the_server_could_not_be_reached() -> None:
    story = Story()
    down = Unavailable("db:5432 refused the connection", server="db:5432")
    checks = (
        CheckResult("schema", Verdict.UNKNOWN, MINUTE, (), down),
        CheckResult("seeds", Verdict.UNKNOWN, MINUTE, (), down),
    )
    day = MigrationDay(NOW, 1, MINUTE, 0)
    memory = remembered_run(
        Memory("production", migration_days=(day,)), replace(report((), NOW), checks=checks), messages=0
    )
    assert [run.unreachable for run in memory.runs] == [1]
    assert memory.migration_days == (day,)
    story.run(no_result=["schema"])
    assert [run.unreachable for run in story.memory.runs] == [0]
