"""What every text writes in the same way: durations, and lists of names."""

from collections.abc import Iterable
from datetime import timedelta


def span(duration: timedelta | None) -> str:
    """``42 s``, ``17 min``, ``3 h``; what has only just begun has none yet."""
    seconds = 0 if duration is None else int(duration.total_seconds())
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def listed(names: Iterable[str], most: int | None = None) -> str:
    """``a, b and c``; of more than *most*, the first and how many more; ``none``."""
    every = list(names)
    if most is not None and len(every) > most:
        return f"{', '.join(every[:most])} and {len(every) - most} more"
    return " and ".join(part for part in (", ".join(every[:-1]), *every[-1:]) if part) or "none"
