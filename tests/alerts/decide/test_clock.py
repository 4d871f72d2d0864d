"""A clock that jumps: noticed once, and nothing is held back by what it wrote while it was ahead."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.alerts.decide.clock import TOLERANCE, is_outdated, jump_of, on_this_clock
from shared.model.memory import Memory
from shared.model.news import Jump
from shared.model.report import Trigger
from tests.alerts.decide.story import API_DOWN, EDITED, FAILED, FEW_USERS, SLOW, Story, report
from tests.builders import NOW
from tests.memory.sample import EVERYTHING

YEARS = timedelta(days=4000)
HOUR = timedelta(hours=1)
SILENT: list[str] = []


def jump(story: Story) -> Jump | None:
    """Give what the next run would notice, without making it."""
    return jump_of(story.memory, report((), story.now), story.now)


@pytest.mark.parametrize("by", [YEARS, -YEARS, 3 * HOUR, -3 * HOUR])
def test_what_happens_after_a_jump_is_sent_at_once(by: timedelta) -> None:
    story = Story()
    assert story.run(FAILED) == ["opened migration 2"]
    story.run(FAILED, after=by)
    assert story.run(FAILED, API_DOWN) == ["opened endpoint-unreachable:folders"]
    assert "resolved migration 2" in story.run(API_DOWN, after=-by)
    assert story.run(FAILED, API_DOWN) == ["opened migration 2"]


def test_a_run_with_a_clock_that_is_ahead_silences_nothing() -> None:
    story = Story()
    story.run(after=YEARS)
    assert story.run(FAILED, after=-YEARS) == ["opened migration 2"]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        pytest.param(timedelta(minutes=5), None, id="a run later"),
        pytest.param(2 * HOUR, None, id="late"),
        pytest.param(-TOLERANCE, None, id="clocks of two machines"),
        pytest.param(3 * HOUR, "forward", id="hours without a run"),
        pytest.param(-HOUR, "back", id="back by an hour"),
        pytest.param(-YEARS, "back", id="back by years"),
    ],
)
def test_a_jump_is_noticed(by: timedelta, expected: str | None) -> None:
    story = Story()
    story.run(FAILED)
    before = story.now
    story.now += by
    seen = jump(story)
    assert (seen and seen.direction, seen and seen.since, seen and seen.by) == (
        expected,
        expected and before,
        expected and abs(by),
    )


def test_it_is_noticed_once() -> None:
    story = Story()
    story.run()
    story.now -= YEARS
    seen = jump(story)
    assert seen is not None
    story.run(after=timedelta(0))
    assert jump(story) is None
    story.memory = replace(story.memory, jumps={"back": story.memory.number})
    story.now -= YEARS
    assert jump(story) is None, "a second monitor with another clock would show it again and again"


def test_what_is_run_by_hand_comes_as_it_comes() -> None:
    story = Story()
    for _ in range(12):
        story.run(after=HOUR, trigger=Trigger.TERMINAL)
    by_hand = report((), story.now + timedelta(hours=20), trigger=Trigger.TERMINAL)
    assert jump_of(story.memory, by_hand, by_hand.started_at) is None
    years_later = report((), story.now + YEARS, trigger=Trigger.TERMINAL)
    seen = jump_of(story.memory, years_later, years_later.started_at)
    assert seen is not None
    assert (seen.direction, seen.since, seen.by) == ("forward", story.now, YEARS)


@pytest.mark.parametrize(
    ("began", "at", "expected"),
    [
        pytest.param(1, -HOUR, False, id="none was written meanwhile: the clock went back"),
        pytest.param(0, -timedelta(minutes=1), True, id="another one looked later"),
        pytest.param(0, timedelta(minutes=1), False, id="another one checked before"),
        pytest.param(None, -timedelta(minutes=1), True, id="not known: the clock decides"),
    ],
)
def test_the_order_of_runs_is_that_of_writing(began: int | None, at: timedelta, expected: bool) -> None:
    story = Story()
    story.run()
    slow = report((), story.now + at)
    now = story.now + max(at, timedelta(0)) if began != 1 else story.now + at
    assert is_outdated(slow, story.memory, began, now) == expected


def test_another_run_by_a_clock_that_was_ahead_makes_none_outdated() -> None:
    story = Story()
    story.run(after=YEARS)
    assert not is_outdated(report((), story.now - YEARS), story.memory, 0, story.now - YEARS)


def test_a_silence_lasts_as_long_as_somebody_wanted() -> None:
    story = Story()
    story.run(FAILED, after=YEARS)
    story.silence("migration 2", hours=4)
    assert story.run(FAILED, after=-YEARS) == SILENT
    for _ in range(3):
        assert story.run(FAILED, after=HOUR) == SILENT
    assert story.run(FAILED, after=HOUR) == ["silence ended migration 2"]


def test_a_window_of_the_future_holds_back_no_longer_than_any() -> None:
    story = Story()
    story.run(FAILED, after=YEARS)
    story.verify("before", version="v3")
    assert story.run(FEW_USERS, FAILED, after=-YEARS) == SILENT
    sent = [what for _ in range(3) for what in story.run(FEW_USERS, FAILED, after=timedelta(minutes=31))]
    assert "opened seed-missing:users" in sent


def test_what_flapped_in_the_future_is_sent_once_it_is_steady() -> None:
    story = Story()
    for found in ((SLOW,), (), (SLOW,), (), (SLOW,), ()):
        story.run(*found, after=YEARS if found and not story.memory.runs else timedelta(minutes=5))
    story.run(after=-YEARS)
    assert "resolved endpoint-slow:folders" in [*story.run(after=HOUR), *story.run(after=HOUR)]


def test_a_reminder_comes_a_day_after_the_clock_was_right_again() -> None:
    story = Story()
    story.run(EDITED, after=YEARS)
    assert story.run(EDITED, after=-YEARS) == SILENT
    assert story.run(EDITED, after=24 * HOUR) == ["reminder migration 1"]


def test_no_time_of_the_memory_is_later_than_now_but_for_runs_and_messages() -> None:
    then = NOW - YEARS
    known = on_this_clock(EVERYTHING, then)
    left = replace(known, runs=(), undelivered=(), refusing=(), not_received=(), next_run_at=None)
    left = replace(left, series={}, migration_days=())
    # Of the incident groups `decide.members` compares each time with now: the memory of a target has none.
    left = replace(left, groups=(), flushed_at=None)
    # Used forms are kept for as long as `decide.forms` would take them again.
    left = replace(left, used_forms=())
    assert str(NOW.year) not in repr(_without_beginnings(left)).replace(f"{then:%Y}", "")
    assert on_this_clock(EVERYTHING, NOW) == EVERYTHING, "a clock that is right changes nothing"


def _without_beginnings(memory: Memory) -> Memory:
    """Leave out when incidents that people know of began, which is part of what they know them by."""
    incidents = tuple(replace(each, since=datetime(1, 1, 1), findings=()) for each in memory.incidents)  # noqa: DTZ001  # no time at all
    return replace(memory, incidents=incidents)
