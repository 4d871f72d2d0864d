"""Durations in a few characters."""

from datetime import timedelta


def span(duration: timedelta | None) -> str:
    """``42 s``, ``17 min``, ``3 h``; what has only just begun has none yet."""
    seconds = 0 if duration is None else int(duration.total_seconds())
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
