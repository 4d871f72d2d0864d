"""Constants as the server prints them after its type's input function has read them.

Only spellings that people write are known here; any other text is left as it is, which at worst shows two spellings of
one value as different.
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.postgres.canonical.moments import interval, moment
from shared.postgres.canonical.ranges import next_day, next_number, range_of

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


def address(value: str) -> str:
    return value.strip().lower().removesuffix("/32" if ":" not in value else "/128")


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
    "date": lambda value: moment(value, date=True, time=False, zone=False),
    "inet": address,
    "daterange": range_of(next_day),
    "int4range": range_of(next_number),
    "int8range": range_of(next_number),
    "interval": interval,
    "jsonb": jsonb,
    "time with time zone": lambda value: moment(value, date=False, time=True, zone=True),
    "time without time zone": lambda value: moment(value, date=False, time=True, zone=False),
    "timestamp with time zone": lambda value: moment(value, date=True, time=True, zone=True),
    "timestamp without time zone": lambda value: moment(value, date=True, time=True, zone=False),
    "uuid": uuid,
}
