"""Intervals, however they are written: verbose, SQL's own, ISO 8601 (DecodeInterval, DecodeISO8601Interval)."""

import re
from decimal import Decimal, InvalidOperation

from ....model.session import Session
from ....model.value import dataclass

_UNITS: dict[str, tuple[str, int | Decimal]] = {}
for _names, _field, _size in (
    ("mil mils millennium millennia", "months", 12000), ("c cent century centuries", "months", 1200),
    ("dec decs decade decades", "months", 120), ("y yr yrs year years", "months", 12),
    ("mon mons month months", "months", 1), ("w week weeks", "days", 7), ("d day days", "days", 1),
    ("h hr hrs hour hours", "seconds", 3600), ("m min mins minute minutes", "seconds", 60),
    ("s sec secs second seconds", "seconds", 1),
    ("ms msec msecs mseconds millisecond milliseconds", "seconds", Decimal("0.001")),
    ("us usec usecs useconds microsecond microseconds", "seconds", Decimal("0.000001")),
):  # fmt: skip
    _UNITS |= dict.fromkeys(_names.split(), (_field, _size))
_PART = re.compile(
    r"""[\s,]*(?:
    (?P<time>[+-]?\d+:\d{1,2}(?::\d{1,2})?(?:\.\d*)?)
    |(?P<years>[+-]?\d+-\d{1,2})(?![\d-])
    |(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))\s*(?P<unit>[a-z]+(?<!\bago))?
    )""",
    re.VERBOSE,
)
_ISO_PART = re.compile(r"([+-]?\d*\.?\d+)([YMWDHS])")
_ISO_CALENDAR = re.compile(r"([+-]?\d+)-([+-]?\d+)(?:-([+-]?\d+))?")
_ISO_CLOCK = re.compile(r"([+-]?\d+):([+-]?\d+)(?::([+-]?\d+(?:\.\d+)?))?")
_TYPE = re.compile(r"interval(?: (\w+)(?: to (\w+))?)?(?:\((\d)\))?")
# Into what a number without a unit counts, and what is cut off, by the narrowest field of the type.
_NARROWEST = {"year": 12, "month": 1}
_CUT = {"hour": 3600, "minute": 60}
_DAYS_A_MONTH, _SECONDS_A_DAY = 30, 86400


@dataclass(slots=True)
class _Span:
    months: int = 0
    days: int = 0
    seconds: Decimal = Decimal(0)

    def add(self, number: Decimal, unit: str) -> None:
        """Add *number* of *unit*; what is no whole month or day becomes days and seconds."""
        field, size = _UNITS[unit]
        if field == "seconds":
            self.seconds += number * size
        elif field == "days":
            self._add_days(number * size)
        else:
            months = number * size
            whole = int(months)
            if months != whole and size != 1:
                raise _UnreadError  # servers before and after 15 differ in what they make of it
            self.months += whole
            self._add_days((months - whole) * _DAYS_A_MONTH)

    def _add_days(self, days: Decimal) -> None:
        self.days += int(days)
        self.seconds += (days - int(days)) * _SECONDS_A_DAY

    def negate(self) -> None:
        self.months, self.days, self.seconds = -self.months, -self.days, -self.seconds


class _UnreadError(Exception):
    """Not a spelling that is known here."""


def interval(value: str, session: Session, type_name: str = "interval") -> str | None:
    """In the server's own style: ``1 year 2 mons 3 days 04:05:06``. *type_name* with its fields and precision."""
    of_type = _TYPE.fullmatch(type_name)
    if of_type is None:
        return None
    wide, narrow, precision = of_type.groups()
    text = value.strip()
    if text.lower() in {"infinity", "-infinity", "+infinity"}:
        return text.lower().removeprefix("+")
    try:
        iso = text[:1] == "P"
        span = _iso(text[1:]) if iso else _verbose(text.lower(), session, wide or "", narrow or wide or "second")
    except (_UnreadError, InvalidOperation):
        return None
    _restrict(span, narrow or wide or "second")
    span.seconds = round(span.seconds, int(precision) if precision else 6)
    return _written(span)


def _verbose(text: str, session: Session, wide: str, narrow: str) -> _Span:
    text = text.removeprefix("@").strip()
    ago = text.endswith("ago")
    text = text.removesuffix("ago").rstrip()
    span = _Span()
    parts = list(_parts(text))
    # sql_standard: one sign before all holds for all.
    signs = [part for part in parts if part[1].startswith(("-", "+"))]
    spread = len(signs) == 1 and parts[0][1].startswith("-") and len(parts) > 1
    if spread and session.sql_intervals is None:
        raise _UnreadError
    spread = spread and bool(session.sql_intervals)
    for at, (kind, part, unit) in enumerate(parts):
        word = f"-{part}" if spread and at else part
        if kind == "time":
            span.seconds += _clock(word, narrow, wide)
        elif kind == "years":
            sign, (years, months) = (-1 if word[0] == "-" else 1), word.lstrip("+-").split("-")
            span.months += sign * (int(years) * 12 + int(months))
        else:
            before_time = at + 1 < len(parts) and parts[at + 1][0] == "time"
            span.add(Decimal(word), unit or ("day" if before_time else narrow))
    if ago:
        span.negate()
    return span


def _parts(text: str) -> list[tuple[str, str, str]]:
    """The kind, the text and the unit of each part."""
    parts = []
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None or (found["unit"] or "day") not in _UNITS:
            raise _UnreadError
        kind = next(kind for kind in ("time", "years", "number") if found[kind] is not None)
        parts.append((kind, found[kind], found["unit"] or ""))
        at = found.end()
    if not parts:
        raise _UnreadError
    return parts


def _clock(word: str, narrow: str, wide: str) -> Decimal:
    sign, numbers = (-1 if word[0] == "-" else 1), [Decimal(each) for each in word.lstrip("+-").split(":")]
    if len(numbers) == 2 and ((narrow == "second" and wide == "minute") or numbers[1] % 1):
        numbers.insert(0, Decimal(0))  # minutes and seconds
    hours, minutes, seconds = [*numbers, Decimal(0)][:3]
    return sign * (hours * 3600 + minutes * 60 + seconds)


def _iso(text: str) -> _Span:
    span = _Span()
    day, has_time, clock = text.partition("T")
    if (not day and not clock) or (has_time and not clock):
        raise _UnreadError
    if (found := _ISO_CALENDAR.fullmatch(day)) is not None:
        span.months, span.days = int(found[1]) * 12 + int(found[2]), int(found[3] or 0)
    else:
        _designated(span, day, {"Y": "year", "M": "month", "W": "week", "D": "day"})
    if (found := _ISO_CLOCK.fullmatch(clock)) is not None:
        span.seconds += int(found[1]) * 3600 + int(found[2]) * 60 + Decimal(found[3] or 0)
    else:
        _designated(span, clock, {"H": "hour", "M": "minute", "S": "second"})
    return span


def _designated(span: _Span, text: str, units: dict[str, str]) -> None:
    at = 0
    for found in _ISO_PART.finditer(text):
        if found.start() != at or found[2] not in units:
            raise _UnreadError
        span.add(Decimal(found[1]), units[found[2]])
        at = found.end()
    if at != len(text):
        raise _UnreadError


def _restrict(span: _Span, narrow: str) -> None:
    """Cut off what the fields of the type cannot hold (AdjustIntervalForTypmod)."""
    if narrow in _NARROWEST:
        span.months = int(Decimal(span.months) / _NARROWEST[narrow]) * _NARROWEST[narrow]
        span.days = 0
    if narrow in {"year", "month", "day"}:
        span.seconds = Decimal(0)
    elif narrow in _CUT:
        span.seconds = int(span.seconds / _CUT[narrow]) * Decimal(_CUT[narrow])


def _written(span: _Span) -> str:
    sign = -1 if span.months < 0 else 1
    years, months = (sign * each for each in divmod(abs(span.months), 12))
    words = [
        f"{count} {unit}{'' if count == 1 else 's'}"
        for count, unit in ((years, "year"), (months, "mon"), (span.days, "day"))
        if count
    ]
    if span.seconds or not words:
        minutes, rest = divmod(abs(span.seconds), 60)
        hours, minutes = divmod(minutes, 60)
        fraction = f"{rest % 1:.6f}"[1:].rstrip("0").rstrip(".")
        plus = "+" if words and words[-1].startswith("-") else ""
        mark = "-" if span.seconds < 0 else plus
        words.append(f"{mark}{int(hours):02}:{int(minutes):02}:{int(rest):02}{fraction}")
    return " ".join(words)
