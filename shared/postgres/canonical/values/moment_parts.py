"""The parts of a date or a time, as the server reads them (datetime.c)."""

import re
from collections.abc import Iterator

from ....model.session import Session
from ....model.value import dataclass
from . import calendar

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = {
    **{name: number for number, name in enumerate(_MONTHS, 1)},
    **dict(zip(("january", "february", "march", "april", "june", "july", "august", "september", "sept", "october",
                "november", "december"), (1, 2, 3, 4, 6, 7, 8, 9, 9, 10, 11, 12), strict=True)),
}  # fmt: skip
_IGNORED = frozenset(
    """
    at on sun sunday mon monday tue tues tuesday wed weds wednesday thu thur thurs thursday fri friday sat saturday
    """.split()  # noqa: SIM905 - quotes around each word would double it
)
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<run>\d{6,8})T(?P<clock>\d{6}|\d{4})(?P<clock_fraction>\.\d*)?
    |(?P<time>[tT]?(\d{1,2}):(\d{2})(?::(\d{1,2})(\.\d*)?)?)
    |(?P<date>\d+[-/.](?:\d+|[A-Za-z]{3,9})[-/.]\d+|[A-Za-z]{3,9}-\d+-\d+)[tT]?
    |(?P<day_of_year>\d{4}\.\d{3})(?!\d)
    |(?P<julian>[jJ]\d+)
    |(?P<offset>[+-]\d{3,6}|[+-]\d{1,2}(?::\d{2}){0,2})
    |(?P<number>\d+(?:\.\d*)?)
    |(?P<word>[A-Za-z]+(?:[/_+-]?[A-Za-z0-9]+)*)
    |[,;]
    )""",
    re.VERBOSE,
)
_JULIAN_OF_EPOCH = 2_440_588
_TWO_DIGITS = 2
_NOON = 12
# Years that two digits mean: from 1970 to 2069.
_CENTURY_TURNS = 70


@dataclass(frozen=True, slots=True)
class Moment:
    """Days since 1970 and microseconds of the day; None is not written."""

    days: int | None
    time: int | None
    zone: str | None


@dataclass(slots=True)
class _Fields:
    """The parts that were found; None is not found yet."""

    order: str | None
    time_first: bool = False
    year: int | None = None
    month: int | None = None
    day: int | None = None
    short_year: bool = False
    text_month: bool = False
    time: int | None = None  # microseconds
    meridian: str | None = None
    bc: bool = False
    zone: str | None = None
    days: int | None = None  # of a Julian day


class _UnreadError(Exception):
    """Not a spelling that is known here."""


def read(value: str, session: Session, *, time_first: bool = False) -> Moment | None:
    text = value.strip()
    if text.lower() in {"epoch", "allballs"}:
        return Moment(0 if text.lower() == "epoch" else None, 0, "UTC")
    fields = _Fields(session.date_order, time_first)
    try:
        for kind, token in _tokens(text):
            _take(fields, kind, token)
        return Moment(_days(fields), _time(fields), fields.zone)
    except _UnreadError:
        return None


def _tokens(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.end() == at:
            raise _UnreadError
        at = found.end()
        for kind in ("run", "time", "date", "day_of_year", "julian", "offset", "number", "word"):
            if found[kind] is not None:
                yield kind, found
                break


def _take(fields: _Fields, kind: str, token: re.Match[str]) -> None:
    match kind:
        case "run":
            _run_together(fields, token["run"])
            fields.time = _compact_time(token["clock"], token["clock_fraction"])
        case "time":
            _once(fields.time)
            hours, minutes, seconds, fraction = token.groups()[4:8]
            fields.time = _microseconds(int(hours), int(minutes), int(seconds or 0), fraction)
        case "date":
            _once(fields.year, fields.day)
            parts = re.split(r"[-/.]", token["date"])
            for part in sorted(parts, key=str.isdigit):  # the month's name first
                _number(fields, part) if part.isdigit() else _month(fields, part)
        case "day_of_year":
            year, day = token["day_of_year"].split(".")
            fields.days = calendar.days(int(year), 1, 1) + int(day) - 1
        case "julian":
            fields.days = int(token["julian"][1:9]) - _JULIAN_OF_EPOCH
        case "offset":
            _zone(fields, token["offset"])
        case "number":
            _bare_number(fields, token["number"])
        case _:
            _word(fields, token["word"])


def _once(*found: int | None) -> None:
    if any(each is not None for each in found):
        raise _UnreadError


def _bare_number(fields: _Fields, digits: str) -> None:
    whole, _, fraction = digits.partition(".")
    has_date = fields.days is not None or None not in (fields.year, fields.month, fields.day)
    if len(whole) in {4, 6} and (has_date or fields.time_first) and fields.time is None:
        fields.time = _compact_time(whole, f".{fraction}" if fraction else None)
    elif fraction:
        raise _UnreadError
    elif len(whole) in {6, 8} and fields.year is None and fields.month is None:
        _run_together(fields, whole)
    else:
        _number(fields, whole)


def _run_together(fields: _Fields, digits: str) -> None:
    """``19990108`` and ``990108``."""
    _once(fields.year, fields.month, fields.day)
    fields.year, fields.month, fields.day = int(digits[:-4]), int(digits[-4:-2]), int(digits[-2:])
    fields.short_year = len(digits[:-4]) == _TWO_DIGITS


def _compact_time(digits: str, fraction: str | None) -> int:
    hours, minutes, seconds = digits[:2], digits[2:4], digits[4:6] or "0"
    return _microseconds(int(hours), int(minutes), int(seconds), fraction)


def _microseconds(hours: int, minutes: int, seconds: int, fraction: str | None) -> int:
    if hours > 24 or minutes > 59 or seconds > 60:
        raise _UnreadError
    rest = round(int((fraction or ".0")[1:8].ljust(7, "0")) / 10)
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + rest


def _month(fields: _Fields, word: str) -> None:
    month = _MONTH_NAMES.get(word.lower())
    if month is None:
        raise _UnreadError
    if fields.month is not None and not fields.text_month and fields.day is None:
        fields.day = fields.month  # 8 Jan: the first number was no month
        fields.month = None
    _once(fields.month)
    fields.month, fields.text_month = month, True


def _number(fields: _Fields, digits: str) -> None:
    """A number of a date, by what is known already and by DateStyle's order (DecodeNumber)."""
    field = _meant(fields, is_long=len(digits) > _TWO_DIGITS)
    if field == "year":
        if fields.year is not None:  # 8 Jan 1999 where years come first: the first number was the day
            fields.day = fields.year
        _year(fields, digits)
    elif field == "month":
        fields.month = int(digits[:4])
    else:
        fields.day = int(digits[:4])


def _meant(fields: _Fields, *, is_long: bool) -> str:
    """Which field of a date the next number is."""
    have = (fields.year is not None, fields.month is not None, fields.day is not None)
    if have == (False, False, False):
        return "year" if is_long else _first(fields.order)
    if have == (False, True, False) and fields.text_month:
        return "year" if is_long or _first(fields.order) == "year" else "day"
    if have == (True, True, False) and fields.text_month and is_long and fields.short_year:
        return "year"
    missing = {
        (True, False, False): "month", (True, False, True): "month", (False, True, False): "day",
        (True, True, False): "day", (False, False, True): "month", (False, True, True): "year",
    }  # fmt: skip
    if have not in missing:
        raise _UnreadError
    return missing[have]


def _first(order: str | None) -> str:
    if order is None:
        raise _UnreadError
    return {"Y": "year", "M": "month", "D": "day"}[order[0]]


def _year(fields: _Fields, digits: str) -> None:
    fields.year, fields.short_year = int(digits[:7]), len(digits) <= _TWO_DIGITS


def _zone(fields: _Fields, zone: str) -> None:
    if fields.zone is not None or (fields.time is None and zone[0] in "+-"):
        raise _UnreadError
    fields.zone = zone


def _word(fields: _Fields, word: str) -> None:
    lower = word.lower()
    if lower in _MONTH_NAMES:
        _month(fields, word)
    elif lower in {"am", "pm"} and fields.time is not None:
        fields.meridian = lower
    elif lower in {"bc", "ad"}:
        fields.bc = lower == "bc"
    elif lower not in _IGNORED and lower != "t":
        _zone(fields, word)


def _days(fields: _Fields) -> int | None:
    if fields.days is not None:
        return fields.days
    if (fields.year, fields.month, fields.day) == (None, None, None):
        return None
    if fields.year is None or fields.month is None or fields.day is None:
        raise _UnreadError
    year = fields.year
    if fields.bc:
        year = 1 - year
    elif fields.short_year:
        year += 2000 if year < _CENTURY_TURNS else 1900
    if not calendar.is_date(year, fields.month, fields.day):
        raise _UnreadError
    return calendar.days(year, fields.month, fields.day)


def _time(fields: _Fields) -> int | None:
    if fields.time is None or fields.meridian is None:
        return fields.time
    hours, rest = divmod(fields.time, 3_600_000_000)
    if not 1 <= hours <= _NOON:
        raise _UnreadError
    return (hours % _NOON + (_NOON if fields.meridian == "pm" else 0)) * 3_600_000_000 + rest
