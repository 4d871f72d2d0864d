"""The week in numbers: what the weekly card proves to have been checked."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ...model.memory import Memory
from ...model.news import OpenIncident, Week
from ...model.value import replace
from ...report.figures import unknown_time
from .silences import silence_of

_A_WEEK = timedelta(days=7)
# Two messages that nobody confirmed, and some hours less: they are not always sent at the same minute.
_UNSEEN_AFTER = timedelta(days=13)
# Weeks turn on Monday at seven: somebody reads it with the first coffee.
_MONDAY_AT_SEVEN = datetime.fromisoformat("2024-01-01T07:00:00Z")


def week_due(memory: Memory, accepted: int, now: datetime) -> Week | None:
    """Give the week that is over and was not sent; None before one is over."""
    begins = memory.week_sent or min((run.at for run in memory.runs), default=now)
    if (now - _MONDAY_AT_SEVEN) // _A_WEEK == (begins - _MONDAY_AT_SEVEN) // _A_WEEK:
        return None
    runs = [run for run in memory.runs if begins <= run.at <= now]
    return Week(
        target=memory.target,
        begins=begins,
        ends=now,
        runs=sum(run.count for run in runs),
        failed_runs=sum(run.count_failed for run in runs),
        unknown_for=unknown_time(runs, now),
        messages=sum(run.messages for run in runs),
        open=tuple(
            OpenIncident(i.name, i.severity, i.since, silence_of(i, memory.silences, now))
            for i in memory.incidents
            if i.is_open and (i.notified or i.check is None)
        ),
        silences=tuple(each.silence for each in memory.silences if now < each.silence.until),
        accepted=accepted,
        unseen={name: since for name, since in memory.weeks_seen.items() if now - since >= _UNSEEN_AFTER},
    )


def with_readers(memory: Memory, channels: Iterable[str], now: datetime) -> Memory:
    """Give *memory* that knows since when a weekly message to each of *channels* is to be confirmed."""
    return replace(memory, weeks_seen={name: memory.weeks_seen.get(name, now) for name in channels})
