"""When a target sleeps, and when it is awake again."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.model.hours import SleepingHours, never_end
from tests.builders import target

NIGHTS = SleepingHours("20:00", "06:00", "Europe/Zurich")
NOON = SleepingHours("12:00", "13:00")
WEEKEND_DAYS = SleepingHours("06:00", "20:00", "Europe/Zurich", ("sat", "sun"))
SUNDAYS = SleepingHours("00:00", "00:00", days=("sun",))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


QUARTERS = [
    SleepingHours(begins, ends, days=("mon", "tue", "wed", "thu", "fri"))
    for begins, ends in (("00:00", "06:00"), ("06:00", "12:00"), ("12:00", "18:00"), ("18:00", "00:00"))
]


@pytest.mark.parametrize(
    ("hours", "moment", "awake"),
    [
        pytest.param([], "2026-11-22T09:05", None, id="never"),
        pytest.param([NOON], "2026-11-22T11:59", None, id="before"),
        pytest.param([NOON], "2026-11-22T12:00", "2026-11-22T13:00", id="from the first moment"),
        pytest.param([NOON], "2026-11-22T13:00", None, id="the last is awake"),
        pytest.param([NIGHTS], "2026-11-24T19:00", "2026-11-25T05:00", id="in the evening, by the clocks of Zurich"),
        pytest.param([NIGHTS], "2026-11-24T04:59", "2026-11-24T05:00", id="past midnight"),
        pytest.param([NIGHTS], "2026-07-24T18:30", "2026-07-25T04:00", id="in summer"),
        pytest.param([NIGHTS], "2026-10-24T19:00", "2026-10-25T05:00", id="in the night that is an hour longer"),
        pytest.param([SUNDAYS], "2026-11-22T00:00", "2026-11-23T00:00", id="a whole day"),
        pytest.param([SUNDAYS], "2026-11-23T00:00", None, id="and no longer"),
        pytest.param([replace(NIGHTS, days=("mon",))], "2026-11-24T03:00", "2026-11-24T05:00", id="Monday's night, on Tuesday"),
        pytest.param([replace(NIGHTS, days=("tue",))], "2026-11-24T03:00", None, id="Tuesday's night has not begun"),
        pytest.param([NIGHTS, WEEKEND_DAYS], "2026-11-20T20:00", "2026-11-23T05:00", id="a weekend is nights and days"),
        pytest.param([*QUARTERS, replace(SUNDAYS, days=("sat",))], "2026-11-22T00:00", None, id="out of many hours on a Sunday"),
        pytest.param([*QUARTERS, replace(SUNDAYS, days=("sat",))], "2026-11-23T00:00", "2026-11-29T00:00", id="many hours in a row"),
        pytest.param([SleepingHours("00:00", "00:00")], "2026-11-20T20:00", "2026-12-05T00:00", id="for good"),
    ],
)  # fmt: skip
def test_sleeps_until(hours: list[SleepingHours], moment: str, awake: str | None) -> None:
    asleep = replace(target(), sleep=tuple(hours))
    assert asleep.sleeps_until(utc(moment)) == (None if awake is None else utc(awake))


def test_a_pause_ends_once() -> None:
    paused = replace(target(), paused_until=utc("2026-11-22T12:30"), sleep=(NOON,))
    assert paused.sleeps_until(utc("2026-11-21T09:00")) == utc("2026-11-22T13:00")
    assert paused.sleeps_until(utc("2026-11-22T13:00")) is None


@pytest.mark.parametrize(
    ("hours", "never"),
    [
        pytest.param((), False, id="no hours"),
        pytest.param((SleepingHours("00:00", "23:59"),), False, id="a minute a day"),
        pytest.param((SleepingHours("00:00", "00:00", days=("mon", "tue", "wed", "thu", "fri", "sat")),), False, id="on Sundays"),
        pytest.param((SleepingHours("00:00", "00:00"),), True, id="never"),
        pytest.param((SleepingHours("22:00", "10:00"), SleepingHours("09:00", "22:00")), True, id="by turns"),
    ],
)  # fmt: skip
def test_hours_that_never_end(hours: tuple[SleepingHours, ...], never: bool) -> None:
    assert never_end(hours) is never
