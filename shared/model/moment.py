"""A moment as it is written down: ISO 8601."""

from datetime import UTC, datetime


def moment_of(text: str | None) -> datetime | None:
    """Read ISO 8601 as a moment; None where it is none, or where its time zone is not said."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def written(moment: datetime) -> str:
    """``2025-09-05T09:41:00Z``, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
