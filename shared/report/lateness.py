"""Whether what is remembered of a target is too old to be shown as its state."""

from datetime import datetime, timedelta

from ..model.memory import Memory

# A scheduled run that is late by so much did not come.
_LATE = timedelta(minutes=15)


def overdue(memory: Memory | None, now: datetime) -> datetime | None:
    """Give when the next run was due, where it did not come; None where it may still come, or none is known."""
    return late_since(memory.next_run_at, now) if memory is not None else None


def late_since(due: datetime | None, now: datetime) -> datetime | None:
    """The same of a run that is *due* then."""
    return due if due is not None and now - due > _LATE else None


def stale_since(memory: Memory | None, now: datetime) -> datetime | None:
    """Give when the last run was, where the next one is overdue; None where it is not, or where none is known."""
    if memory is None or not memory.runs or overdue(memory, now) is None:
        return None
    return memory.runs[-1].at
