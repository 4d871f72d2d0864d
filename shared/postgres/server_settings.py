"""Values of settings as PostgreSQL reads and writes them (``parse_int``, ``parse_bool``, ``SplitIdentifierString``)."""

import re
from collections.abc import Sequence
from hashlib import sha256

from .canonical.names import quoted

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


# Settings that are lists of names, which the server quotes (GUC_LIST_QUOTE).
_LISTS = frozenset(
    {
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    }
)
# Settings on which the answer to a query depends, or what a statement may do.
ON_ANSWERS = frozenset(
    {"array_nulls", "backslash_quote", "bytea_output", "datestyle", "default_text_search_config",
     "default_transaction_deferrable", "default_transaction_isolation", "default_transaction_read_only",
     "extra_float_digits", "intervalstyle", "lc_monetary", "lc_numeric", "lc_time", "role", "row_security",
     "search_path", "session_replication_role", "standard_conforming_strings", "timezone", "transform_null_equals",
     "xmlbinary"}
)  # fmt: skip
# What PostgreSQL has by itself: where that is set, no answer changes.
_USUAL = {
    "datestyle": {"iso, mdy"},
    "default_transaction_deferrable": {"off"},
    "default_transaction_isolation": {"read committed"},
    "default_transaction_read_only": {"off"},
    "intervalstyle": {"postgres"},
    "row_security": {"on"},
    "search_path": {'"$user", public', "public"},
    "session_replication_role": {"origin"},
    "standard_conforming_strings": {"on"},
    "timezone": {"utc", "etc/utc", "gmt", "etc/gmt", "universal", "zulu"},
}


def kept(name: str, values: Sequence[str]) -> str:
    """What SET … TO *values* keeps of *name*, with one spelling for each value."""
    if name in _LISTS:
        return ", ".join(quoted(each) for each in values if each)
    return _one(name, ", ".join(values))


def kept_text(name: str, text: str) -> str:
    """The same of what the server keeps (pg_db_role_setting); catalog.sql takes the digest of an application's own."""
    if name in _LISTS:
        return ", ".join(map(quoted, names(text)))
    return text if "." in name else _one(name, text)


def _one(name: str, text: str) -> str:
    if "." in name:
        return f"sha256 {sha256(text.encode()).hexdigest()}"
    if text.lower() in ("true", "yes", "on"):
        return "on"
    if text.lower() in ("false", "no", "off"):
        return "off"
    if name.endswith("_timeout") and (found := seconds(text)) is not None:
        return time(found) if found > 0 else "0"
    return text


def is_list(name: str) -> bool:
    return name in _LISTS


def is_usual(name: str, value: str) -> bool:
    return value.lower() in _USUAL.get(name, ())
