"""Numbers, booleans, bytes and other single values."""

import json
import re
import struct
from decimal import Decimal, InvalidOperation
from typing import Any

from ....model.session import Session

_TRUE = frozenset({"t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"})
_FALSE = frozenset({"f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"})
_BASES = {"0x": 16, "0o": 8, "0b": 2}
_MONEY = re.compile(r"(?P<open>\()?(?P<sign>-)?\$?(?P<inner>-)?(?P<whole>[\d,]*)(?:\.(?P<cents>\d*))?(?P<close>\))?")
# Where money is written with a point before its two decimals.
_POINTED_MONEY = re.compile(r"(C|POSIX|en_[A-Z]{2}.*)(\..*)?", re.IGNORECASE)
_OIDS = 2**32


def number(value: str) -> str | None:
    """Without an exponent, a plus sign or trailing zeros; ``0x1F``, ``1_000`` as integers."""
    compact = value.strip().replace("_", "")
    sign, digits = ("-", compact[1:]) if compact[:1] == "-" else ("", compact.lstrip("+"))
    if (base := _BASES.get(digits[:2].lower())) is not None:
        try:
            return sign + str(int(digits[2:], base))
        except ValueError:
            return None
    try:
        decimal = Decimal(compact)
    except InvalidOperation:
        return None
    if not decimal.is_finite():
        return {"i": f"{sign}Infinity", "n": "NaN"}.get(digits[:1].lower(), compact)
    if abs(decimal.adjusted()) > 400:  # no column holds it; writing out its zeros would be an attack
        return compact
    text = format(decimal, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def oid(value: str) -> str | None:
    digits = number(value)
    return str(int(digits) % _OIDS) if digits is not None and digits.lstrip("-").isdigit() else None


def double(value: str) -> str | None:
    """The number that eight bytes hold of it, in the fewest digits."""
    digits = number(value)
    try:
        return number(repr(float(digits))) if digits is not None else None
    except (ValueError, OverflowError):
        return None


def real(value: str) -> str | None:
    """The number that four bytes hold of it, in the fewest digits."""
    digits = number(value)
    try:
        exact = float(digits) if digits is not None else None
        if exact is None:
            return None
        if exact - exact != 0:  # infinite, or no number
            return digits
        held = _four_bytes(exact)
    except (ValueError, OverflowError):
        return None
    return next(
        (number(text) for places in range(1, 10) if _four_bytes(float(text := f"{exact:.{places}g}")) == held), None
    )


def _four_bytes(value: float) -> bytes:
    return struct.pack("f", value)


def money(value: str, session: Session) -> str | None:
    """In cents, without the sign of the currency; None where lc_monetary writes it otherwise."""
    if session.money is None or not _POINTED_MONEY.fullmatch(session.money):
        return None
    found = _MONEY.fullmatch(value.strip().replace(" ", ""))
    if found is None or not (found["whole"] or found["cents"]):
        return None
    amount = Decimal(f"{found['whole'].replace(',', '') or 0}.{found['cents'] or 0}")
    is_negative = bool(found["sign"] or found["inner"] or found["open"])
    return f"{'-' if is_negative and amount else ''}{round(amount, 2):.2f}"


def boolean(value: str) -> str | None:
    word = value.strip().lower()
    return "true" if word in _TRUE else "false" if word in _FALSE else None


def uuid(value: str) -> str | None:
    digits = re.sub(r"[{}-]", "", value).lower()
    if not re.fullmatch(r"[0-9a-f]{32}", digits):
        return None
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def bits(value: str) -> str | None:
    if value[:1] in {"x", "X"} and re.fullmatch(r"[0-9a-fA-F]*", value[1:]):
        return "".join(f"{int(digit, 16):04b}" for digit in value[1:])
    digits = value[1:] if value[:1] in {"b", "B"} else value
    return digits if re.fullmatch("[01]*", digits) else None


def bytea(value: str) -> str | None:
    if value[:2] in {"\\x", "\\X"}:
        digits = re.sub(r"\s", "", value[2:].lower())
        return "\\x" + digits if re.fullmatch("([0-9a-f]{2})*", digits) else None
    parts = re.split(r"\\([0-3][0-7]{2}|\\)", value)
    plain, escaped = parts[::2], parts[1::2]
    if any("\\" in part for part in plain):
        return None
    octets = (b"\\" if each == "\\" else bytes([int(each, 8)]) for each in escaped)
    return "\\x" + b"".join(part.encode() + next(octets, b"") for part in plain).hex()


def char(value: str) -> str | None:
    """One byte, of the type "char". What a backslash means differs between servers before and after 16."""
    if value[:1] == "\\" or not value[:1].isascii():
        return None
    return value[:1]


def name(value: str) -> str:
    """Cut to 63 bytes, and never within a character."""
    return value.encode()[:63].decode(errors="ignore")


def jsonb(value: str) -> str | None:
    try:
        return _json(json.loads(value, parse_float=_Digits, parse_int=_Digits, parse_constant=_refused))
    except (ValueError, RecursionError):
        return None


class _Digits(str):
    """A number in JSON: its digits count, not what a float makes of them."""

    __slots__ = ()


def _refused(_: str) -> None:
    raise ValueError


def _json(value: Any) -> str:
    if isinstance(value, _Digits):
        return number(value) or value
    if isinstance(value, list):
        return f"[{', '.join(map(_json, value))}]"
    if isinstance(value, dict):
        # jsonb's own order of keys: shorter ones first.
        keys = sorted(value, key=lambda key: (len(key.encode(errors="surrogatepass")), key))
        return "{" + ", ".join(f"{_json(key)}: {_json(value[key])}" for key in keys) + "}"
    return json.dumps(value, ensure_ascii=False)


def lsn(value: str) -> str | None:
    found = re.fullmatch(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})", value)
    return f"{int(found[1], 16):X}/{int(found[2], 16):X}" if found else None


def numbers(value: str) -> str | None:
    """int2vector and oidvector."""
    words = value.split()
    return " ".join(words) if all(word.lstrip("-").isdigit() for word in words) else None
