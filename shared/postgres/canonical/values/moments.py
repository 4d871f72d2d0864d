"""Dates and times as the server prints them with DateStyle ISO in UTC, whatever way they were written in."""

from typing import Final

from ....model.session import Session
from . import calendar, zones
from .moment_parts import read

MICROSECONDS_A_DAY: Final = 86_400_000_000


def date(value: str, session: Session) -> str | None:
    if (word := _infinite(value)) is not None:
        return word
    found = read(value, session)
    return None if found is None or found.days is None else _day(found.days)


def timestamp(value: str, session: Session) -> str | None:
    """Without time zone: one that is written is not heeded."""
    if (word := _infinite(value)) is not None:
        return word
    found = read(value, session)
    return None if found is None or found.days is None else _moment(found.days, found.time or 0)


def timestamptz(value: str, session: Session) -> str | None:
    """In UTC. None also where the constant names no time zone and *session* knows none."""
    if (word := _infinite(value)) is not None:
        return word
    found = read(value, session)
    if found is None or found.days is None:
        return None
    zone = found.zone or session.time_zone
    time = found.time or 0
    offset = None if zone is None else zones.offset_of(zone, found.days + time // MICROSECONDS_A_DAY, time)
    return None if offset is None else _moment(found.days, time - offset * 1_000_000, "+00")


def time(value: str, session: Session) -> str | None:
    found = read(value, session, time_first=True)
    return None if found is None or found.time is None else _clock(found.time)


def timetz(value: str, session: Session) -> str | None:
    found = read(value, session, time_first=True)
    if found is None or found.time is None:
        return None
    zone = found.zone or session.time_zone
    if zone is None:
        return None
    # A zone that has summer time needs a day to have an offset.
    offset = zones.fixed_offset(zone) if found.days is None else zones.offset_of(zone, found.days, found.time)
    return None if offset is None else _clock(found.time) + zones.written(offset)


def _infinite(value: str) -> str | None:
    word = value.strip().lower()
    return word.removeprefix("+") if word in {"infinity", "-infinity", "+infinity"} else None


def _moment(days: int, microseconds: int, zone: str = "") -> str:
    more, microseconds = divmod(microseconds, MICROSECONDS_A_DAY)
    day, _, era = _day(days + more).partition(" ")
    return f"{day} {_clock(microseconds)}{zone}{' ' + era if era else ''}"


def _day(days: int) -> str:
    year, month, day = calendar.civil(days)
    return f"{year:04}-{month:02}-{day:02}" if year > 0 else f"{1 - year:04}-{month:02}-{day:02} BC"


def _clock(microseconds: int) -> str:
    seconds, fraction = divmod(microseconds, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}" + (f".{fraction:06}".rstrip("0") if fraction else "")
