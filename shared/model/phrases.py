"""What every text writes in the same way: durations, sizes, numbers and lists of names."""

from collections.abc import Iterable
from datetime import timedelta


def clipped(text: str, longest: int) -> str:
    """*text*, or its beginning and … where it has more than *longest* characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def span(duration: timedelta | None) -> str:
    """``42 s``, ``17 min``, ``3 h``; what has only just begun has none yet."""
    seconds = 0 if duration is None else int(duration.total_seconds())
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def two_units(duration: timedelta) -> str:
    """``40 s``, ``12 min``, ``3 h 20 min``, ``2 days 4 h``: two units, the second where it says something."""
    seconds = max(0, round(duration.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days:
        return counted(days, "day") + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min" if minutes else f"{seconds} s"


def size(number: int) -> str:
    """Bytes: ``512 KiB``, ``22 MiB``, ``41.3 GiB``."""
    if number >= 2**30:
        return f"{number / 2**30:,.1f} GiB"
    return f"{number / 2**20:,.0f} MiB" if number >= 2**20 else f"{number / 2**10:,.0f} KiB"


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 row``, ``2 rows``; *many* where its plural has no s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def listed(names: Iterable[str], most: int | None = None) -> str:
    """``a, b and c``; of more than *most*, the first and how many more; ``none``."""
    every = list(names)
    if most is not None and len(every) > most:
        return f"{', '.join(every[:most])} and {len(every) - most} more"
    return " and ".join(part for part in (", ".join(every[:-1]), *every[-1:]) if part) or "none"
