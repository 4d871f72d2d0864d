"""Values of settings as PostgreSQL reads and writes them (``parse_int``, ``parse_bool``, ``SplitIdentifierString``)."""

import re

# Milliseconds.
_UNITS = {"us": 0.001, "ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_TIME = re.compile(r"\s*(-?(?:\d+\.?\d*|\.\d+))\s*(us|ms|s|min|h|d)?\s*")
_NAME = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,"]*))\s*(?:,|$)')
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


def seconds(value: str) -> float | None:
    """A time, in milliseconds where it names no unit; None where it is none.

    A negative one is read, too: whether it is in the range of a setting is not said here.
    """
    found = _TIME.fullmatch(value)
    return float(found[1]) * _UNITS[found[2] or "ms"] / 1000 if found is not None else None


def time(in_seconds: float) -> str:
    """A time in the largest unit in which it is a whole number, as SHOW writes it."""
    for unit in ("d", "h", "min", "s"):
        number = in_seconds * 1000 / _UNITS[unit]
        if number >= 1 and number == int(number):
            return f"{int(number)}{unit}"
    return f"{in_seconds * 1000:g}ms"


def names(value: str) -> tuple[str, ...]:
    """The names in a list such as search_path: unquoted and, where they were not quoted, in lower case."""
    found = _NAME.finditer(value)
    words = (each[1].replace('""', '"') if each[1] is not None else each[2].strip().lower() for each in found)
    return tuple(each for each in words if each)


def is_on(value: str) -> bool:
    """Say whether it means true: any beginning of a word that begins no other one will do."""
    word = value.strip().lower()
    meant = [each for each in (*_TRUE, *_FALSE) if word and each.startswith(word)]
    return len(meant) == 1 and meant[0] in _TRUE
