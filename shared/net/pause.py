"""How long to wait before another try."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def seconds_asked_for(retry_after: str | None) -> float | None:
    """Read ``Retry-After``: seconds, or a date (RFC 9110); None where it says neither."""
    if retry_after is None:
        return None
    try:
        if retry_after.strip().isdecimal():
            return float(retry_after)
        wait = (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, wait)


def pause_after(tried: int, first: float, longest: float, asked_for: float | None) -> float | None:
    """Give the seconds to wait after *tried* tries; None where the other side asks for longer than *longest*.

    Pauses double from *first* on. Half of each is random, so that several clients do not return at the same moment.
    """
    if asked_for is not None:
        return asked_for if asked_for <= longest else None
    doubled: float = min(longest, first * 2 ** (tried - 1))
    return doubled * (0.5 + random.random() / 2)
