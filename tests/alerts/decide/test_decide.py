from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.model.alerts import QuietHours, TargetAlerts
from shared.model.finding import Finding
from shared.model.news import Why
from shared.model.report import Trigger
from tests.alerts.decide.story import (
    ALERTING,
    API_DOWN,
    CRITICAL,
    DRIFT,
    EDITED,
    FAILED,
    FEW_USERS,
    INFO,
    ROLLED_BACK,
    RUNNING,
    SLOW,
    TEAM,
    WAKES,
    WARNING,
    Story,
)

SILENT: list[str] = []
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Step = tuple[Callable[[Story], list[str]], list[str]]


def run(*findings: Finding, **rest: Any) -> Callable[[Story], list[str]]:
    return lambda story: story.run(*findings, **rest)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([(run(), SILENT), (run(), SILENT)], id="nothing is wrong"),
        pytest.param([(run(FAILED), ["opened migration 2"]), (run(FAILED), SILENT)], id="sent once"),
        pytest.param([(run(FAILED), ["opened migration 2"]), (run(), ["resolved migration 2"]), (run(), SILENT)], id="and its end, once"),
        pytest.param(
            [(run(FAILED), ["opened migration 2"]), (run(ROLLED_BACK), ["changed migration 2"]), (run(RUNNING), SILENT), (run(), ["resolved migration 2"])],
            id="a repair in steps is one story",
        ),
        pytest.param([(run(FEW_USERS), ["opened seed-missing:users"]), (run(replace(FEW_USERS, actual="3")), SILENT)], id="a running count is no news"),
        pytest.param([(run(DRIFT), ["opened schema-missing:column public.folders.project_id"]), (run(replace(DRIFT, severity=WARNING)), ["changed schema-missing:column public.folders.project_id"])], id="better is news"),
        pytest.param([(run(replace(DRIFT, actual="varchar(50)")), [f"opened {DRIFT.key}"]), (run(replace(DRIFT, actual="varchar(60)")), [f"changed {DRIFT.key}"])], id="a number in a type is content"),
        pytest.param([(run(FAILED), ["opened migration 2"]), (run(FAILED, after=DAY - timedelta(minutes=1)), SILENT), (run(FAILED), ["reminder migration 2"]), (run(FAILED), SILENT)], id="reminded after a day"),
        pytest.param([(run(FAILED, FEW_USERS), ["opened migration 2", "opened seed-missing:users"]), (run(FEW_USERS), ["resolved migration 2"])], id="one ends, the other stands"),
        pytest.param([(run(RUNNING), SILENT), (run(), SILENT)], id="a migration that runs is nothing to say"),
        pytest.param([(run(replace(EDITED, severity=INFO)), SILENT)], id="info is not sent"),
        pytest.param([(run(FAILED), ["opened migration 2"]), (run(skipped=["history"]), ["resolved migration 2"])], id="no longer watched is its end"),
    ],
)  # fmt: skip
def test_what_is_sent(steps: list[Step]) -> None:
    story = Story()
    assert [step(story) for step, _ in steps] == [expected for _, expected in steps]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([(run(no_result=["history"]), SILENT), (run(), SILENT)], id="for a moment"),
        pytest.param([(run(no_result=["history"]), SILENT), (run(no_result=["history"]), ["cannot check unknown history"]), (run(no_result=["history"]), SILENT), (run(), ["works again unknown history"])], id="for five minutes"),
        pytest.param([(run(no_result=["history"]), SILENT), (run(no_result=["history"], after=timedelta(minutes=4, seconds=40)), ["cannot check unknown history"])], id="a timer that comes a moment early"),
        pytest.param([(run(no_result=["history"]), SILENT), (run(no_result=["history"], after=timedelta(minutes=1)), SILENT)], id="a second check a minute later"),
        pytest.param([(run(no_result=["history"]), SILENT), (run(no_result=["history"]), ["cannot check unknown history"]), (run(no_result=["history"], after=4 * HOUR), ["cannot check unknown history"])], id="again after four hours"),
        pytest.param([(run(FAILED), ["opened migration 2"]), (run(no_result=["history"]), SILENT), (run(FAILED), SILENT)], id="what it hides is open"),
        pytest.param([(run(FAILED), ["opened migration 2"]), (run(no_result=["history"]), SILENT), (run(), ["resolved migration 2"])], id="what it hid ends when it is seen to"),
        pytest.param([(run(FEW_USERS), ["opened seed-missing:users"]), (run(no_result=["history"]), ["resolved seed-missing:users"])], id="what it does not hide ends"),
        pytest.param([(run(FAILED, no_result=["history"]), ["opened migration 2"])], id="what is sure is sent all the same"),
        pytest.param([(run(no_result=["history"]), SILENT), (run(no_result=["history", "seeds"]), ["cannot check unknown history"]), (run(no_result=["history", "seeds"]), ["cannot check unknown seeds"])], id="one check after the other"),
    ],
)  # fmt: skip
def test_what_cannot_be_seen(steps: list[Step]) -> None:
    story = Story()
    # A reminder of an unknown check is one more "cannot check".
    outcomes = [[said.replace("reminder unknown", "cannot check unknown") for said in step(story)] for step, _ in steps]
    assert outcomes == [expected for _, expected in steps]


def test_what_is_hidden_is_named_as_open() -> None:
    story = Story()
    story.run(FAILED)
    story.run(no_result=["history"])
    story.run(no_result=["history"])
    assert story.news is not None
    assert [decision.because for decision in story.news.decisions] == ["the database does not answer"]
    assert [incident.incident for incident in story.news.also_open] == ["migration 2"]


def test_an_older_report_decides_nothing() -> None:
    story = Story()
    story.run(FAILED)
    before = story.memory
    assert story.run(after=timedelta(minutes=-1)) == SILENT
    assert story.memory == before


def test_who_received_the_beginning_receives_the_end() -> None:
    story = Story()
    story.run(DRIFT)
    story.run(replace(DRIFT, severity=WARNING))
    story.run()
    assert story.news is not None
    (end,) = story.news.decisions
    assert (end.why, end.severity, end.notified, [f.key for f in end.findings]) == (
        Why.RESOLVED,
        CRITICAL,
        2,
        [DRIFT.key],
    )


NIGHT = replace(ALERTING, quiet=QuietHours("09:00", "10:00"))  # the tests' clock starts at 09:05


def test_quiet_hours_hold_back_what_is_not_critical() -> None:
    story = Story(alerts=NIGHT)
    assert story.run(FAILED, EDITED) == ["opened migration 2"]
    assert story.run(FAILED, EDITED) == SILENT
    assert story.run(FAILED, EDITED, after=HOUR) == ["opened migration 1"]


def test_an_end_in_quiet_hours_waits_too_and_is_not_sent_where_it_was_none() -> None:
    story = Story(alerts=replace(NIGHT, quiet=QuietHours("09:15", "10:00")))
    assert story.run(EDITED, SLOW) == ["opened migration 1", "opened endpoint-slow:folders"]
    assert story.run(after=timedelta(minutes=10)) == SILENT
    assert story.run(EDITED) == SILENT
    assert story.run(EDITED, after=HOUR) == ["resolved endpoint-slow:folders"]


def test_a_target_sends_only_its_severities() -> None:
    story = Story(rules=TargetAlerts(("critical",)))
    assert story.run(FAILED, EDITED) == ["opened migration 2"]
    assert story.run() == ["resolved migration 2"]
    curious = Story(rules=TargetAlerts(("critical", "warning", "info")))
    assert curious.run(replace(EDITED, severity=INFO)) == ["opened migration 1"]


def test_flapping_is_sent_once_and_its_end_once_it_is_quiet() -> None:
    story = Story()
    sent = [story.run(*found, after=timedelta(minutes=10)) for found in [(API_DOWN,), ()] * 5]
    name = "endpoint-unreachable:folders"
    assert sent == [
        [f"opened {name}"], [f"resolved {name}"], [f"opened {name}"], [f"resolved {name}"], [f"opened {name}"],
        [f"flapping {name}"], SILENT, SILENT, SILENT, SILENT,
    ]  # fmt: skip
    assert story.run(after=timedelta(minutes=50)) == SILENT
    assert story.run(after=timedelta(minutes=10)) == [f"resolved {name}"]
    assert story.run(API_DOWN, after=HOUR) == [f"opened {name}"]


def test_flapping_that_ends_in_trouble() -> None:
    story = Story()
    for found in [(SLOW,), ()] * 3:
        story.run(*found)
    assert story.run(SLOW) == SILENT
    assert story.run(replace(SLOW, severity=CRITICAL)) == ["changed endpoint-slow:folders"]
    assert story.run(replace(SLOW, severity=CRITICAL)) == SILENT
    assert story.run(replace(SLOW, severity=CRITICAL), after=HOUR) == ["changed endpoint-slow:folders"]
    assert story.run() == ["resolved endpoint-slow:folders"]


def test_three_times_in_more_than_a_day_is_no_flapping() -> None:
    story = Story()
    sent = [story.run(*found, after=7 * HOUR) for found in [(API_DOWN,), ()] * 3]
    assert [said[0].split()[0] for said in sent] == ["opened", "resolved"] * 3


def test_a_silence_is_kept_until_something_is_news() -> None:
    story = Story()
    story.run(FAILED)
    story.silence("migration 2", hours=30)
    assert story.run(FAILED, after=25 * HOUR) == SILENT
    assert story.news is not None
    assert [f.silenced_until for f in story.news.report.findings] == [story.memory.silences[0].silence.until]
    assert story.run(ROLLED_BACK) == ["silence ended migration 2"]
    assert [f.silenced_until for f in story.news.report.findings] == [None]
    assert story.run(ROLLED_BACK) == SILENT
    assert story.memory.silences == ()


def test_worse_breaks_a_silence() -> None:
    story = Story()
    story.run(SLOW)
    story.silence(None)
    assert story.run(replace(SLOW, severity=CRITICAL)) == ["silence ended endpoint-slow:folders"]
    assert story.news is not None
    assert story.news.decisions[0].because == "it is worse than when Ada silenced it"


def test_a_silence_runs_out() -> None:
    story = Story()
    story.run(FAILED, EDITED)
    story.silence("migration 2", hours=1)
    assert story.run(FAILED, EDITED, after=HOUR) == ["silence ended migration 2"]
    assert story.news is not None
    assert story.news.decisions[0].because == "the silence by Ada ran out"
    assert story.run(FAILED, EDITED) == SILENT


def test_a_silent_target_sends_what_is_new_and_what_ends() -> None:
    story = Story()
    story.run(FAILED)
    story.silence(None, hours=1)
    assert story.run(FAILED, FEW_USERS) == ["opened seed-missing:users"]
    assert story.run(FEW_USERS) == ["resolved migration 2"]
    assert story.run(FAILED, FEW_USERS) == SILENT, "it came back as it was silenced"
    assert story.run(FAILED, FEW_USERS, after=HOUR) == ["opened migration 2"]
    assert story.memory.silences == ()


def test_unsilenced_is_as_never_silenced() -> None:
    story = Story()
    story.run(FAILED)
    story.silence("migration 2", hours=30)
    story.unsilence("migration 2")
    assert story.run(FAILED) == SILENT
    assert story.run(FAILED, after=DAY) == ["reminder migration 2"]


def test_the_next_run_follows_soon_while_something_presses() -> None:
    story = Story()
    waits = []
    for found, no_result in (((), ()), ((EDITED,), ()), ((FAILED,), ()), ((), ("seeds",)), ((RUNNING,), ()), ((), ())):
        story.run(*found, no_result=no_result, after=HOUR)
        assert story.memory.next_run_at is not None
        waits.append((story.memory.next_run_at - story.now) // timedelta(minutes=1))
    assert waits == [60, 60, 5, 5, 5, 60]


def test_a_month_of_runs_is_remembered() -> None:
    story = Story()
    for _ in range(40):
        story.run(EDITED, after=DAY)
    assert len(story.memory.runs) == 40, "so few take no space"
    last = story.memory.runs[-1]
    assert (last.critical, last.warnings, last.unknown, last.messages) == (0, 1, {}, 1)
    story.run(no_result=["seeds"], trigger=Trigger.TERMINAL)
    assert story.memory.runs[-1].unknown == {"seeds": "the database does not answer"}


def test_what_no_channel_takes_waits_for_one_that_does() -> None:
    story = Story(alerts=replace(ALERTING, channels=()))
    assert story.run(FAILED) == SILENT
    story.alerts = replace(ALERTING, channels=(replace(TEAM, severities=("warning",)),))
    assert story.run(FAILED, EDITED) == ["opened migration 1"]
    story.alerts = ALERTING
    assert story.run(FAILED, EDITED) == ["opened migration 2"]


def test_a_target_falls_asleep_and_wakes_as_it_was() -> None:
    """What stood in the evening has not ended because nobody looks; nor is it news in the morning."""
    story = Story()
    assert story.run(FEW_USERS) == ["opened seed-missing:users"]
    assert story.run(asleep=True, after=timedelta(hours=1)) == []
    assert story.memory.next_run_at == story.now + WAKES, "open or not, it is checked when it wakes"
    assert story.run(FEW_USERS, after=timedelta(hours=1)) == []
    assert story.run() == ["resolved seed-missing:users"]


def test_who_sleeps_sees_nothing_again() -> None:
    story = Story()
    story.run(no_result=["seeds"])
    assert story.run(no_result=["seeds"]) == ["cannot check unknown seeds"]
    assert story.run(asleep=True, after=timedelta(hours=9)) == [], "nor is anybody reminded"
    assert story.run(no_result=["seeds"]) == ["reminder unknown seeds"]
    assert story.run() == ["works again unknown seeds"]
