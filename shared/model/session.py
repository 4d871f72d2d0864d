"""The settings by which a server reads constants that leave something open: ``'2020-01-01'`` names no time zone."""

import re
from typing import Literal

from .value import dataclass

DateOrder = Literal["MDY", "DMY", "YMD"]


# UTC by other names.
_UTC = frozenset(
    f"{area}{name}" for area in ("", "etc/") for name in ("utc", "gmt", "uct", "ut", "zulu", "universal", "greenwich")
)
_POSIX = re.compile(r"(?:<[^>]*>|[A-Za-z]{3,})?([+-]?)(\d{1,2}(?::\d{2}){0,2})")
_ORDERS: dict[str, DateOrder] = {
    "dmy": "DMY", "euro": "DMY", "european": "DMY", "german": "DMY", "mdy": "MDY", "us": "MDY", "noneuro": "MDY",
    "noneuropean": "MDY", "ymd": "YMD",
}  # fmt: skip


def time_zone(setting: str) -> str:
    """A value of TimeZone, with one name for UTC, and offsets as constants have them.

    A bare number is hours east of Greenwich; all else with a number is POSIX's and counts to the west.
    """
    if setting.lower() in _UTC:
        return "UTC"
    found = _POSIX.fullmatch(setting)
    if found is None or setting.lstrip("+-").isdigit():
        return setting
    return f"{'+' if found[1] == '-' else '-'}{found[2]}"


def date_order(setting: str) -> DateOrder | None:
    """The order in a value of DateStyle; None where it names none."""
    found = [_ORDERS[word] for word in setting.lower().replace(",", " ").split() if word in _ORDERS]
    return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Session:
    """What one session has set. *time_zone* is a name or an offset as constants have them; None: not known."""

    time_zone: str | None = None
    date_order: DateOrder | None = None
    sql_intervals: bool | None = None  # IntervalStyle = sql_standard: a leading minus sign holds for all fields
    money: str | None = None  # lc_monetary


# What the server itself has before anybody sets anything.
USUAL = Session("UTC", "MDY", sql_intervals=False, money="C")


@dataclass(frozen=True, slots=True)
class Sessions:
    """What sessions of this database may have set: one for the server, and one for each database or role setting."""

    possible: tuple[Session, ...] = (USUAL,)
