"""Constants as the server prints them after its type's input function has read them.

Only spellings that people write are known here; any other text is left as it is, which at worst shows two spellings of
one value as different.
"""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision", "oid"})
OBJECT_NAMES = frozenset({"regclass", "regtype", "regproc", "regprocedure"})
# Read at the moment the statement ran: what is stored is that moment.
MOMENTS = frozenset({"now", "today", "tomorrow", "yesterday"})

_TRUE = frozenset({"t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"})
_FALSE = frozenset({"f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"})


def plain(type_name: str) -> str:
    """The type without its length or precision: ``timestamp without time zone``, ``interval``."""
    if type_name.startswith("interval"):
        return "interval"
    return re.sub(r"\([^)]*\)", "", type_name)


def is_moment(type_name: str) -> bool:
    return type_name.startswith(("date", "time"))


def normal(value: str, type_name: str) -> str:
    """*value* as a constant of *type_name* (without modifiers) prints."""
    reader = _READERS.get(type_name)
    return reader(value) if reader is not None else value


def number(value: str) -> str:
    """Without an exponent, a plus sign or trailing zeros; ``0x1F``, ``1_000`` as integers."""
    compact = value.strip().replace("_", "")
    if compact[:2].lower() in {"0x", "0o", "0b"}:
        try:
            return str(int(compact, 0))
        except ValueError:
            return value
    try:
        decimal = Decimal(compact)
    except InvalidOperation:
        return value
    if not decimal.is_finite():
        return {"inf": "Infinity", "infinity": "Infinity", "nan": "NaN"}.get(compact.lstrip("+").lower(), compact)
    if abs(decimal.adjusted()) > 400:  # no column holds it; writing out its zeros would be an attack
        return compact
    digits = format(decimal, "f")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits in {"-0", ""} else digits


def boolean(value: str) -> str:
    word = value.strip().lower()
    return "true" if word in _TRUE else "false" if word in _FALSE else value


def uuid(value: str) -> str:
    digits = re.sub(r"[{}-]", "", value).lower()
    if not re.fullmatch(r"[0-9a-f]{32}", digits):
        return value
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def bits(value: str) -> str:
    if value[:1] in {"x", "X"} and re.fullmatch(r"[0-9a-fA-F]*", value[1:]):
        return "".join(f"{int(digit, 16):04b}" for digit in value[1:])
    return value[1:] if value[:1] in {"b", "B"} else value


def bytea(value: str) -> str:
    if value.startswith("\\x"):
        return re.sub(r"\s", "", value.lower())
    octal = re.sub(r"\\([0-7]{3}|\\)", lambda found: "\\" if found[1] == "\\" else chr(int(found[1], 8) & 255), value)
    return "\\x" + octal.encode("latin-1" if octal != value and octal.isascii() is False else "utf-8").hex()


def jsonb(value: str) -> str:
    try:
        return _json(json.loads(value, parse_float=_Digits, parse_int=_Digits))
    except (ValueError, RecursionError):
        return value


class _Digits(str):
    """A number in JSON: its digits count, not what a float makes of them."""

    __slots__ = ()


def _json(value: Any) -> str:
    if isinstance(value, _Digits):
        return number(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_json, value))}]"
    if isinstance(value, dict):
        # jsonb's own order of keys: shorter ones first.
        keys = sorted(value, key=lambda key: (len(key.encode()), key))
        return "{" + ", ".join(f"{_json(key)}: {_json(value[key])}" for key in keys) + "}"
    return json.dumps(value, ensure_ascii=False)


_DATE = re.compile(r"(\d{4,})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?")
_ZONE = re.compile(r"z|utc|gmt|[+-]\d{1,2}(?::?\d{2})?", re.IGNORECASE)


def _moment(value: str, *, date: bool, time: bool, zone: bool) -> str:
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


_RANGE = re.compile(r"([\[(])\s*\"?([^,\"]*)\"?\s*,\s*\"?([^,\"]*)\"?\s*([\])])")


def range_of(step: Callable[[str], str | None]) -> Callable[[str], str]:
    """A range over whole numbers or days, whose bounds the server keeps as ``[lower,upper)``."""

    def normal_range(value: str) -> str:
        found = _RANGE.fullmatch(value.strip())
        if found is None:
            return "empty" if value.strip().lower() == "empty" else value
        lower = step(found[2]) if found[1] == "(" and found[2] else found[2]
        upper = step(found[3]) if found[4] == "]" and found[3] else found[3]
        if lower is None or upper is None:
            return value
        return f"{'[' if lower else '('}{lower},{upper})"

    return normal_range


def _next_number(value: str) -> str | None:
    return str(int(value) + 1) if value.lstrip("-").isdigit() else None


def _next_day(value: str) -> str | None:
    try:
        return str(date.fromisoformat(value) + timedelta(days=1))
    except (ValueError, OverflowError):
        return None


def address(value: str) -> str:
    return value.strip().lower().removesuffix("/32" if ":" not in value else "/128")


def array(value: str) -> list[Any] | None:
    """The elements of an array constant (nested lists, None for NULL); None if it has bounds or is broken."""
    found = _Array(value.strip()).read()
    return found if isinstance(found, list) else None


class _Array:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self) -> list[Any] | None:
        try:
            elements = self._list() if self._text.startswith("{") else None
        except (IndexError, RecursionError):
            return None
        return elements if self._at == len(self._text) else None

    def _list(self) -> list[Any]:
        self._at += 1
        elements: list[Any] = []
        while True:
            self._blank()
            if self._text[self._at] == "}" and not elements:
                break
            elements.append(self._element())
            self._blank()
            if self._text[self._at] == "}":
                break
            if self._text[self._at] != ",":
                raise IndexError
            self._at += 1
        self._at += 1
        return elements

    def _blank(self) -> None:
        while self._text[self._at].isspace():
            self._at += 1

    def _element(self) -> Any:
        if self._text[self._at] == "{":
            return self._list()
        if self._text[self._at] == '"':
            self._at += 1
            return self._until('"', skip=1)
        word = self._until(",}", skip=0).rstrip()
        return None if word.upper() == "NULL" else word

    def _until(self, ends: str, skip: int) -> str:
        word = ""
        while self._text[self._at] not in ends:
            if self._text[self._at] == "\\":
                self._at += 1
            word += self._text[self._at]
            self._at += 1
        self._at += skip
        return word


def identifiers(value: str) -> tuple[str, ...] | None:
    """The words of a name in SQL's spelling: ``app."Order_id_seq"``. None if it is none, as ``f(integer)``."""
    found = re.findall(r'"((?:[^"]|"")+)"|([^\s".()]+)', value)
    if not found or re.sub(r'"(?:[^"]|"")+"|[^\s".()]+', "", value).strip(" .") or "(" in value:
        return None
    return tuple(inner.replace('""', '"') if inner else bare.lower() for inner, bare in found)


_READERS: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(NUMBERS, number),
    "bit": bits,
    "bit varying": bits,
    "boolean": boolean,
    "bytea": bytea,
    "cidr": str.lower,
    "date": lambda value: _moment(value, date=True, time=False, zone=False),
    "inet": address,
    "daterange": range_of(_next_day),
    "int4range": range_of(_next_number),
    "int8range": range_of(_next_number),
    "interval": interval,
    "jsonb": jsonb,
    "time with time zone": lambda value: _moment(value, date=False, time=True, zone=True),
    "time without time zone": lambda value: _moment(value, date=False, time=True, zone=False),
    "timestamp with time zone": lambda value: _moment(value, date=True, time=True, zone=True),
    "timestamp without time zone": lambda value: _moment(value, date=True, time=True, zone=False),
    "uuid": uuid,
}
