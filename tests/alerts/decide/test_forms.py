"""What somebody does on the status page: once, not too often, and until when."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.alerts.decide.forms import (
    MOST_USED,
    FormUsedError,
    TooSoonError,
    may_ask,
    silence_until,
    with_check_asked,
    with_used,
)
from shared.model.memory import Memory, UsedForm
from tests.builders import NOW

HOUR = timedelta(hours=1)
EMPTY = Memory("production")


def form(name: str, until: datetime = NOW + HOUR) -> UsedForm:
    return UsedForm(name, until)


def test_a_form_is_taken_once() -> None:
    once = with_used(EMPTY, form("a"), NOW)
    assert once.used_forms == (form("a"),)
    with pytest.raises(FormUsedError):
        with_used(once, form("a"), NOW)
    assert with_used(once, form("b"), NOW).used_forms == (form("a"), form("b"))


def test_what_has_ended_is_forgotten_and_what_has_not_never_is() -> None:
    full = EMPTY
    for number in range(MOST_USED):
        full = with_used(full, form(str(number)), NOW)
    with pytest.raises(FormUsedError):
        with_used(full, form("one more"), NOW)
    later = NOW + HOUR
    assert with_used(full, form("one more", later + HOUR), later).used_forms == (form("one more", later + HOUR),)


def test_a_form_of_a_clock_that_was_ahead_is_refused_and_keeps_nobody_out() -> None:
    ahead = form("ahead", NOW + 48 * HOUR)
    with pytest.raises(FormUsedError):
        with_used(EMPTY, ahead, NOW)
    full = Memory("production", used_forms=tuple(UsedForm(str(n), ahead.until) for n in range(MOST_USED)))
    assert with_used(full, form("a"), NOW).used_forms == (form("a"),)


def test_a_check_is_asked_for_once_a_minute() -> None:
    asked = with_check_asked(EMPTY, NOW)
    with pytest.raises(TooSoonError) as error:
        with_check_asked(asked, NOW + timedelta(seconds=59))
    assert error.value.wait == timedelta(seconds=1)
    assert with_check_asked(asked, NOW + timedelta(minutes=1)).check_asked == NOW + timedelta(minutes=1)
    assert may_ask(asked, NOW - HOUR), "a clock that was ahead delays nothing"


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        pytest.param("2026-11-22T09:05", "UTC", "2026-11-23T08:00+00:00", id="by day"),
        pytest.param("2026-11-22T22:05", "UTC", "2026-11-23T08:00+00:00", id="in the evening"),
        pytest.param("2026-11-22T02:00", "UTC", "2026-11-22T08:00+00:00", id="at night the morning is meant"),
        pytest.param("2026-11-22T04:00", "UTC", "2026-11-22T08:00+00:00", id="four hours before"),
        pytest.param("2026-11-22T04:01", "UTC", "2026-11-23T08:00+00:00", id="less"),
        pytest.param("2026-11-22T07:30", "UTC", "2026-11-23T08:00+00:00", id="half an hour is not tomorrow"),
        pytest.param("2026-11-22T09:05", "Europe/Zurich", "2026-11-23T07:00+00:00", id="by other clocks"),
        pytest.param("2026-11-22T22:30", "Asia/Tokyo", "2026-11-24T08:00+09:00", id="where tomorrow has begun"),
        pytest.param("2026-03-28T20:00", "Europe/Zurich", "2026-03-29T06:00+00:00", id="over the change to summer time"),
    ],
)  # fmt: skip
def test_tomorrow(now: str, zone: str, expected: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert silence_until("tomorrow", moment, ZoneInfo(zone)) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(("choice", "hours"), [("1h", 1), ("4h", 4)])
def test_hours(choice: str, hours: int) -> None:
    assert silence_until(choice, NOW, UTC) == NOW + hours * HOUR


@pytest.mark.parametrize("choice", ["", "2h", "90d", "Tomorrow", "1h "])
def test_nothing_else(choice: str) -> None:
    assert silence_until(choice, NOW, UTC) is None
