"""Entry point of the timer: which targets are due, and one check of one target."""

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from zlib import crc32

from ..alerts.decide.members import UPDATE_EVERY
from ..alerts.groups import GATHER, groups_of
from ..alerts.notifier import NobodyNotifiedError, notify
from ..alerts.schema_changes import seen_before
from ..alerts.self_watch import SelfWatch
from ..memory import GROUPS, MemoryPlace, RememberError, UnsavedError, memory_of, next_runs
from ..model.memory import Memory
from ..model.report import Report, Trigger
from ..model.settings import BrokenTarget, Settings, Target
from ..model.value import replace
from ..run import report_on_broken, run
from .journal import log_notified, log_run
from .watched import NoSuchTargetError, named_target, watched

_LOGGER = logging.getLogger(__name__)
_WATCH = SelfWatch(lambda why: _LOGGER.error("Not notified: %s", why))
# How often the timer of `function_app` ticks.
TICK = timedelta(minutes=5)
# Azure's timer at times fires milliseconds before its time (azure-functions-host #7398).
_EARLY = timedelta(seconds=30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The host ends a function after the `functionTimeout` of host.json, and the whole worker with it.
LONGEST_RUN = timedelta(minutes=9)
# After a longer check nothing waits: sending its messages may take minutes.
_LONGEST_TO_GATHER = timedelta(minutes=4)


class BadMessageError(Exception):
    """A message in the queue is none of ours. Azure tries it again, then keeps it in the poison queue."""


def messages(now: datetime, *, past_due: bool) -> list[str]:
    """Give a queue message for each target that is due at this tick; for all of them where ticks were missed."""
    settings = watched()
    return [json.dumps({"target": name}) for name in due(settings, now, past_due=past_due, awaited=_awaited(settings))]


def _awaited(settings: Settings) -> Mapping[str, datetime]:
    try:
        names = [target.name for target in settings.targets]
        return next_runs([*names, GROUPS] if len(names) > 1 else names, settings.memory)
    except RememberError as error:
        # The timer is not tried again: the targets are checked by the clock alone, and each check reports this too.
        _LOGGER.error("%s", error)  # noqa: TRY400  # a traceback says nothing more
        return {}


def due(
    settings: Settings, now: datetime, *, past_due: bool, awaited: Mapping[str, datetime] | None = None
) -> Iterator[str]:
    """Name the targets whose interval begins with this tick. Each begins at its own tick, so that load is spread.

    An interval ends with the tick before it if it is no multiple of one. A broken target is unknown, so it is
    always due. *awaited* says which are checked sooner, because something is wrong or under way.
    """
    tick = (now + _EARLY - _EPOCH) // TICK
    for target in settings.targets:
        ticks = target.interval // TICK
        again = (awaited or {}).get(target.name)
        # No run sets it later than one interval: what is later was written by a clock that was ahead.
        is_awaited = again is not None and not now + _EARLY < again <= now + target.interval + _EARLY
        if past_due or is_awaited or tick % ticks == crc32(target.name.encode()) % ticks:
            yield target.name
    yield from (target.name for target in settings.broken)
    sends_at = (awaited or {}).get(GROUPS)
    if sends_at is not None and not now + _EARLY < sends_at <= now + UPDATE_EVERY:
        yield GROUPS


def check_target(message: bytes) -> None:
    """Run one check of the target that *message* names, log its result, and notify people."""
    name = _name_in(message)
    settings = watched()
    if name == GROUPS:
        _send_of_groups(settings)
        return
    try:
        target = named_target(settings, name)
    except NoSuchTargetError as error:
        # The settings lost the target after it was queued: nothing to check, nothing to try again.
        _LOGGER.warning("Not checked: %s", error)
        return
    with _WATCH.over(target.name, settings.alerts, not_notified=(NobodyNotifiedError, UnsavedError)):
        _check_and_notify(target, settings)


def _send_of_groups(settings: Settings) -> None:
    """Send what incident groups still have to send: the run that was to do it has died, or a channel was busy."""
    groups = groups_of(settings)
    with _WATCH.crashes(GROUPS, settings.alerts, not_notified=(NobodyNotifiedError, UnsavedError)):
        for delivery in () if groups is None else groups.flush():
            _LOGGER.info("All targets: %s: %s", delivery.channel, delivery.said)


def _check_and_notify(target: Target | BrokenTarget, settings: Settings) -> None:
    place = memory_of(target.name, settings.memory)
    before = place.load()
    report = _checked(target, before, place)
    log_run(_LOGGER, report)
    try:
        groups = groups_of(settings, gather=_time_to_gather(report))
        log_notified(_LOGGER, notify(report, target, settings.alerts, place, began=before.number, groups=groups))
    except RememberError as error:
        if settings.alerts.channels:
            raise
        # No message was to be sent, so none can be sent twice.
        _LOGGER.warning("Not saved: %s", error)


def _time_to_gather(report: Report) -> timedelta:
    """Give how long a message may wait for other targets of this tick: the run must end in time."""
    return GATHER if report.took < _LONGEST_TO_GATHER else timedelta(0)


def _name_in(message: bytes) -> str:
    try:
        document = json.loads(message)
    except (ValueError, RecursionError):
        document = None
    match document:
        case {"target": str(name)}:
            return name
    raise BadMessageError('a message of the queue is not like {"target": "production"}')


def _checked(target: Target | BrokenTarget, memory: Memory, place: MemoryPlace) -> Report:
    if isinstance(target, BrokenTarget):
        return report_on_broken(target, Trigger.SCHEDULE)
    target = replace(target, deadline=min(target.deadline, LONGEST_RUN))
    return run(
        target,
        Trigger.SCHEDULE,
        last_seen=memory.last_seen,
        deploying=memory.window is not None,
        read_seen_before=partial(seen_before, memory, place.text),
    )
