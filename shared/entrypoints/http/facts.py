"""``GET /api/facts/TARGET``: what the plan of a pull request needs to know of a production.

The facts are read when they are asked for, by the readers of a check: so no run has to keep them, and they are of now.
A process reads a target at most once in `_KEPT_FOR`, one reading at a time, whatever came of it: callers in any number
cost the database no more than a run of every minute would.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Lock

from ...model.knowledge import Unavailable
from ...model.mistake import SettingsError
from ...model.production_facts import ProductionFacts
from ...model.settings import BrokenTarget, Settings, Target
from ...model.value import dataclass
from ..watched import watched
from .admission.key import brings_key
from .answer import HttpAnswer, document, not_found, not_read

_LOGGER = logging.getLogger(__name__)
_LONGEST = timedelta(seconds=60)
_KEPT_FOR = timedelta(minutes=1)


def facts(name: str, headers: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> HttpAnswer:
    """Answer one request for the target *name*; *clock* gives seconds.

    Without a right key, without one in the settings and for a target that does not exist, it is the same 404.
    """
    try:
        settings = watched()
    except SettingsError as error:
        _LOGGER.error("The settings cannot be used: %s", error)  # noqa: TRY400  # a traceback says nothing more
        return not_found()
    if not brings_key(headers, settings.alerts):
        return not_found()
    target = _named(settings, name)
    if target is None:
        return not_found()
    if isinstance(target, BrokenTarget):
        return not_read("the settings of this target cannot be used; `migration-monitor check` says why")
    return _answered(target, clock)


def _named(settings: Settings, name: str) -> Target | BrokenTarget | None:
    both: tuple[Target | BrokenTarget, ...] = (*settings.targets, *settings.broken)
    return next((each for each in both if each.name == name), None)


def _answered(target: Target, clock: Callable[[], float]) -> HttpAnswer:
    from ...report.production_facts import facts_as_document  # noqa: PLC0415  # only once somebody is admitted

    found = _read(target, clock)
    answer = found if isinstance(found, Unavailable) else facts_as_document(found)
    if isinstance(answer, Unavailable):
        _LOGGER.warning("%s: no facts: %s", target.name, answer.because)
        return not_read(answer.because)
    return document(answer)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read of *target* as the settings had it, *at* that second."""

    target: Target
    facts: ProductionFacts | Unavailable
    at: float


_READING: defaultdict[str, Lock] = defaultdict(Lock)
_KEPT: dict[str, _Kept] = {}


def _read(target: Target, clock: Callable[[], float]) -> ProductionFacts | Unavailable:
    from ...run.production_facts import read_production_facts  # noqa: PLC0415  # as above

    with _READING[target.name]:
        kept = _KEPT.get(target.name)
        if kept is not None and kept.target == target and clock() - kept.at < _KEPT_FOR.total_seconds():
            return kept.facts
        found = read_production_facts(target, _LONGEST)
        _KEPT[target.name] = _Kept(target, found, clock())
        return found
