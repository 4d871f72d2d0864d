"""A moment that others wrote down."""

from datetime import datetime


def moment_of(text: str | None) -> datetime | None:
    """Read ISO 8601 as a moment; None where it is none, or where its time zone is not said."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
