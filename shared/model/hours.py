"""Hours of the day by the clocks of a place: they may go past midnight."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from datetime import UTC, datetime, time, timedelta
from typing import ClassVar, Literal, get_args

from .setting_types import STRICT, insist
from .value import dataclass

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_A_DAY = timedelta(days=1)
_A_WEEK = timedelta(days=7)
_A_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def rules_of_hours(begins: str, ends: str, timezone: str) -> Iterator[tuple[bool, str]]:
    """Give what the keys ``from``, ``to`` and ``timezone`` must keep."""
    yield _TIME.fullmatch(begins) is not None, "`from` must be a time of the day, such as 22:00"
    yield _TIME.fullmatch(ends) is not None, "`to` must be a time of the day, such as 07:00"
    yield _is_zone(timezone), "`timezone` must be one of the IANA database, such as Europe/Zurich"


@dataclass(frozen=True, slots=True)
class SleepingHours:
    """A target sleeps from *begins* to *ends*, the same time of the next day at most; *days* are those it begins on."""

    begins: str = field(metadata={"example": "20:00"})
    ends: str = field(metadata={"example": "06:00"})
    timezone: str = "UTC"
    days: tuple[Day, ...] = DAYS
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            *rules_of_hours(self.begins, self.ends, self.timezone),
            (bool(self.days), "`days` must name at least one: mon, tue, wed, thu, fri, sat, sun"),
        )

    def end_around(self, moment: datetime) -> datetime | None:
        """Give when the hours end that *moment* is within; None where it is within none."""
        from zoneinfo import ZoneInfo  # noqa: PLC0415  # only where something sleeps

        zone = ZoneInfo(self.timezone)
        begins, ends = time.fromisoformat(self.begins), time.fromisoformat(self.ends)
        today = moment.astimezone(zone).date()
        for day in (today - _A_DAY, today):
            last = day if begins < ends else day + _A_DAY
            begin, end = datetime.combine(day, begins, zone), datetime.combine(last, ends, zone)
            if DAYS[day.weekday()] in self.days and begin <= moment < end:
                return end.astimezone(UTC)
        return None


def end_of(hours: Iterable[SleepingHours], moment: datetime) -> datetime | None:
    """Give the latest end of all *hours* that *moment* is within; None where it is within none."""
    return max((end for each in hours if (end := each.end_around(moment)) is not None), default=None)


def never_end(hours: Iterable[SleepingHours]) -> bool:
    """Say whether some of *hours* always follow others: what sleeps so is never awake."""
    hours, awake = tuple(hours), _A_MONDAY
    while (end := end_of(hours, awake)) is not None:
        if end - _A_MONDAY > 2 * _A_WEEK:
            return True
        awake = end
    return False


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415  # as above

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
