"""Constants of ranges over what can be counted."""

import re
from collections.abc import Callable
from datetime import date, timedelta

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


def next_number(value: str) -> str | None:
    return str(int(value) + 1) if value.lstrip("-").isdigit() else None


def next_day(value: str) -> str | None:
    try:
        return str(date.fromisoformat(value) + timedelta(days=1))
    except (ValueError, OverflowError):
        return None
