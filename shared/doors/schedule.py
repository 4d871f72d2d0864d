"""The clock's door: which targets are due, and one check of one of them."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zlib import crc32

from shared.doors.watched import NoSuchTargetError, named_target
from shared.model.report import Report, Trigger, Verdict
from shared.model.settings import BrokenTarget, Settings, Target
from shared.report.json import as_document
from shared.report.wording import headline
from shared.run import report_on_broken, run
from shared.settings import environment, load_settings, settings_path

_LOGGER = logging.getLogger(__name__)
# How often the timer of `function_app` ticks.
TICK = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def messages(now: datetime, *, past_due: bool) -> list[str]:
    """Give a queue message for each target that is due at this tick; for all of them where ticks were missed."""
    settings = load_settings(settings_path(environment()), environment())
    return [json.dumps({"target": name}) for name in due(settings, now, past_due=past_due)]


def due(settings: Settings, now: datetime, *, past_due: bool) -> Iterator[str]:
    """Name the targets whose interval begins with this tick. Each begins at its own tick, so that load is spread."""
    tick = (now - _EPOCH) // TICK
    for target in settings.targets:
        ticks = max(1, target.interval // TICK)
        if past_due or tick % ticks == crc32(target.name.encode()) % ticks:
            yield target.name
    yield from (target.name for target in settings.broken)


def check_target(message: bytes) -> None:
    """Walk once through the target that *message* names, and log one line of JSON about it."""
    name = json.loads(message)["target"]
    settings = load_settings(settings_path(environment()), environment())
    try:
        target = named_target(settings, name)
    except NoSuchTargetError as error:
        # It was taken out of the settings since it was queued: nothing to look at, nothing to try again.
        _LOGGER.warning("Not checked: %s", error)
        return
    _log(_look_at(target))


def _look_at(target: Target | BrokenTarget) -> Report:
    if isinstance(target, BrokenTarget):
        return report_on_broken(target, Trigger.SCHEDULE)
    return run(target, Trigger.SCHEDULE)


def _log(report: Report) -> None:
    """One line for machines, the heartbeat of the target; and one for people where something is not well."""
    document = as_document(report)
    kept = ("version", "target", "verdict", "trigger", "started_at", "took_ms", "release", "database", "checks")
    _LOGGER.info("%s", json.dumps({key: document[key] for key in kept}, ensure_ascii=False))
    if report.verdict is not Verdict.PASSED:
        _LOGGER.log(logging.ERROR if report.verdict is Verdict.FAILED else logging.WARNING, "%s", headline(report))
