"""A clock that jumps: what it wrote while it was ahead must hold nothing back once it is right again.

Times of our own that have not come yet are taken for this moment. The order of runs is that of their numbers.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from ...model.attribution import OwnRuns
from ...model.memory import Answer, Incident, Memory, Notified, PastIncident, Run, SilenceInForce, Window
from ...model.news import Jump
from ...model.report import Report, Trigger
from ...model.value import replace

# Clocks that somebody sets by the network agree within seconds; Kerberos, too, takes five minutes for the same time.
TOLERANCE = timedelta(minutes=5)
# So late a scheduled run is no longer late: nothing ran, or the clock jumped. Azure's own alert waits as long.
_OVERDUE = timedelta(hours=2)
# What is run by hand or by a clock of its own comes as it comes: so many runs show how often that is.
_ENOUGH_RUNS = 10
_UNUSUAL = timedelta(days=1)
# A second monitor with another clock shows the same jump again and again.
_QUIET_RUNS = 100


def is_outdated(report: Report, memory: Memory, began: int | None, now: datetime) -> bool:
    """Say whether another run checked later than *report* and has been written already.

    *began* is the number of the last run when this one began: where no other has been written since, there is
    none, whatever the clock says. Of two that ran at the same time the clock decides, unless it was ahead.
    """
    if not memory.runs or began == memory.number:
        return False
    return report.started_at < memory.runs[-1].at <= now + TOLERANCE


def jump_of(memory: Memory, report: Report, now: datetime) -> Jump | None:
    """Give the jump that is seen between the last run and *now*, if it has not been noticed of late."""
    if not memory.runs:
        return None
    last = memory.runs[-1].at
    if last > now + TOLERANCE:
        jump = Jump("back", last, last - now)
    elif _is_missed(memory, report, now):
        jump = Jump("forward", last, now - last)
    else:
        return None
    noticed = memory.jumps.get(jump.direction)
    return jump if noticed is None or memory.number - noticed >= _QUIET_RUNS else None


def _is_missed(memory: Memory, report: Report, now: datetime) -> bool:
    if report.trigger is Trigger.SCHEDULE:
        return memory.next_run_at is not None and now - memory.next_run_at > _OVERDUE
    gaps = _gaps(memory.runs)
    return len(gaps) >= _ENOUGH_RUNS and now - memory.runs[-1].at > max(_UNUSUAL, 3 * max(gaps))


def _gaps(runs: Sequence[Run]) -> list[timedelta]:
    return [later.at - earlier.at for earlier, later in pairwise(runs)]


def on_this_clock(memory: Memory, now: datetime) -> Memory:
    """Give *memory* with no time of its own after *now*, but for those of runs, what they measured, and messages."""
    clock = _Clock(now)
    return replace(
        memory,
        incidents=tuple(map(clock.incident, memory.incidents)),
        silences=tuple(map(clock.silence, memory.silences)),
        window=None if memory.window is None else clock.window(memory.window),
        last_seen=replace(
            memory.last_seen,
            first_seen={name: clock.passed(moment) for name, moment in memory.last_seen.first_seen.items()},
            rows={key: replace(each, at=clock.passed(each.at)) for key, each in memory.last_seen.rows.items()},
            # A check of a time that was none bounds nothing.
            own_runs=None if clock.is_ahead(memory.last_seen.own_runs) else memory.last_seen.own_runs,
        ),
        week_sent=None if memory.week_sent is None else clock.passed(memory.week_sent),
        answers=tuple(map(clock.answer, memory.answers)),
        past=tuple(map(clock.past, memory.past)),
        schema=None if memory.schema is None else replace(memory.schema, at=clock.passed(memory.schema.at)),
        unsaved=None if memory.unsaved is None else clock.passed(memory.unsaved),
        check_asked=None if memory.check_asked is None else clock.passed(memory.check_asked),
        weeks_seen={name: clock.passed(moment) for name, moment in memory.weeks_seen.items()},
    )


class _Clock:
    def __init__(self, now: datetime) -> None:
        self._now, self._latest = now, now + TOLERANCE

    def passed(self, moment: datetime) -> datetime:
        return self._now if moment > self._latest else moment

    def is_ahead(self, own_runs: OwnRuns | None) -> bool:
        return own_runs is not None and any(run.at > self._latest for run in own_runs.runs)

    def incident(self, incident: Incident) -> Incident:
        notified = incident.notified
        return replace(
            incident,
            # By this moment people know what they were notified of: its end must be the end of the same.
            since=self.passed(incident.since) if notified is None else incident.since,
            changed_at=self.passed(incident.changed_at),
            ended=tuple(end for end in incident.ended if end <= self._latest),
            notified=None if notified is None else self._notified(notified),
        )

    def past(self, incident: PastIncident) -> PastIncident:
        return replace(incident, since=self.passed(incident.since), ended_at=self.passed(incident.ended_at))

    def silence(self, each: SilenceInForce) -> SilenceInForce:
        """Somebody wanted so many hours of silence, and gets them from now on."""
        since = self.passed(each.since)
        until = each.silence.until - (each.since - since)
        return replace(each, since=since, silence=replace(each.silence, until=until))

    def window(self, window: Window) -> Window:
        return replace(window, opened_at=self.passed(window.opened_at), last_sign_at=self.passed(window.last_sign_at))

    def answer(self, answer: Answer) -> Answer:
        at = self.passed(answer.at)
        until = None if answer.until is None else answer.until - (answer.at - at)
        return replace(answer, at=at, until=until)

    def _notified(self, notified: Notified) -> Notified:
        return replace(notified, at=self.passed(notified.at))
