"""Dates, times and intervals as the server prints them (DateStyle ISO, IntervalStyle postgres, UTC)."""

import re
from decimal import Decimal

_DATE = re.compile(r"(\d{4,})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?")
_ZONE = re.compile(r"z|utc|gmt|[+-]\d{1,2}(?::?\d{2})?", re.IGNORECASE)


def moment(value: str, *, date: bool, time: bool, zone: bool) -> str:
    """ISO dates and times, in full; other spellings stay. A time zone other than UTC stays as it is written."""
    rest = value.strip()
    if rest.lower() in {"infinity", "-infinity"}:
        return rest.lower()
    if rest.lower() == "epoch":
        rest = "1970-01-01 00:00:00"
    found = _DATE.match(rest)
    day = ""
    if found:
        day = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
        rest = rest[found.end() :].lstrip(" tT")
    elif date:
        return value
    found = _TIME.match(rest)
    clock = "00:00:00"
    if found:
        fraction = (found[4] or "").rstrip("0")
        clock = f"{int(found[1]):02}:{found[2]}:{found[3] or '00'}{'.' + fraction if fraction else ''}"
        rest = rest[found.end() :].lstrip()
    elif time and not date:
        return value
    if rest and not _ZONE.fullmatch(rest):
        return value
    offset = _offset(rest) if zone else ""
    return " ".join(filter(None, (day if date else "", clock if time else ""))) + offset


def _offset(zone: str) -> str:
    if not zone or zone.lower() in {"z", "utc", "gmt"}:
        return "+00"
    hours, minutes = zone[1:3].rstrip(":"), zone[3:].lstrip(":")
    return f"{zone[0]}{int(hours):02}{':' + minutes if minutes not in {'', '00'} else ''}".replace("-00", "+00")


_INTERVAL_PART = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([a-z]+)|([+-]?)(\d+):(\d{2})(?::(\d{2}(?:\.\d+)?))?")
_MONTHS = {
    "mil": 12000,
    "millennium": 12000,
    "millennia": 12000,
    "c": 1200,
    "century": 1200,
    "centuries": 1200,
    "decade": 120,
    "decades": 120,
    "y": 12,
    "year": 12,
    "years": 12,
    "yr": 12,
    "yrs": 12,
    "mon": 1,
    "mons": 1,
    "month": 1,
    "months": 1,
}
_DAYS = {"w": 7, "week": 7, "weeks": 7, "d": 1, "day": 1, "days": 1}
_SECONDS: dict[str, int | Decimal] = {
    "h": 3600,
    "hr": 3600,
    "hrs": 3600,
    "hour": 3600,
    "hours": 3600,
    "m": 60,
    "min": 60,
    "mins": 60,
    "minute": 60,
    "minutes": 60,
    "s": 1,
    "sec": 1,
    "secs": 1,
    "second": 1,
    "seconds": 1,
    "ms": Decimal("0.001"),
    "milliseconds": Decimal("0.001"),
    "millisecond": Decimal("0.001"),
}


def interval(value: str) -> str:
    """``1 year 2 mons 3 days 04:05:06``, the server's own style, from verbose and from its own spelling."""
    rest = value.strip().lower().removeprefix("@").strip()
    ago = rest.endswith(" ago")
    rest = rest.removesuffix(" ago")
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", rest):
        rest += " seconds"
    months, days, seconds = Decimal(0), Decimal(0), Decimal(0)
    at = 0
    for part in _INTERVAL_PART.finditer(rest):
        if rest[at : part.start()].strip(" ,"):
            return value
        at = part.end()
        if part[2] is None:
            sign = -1 if part[3] == "-" else 1
            seconds += sign * (int(part[4]) * 3600 + int(part[5]) * 60 + Decimal(part[6] or 0))
        elif part[2] in _MONTHS:
            months += Decimal(part[1]) * _MONTHS[part[2]]
        elif part[2] in _DAYS:
            days += Decimal(part[1]) * _DAYS[part[2]]
        elif part[2] in _SECONDS:
            seconds += Decimal(part[1]) * _SECONDS[part[2]]
        else:
            return value
    if at == 0 or rest[at:].strip() or months % 1:
        return value
    seconds += days % 1 * 86400
    sign = -1 if ago else 1
    return _spelt_interval(int(months) * sign, int(days) * sign, seconds * sign)


def _spelt_interval(months: int, days: int, seconds: Decimal) -> str:
    years, months = (abs(months) // 12 * (1 if months > 0 else -1), abs(months) % 12 * (1 if months > 0 else -1))
    words = [
        f"{count} {unit}{'' if count == 1 else 's'}"
        for count, unit in ((years, "year"), (months, "mon"), (days, "day"))
        if count
    ]
    if seconds or not words:
        minutes, rest = divmod(abs(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        fraction = f"{rest % 1:.6f}"[1:].rstrip("0").rstrip(".")
        words.append(f"{'-' if seconds < 0 else ''}{int(hours):02}:{int(minutes):02}:{int(rest):02}{fraction}")
    return " ".join(words)
