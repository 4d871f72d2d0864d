"""Time zones of constants: offsets, abbreviations and names, and how far each is from UTC."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from . import calendar

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?")
_HOUR = 3600
# timezone_abbreviations = 'Default', as far as an abbreviation has one meaning there (tznames/Default of 13 to 18).
_ABBREVIATIONS: dict[str, float] = {
    "z": 0, "zulu": 0, "utc": 0, "gmt": 0, "ut": 0, "uct": 0, "wet": 0, "wetdst": 1, "west": 1, "bst": 1, "bdst": 2,
    "cet": 1, "cest": 2, "cetdst": 2, "met": 1, "mest": 2, "metdst": 2, "mez": 1, "eet": 2, "eest": 3, "eetdst": 3,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8,
    "hst": -10, "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5, "jst": 9, "kst": 9, "hkt": 8, "pht": 8, "ict": 7,
    "nzst": 12, "nzdt": 13, "aest": 10, "aedt": 11, "acst": 9.5, "acdt": 10.5, "awst": 8, "ist": 2, "idt": 3,
}  # fmt: skip
# The years that Python's time zones know.
_KNOWN_YEARS = range(2, 9999)


def offset_of(zone: str, days: int, microseconds: int) -> int | None:
    """Seconds by which *zone* is ahead of UTC at a local moment; None where that is not known."""
    if (fixed := fixed_offset(zone)) is not None:
        return fixed
    year, month, day = calendar.civil(days)
    known = _zone(zone)
    if known is None or year not in _KNOWN_YEARS:
        return None
    from datetime import datetime, timedelta  # noqa: PLC0415  # hardly any constant names a zone

    moment = datetime(year, month, day) + timedelta(microseconds=microseconds)  # noqa: DTZ001  # a local one
    offsets = [known.utcoffset(moment.replace(fold=fold)) for fold in (0, 1)]
    # Of a moment that comes twice the server takes the second, of one that is left out the offset before.
    return min(round(offset.total_seconds()) for offset in offsets if offset is not None)


def fixed_offset(zone: str) -> int | None:
    """The same at any time, of an offset or an abbreviation; None of others."""
    if zone.lower() in _ABBREVIATIONS:
        return round(_ABBREVIATIONS[zone.lower()] * _HOUR)
    found = _OFFSET.fullmatch(zone)
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    total = hours * _HOUR + minutes * 60 + seconds
    return None if hours > 15 or minutes > 59 or seconds > 59 else -total if found[1] == "-" else total


def written(offset: int) -> str:
    """``+05:30``, as a time with time zone prints it."""
    minutes, seconds = divmod(abs(offset), 60)
    hours, minutes = divmod(minutes, 60)
    more = f":{minutes:02}:{seconds:02}" if seconds else f":{minutes:02}" if minutes else ""
    return f"{'-' if offset < 0 else '+'}{hours:02}{more}"


@lru_cache(64)
def _zone(name: str) -> "ZoneInfo | None":
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # as above

    for spelling in dict.fromkeys((name, name.title(), name.upper())):
        try:
            return ZoneInfo(spelling)
        except (OSError, ValueError, LookupError):
            continue
    return None
