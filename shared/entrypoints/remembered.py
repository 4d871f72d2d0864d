"""What is remembered of targets, as it may be shown: from memory documents and last reports alone."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

from ..alerts.messages import discreet_document, discreet_memory
from ..alerts.schema_changes import changes_of
from ..memory import MemoryPlace, memory_of
from ..model.finding import Json
from ..model.memory import Memory
from ..model.settings import BrokenTarget, Settings, Target
from ..model.value import replace
from ..net.background import Started, side_by_side
from ..report.brief import Brief, brief_of
from ..report.html.page import Remembered

R = TypeVar("R")

# Each waits for storage most of the time.
_JOBS = 16
# Azure's front end, and who reads, wait longer than that; storage that hangs is not waited for.
_LONGEST = timedelta(seconds=20)
_BROKEN = "the settings of this target cannot be used; `migration-monitor check` says why"


def remembered(target: Target | BrokenTarget, settings: Settings, *, with_changes: bool = False) -> Remembered:
    """Give what is remembered of *target*; what is only for who may see rows is left out of it.

    What changed in its schema is one document more to read, which the page of one target alone shows.
    """
    place = memory_of(target.name, settings.memory)
    memory = place.load()
    state = _state(target, place, memory, settings)
    return replace(state, changes=changes_of(memory, place.text)) if with_changes else state


def _state(target: Target | BrokenTarget, place: MemoryPlace, memory: Memory, settings: Settings) -> Remembered:
    report = _report(place, memory, settings)
    broken = _BROKEN if isinstance(target, BrokenTarget) else None
    shown = discreet_memory(memory, settings.alerts)
    accepted = target.accepted if isinstance(target, Target) else ()
    return Remembered(target.name, report, shown, broken or memory.lost, (), accepted)


def all_remembered(
    settings: Settings, longest: timedelta = _LONGEST, *, but: str | None = None
) -> Sequence[Remembered]:
    """Give that of all targets *but* one, in the order of the settings; what is not read within *longest* says so."""
    return _read_all(settings, remembered, lambda name, why: Remembered(name, None, broken=why), longest, but)


def all_briefs(settings: Settings, longest: timedelta = _LONGEST) -> Sequence[Brief]:
    """Give what is shown of each target among many, as `all_remembered` does."""
    return _read_all(settings, brief, lambda name, why: Brief(name, why=why), longest)


def brief(target: Target | BrokenTarget, settings: Settings) -> Brief:
    """Give what is shown of *target* among many: that of the last time, for as long as its memory is the same."""
    place = memory_of(target.name, settings.memory)
    key = (settings.memory.container or settings.memory.folder, target.name, isinstance(target, BrokenTarget))
    kept = _kept.get(key)
    found = place.newer(None if kept is None else kept[0])
    if found is None and kept is not None:
        return kept[1]
    read, tag = (place.load(), None) if found is None else found
    state = _state(target, place, read, settings)
    made = brief_of(state)
    # A report that cannot be read now may be read the next time.
    if tag is not None and (read.last_report is None or state.report is not None):
        _kept[key] = tag, made
    return made


# By the place of the memory and its target: the tag of the document, and what was made of it. A few kilobytes each.
_kept: dict[tuple[str, str, bool], tuple[str, Brief]] = {}


def _read_all(
    settings: Settings,
    read: Callable[[Target | BrokenTarget, Settings], R],
    missing: Callable[[str, str], R],
    longest: timedelta,
    but: str | None = None,
) -> Sequence[R]:
    every: tuple[Target | BrokenTarget, ...] = (*settings.targets, *settings.broken)
    targets = tuple(each for each in every if each.name != but)
    found: dict[str, R] = {}

    def one(target: Target | BrokenTarget) -> tuple[str, R]:
        return target.name, read(target, settings)

    def note(state: tuple[str, R]) -> None:
        found.update([state])

    reading = Started(partial(side_by_side, targets, one, _JOBS, note))
    if reading.has_ended(longest):
        reading.outcome()
    late = f"its memory could not be read within {longest.seconds} seconds"
    return [found[each.name] if each.name in found else missing(each.name, late) for each in targets]


def _report(place: MemoryPlace, memory: Memory, settings: Settings) -> Mapping[str, Json] | None:
    text = None if memory.last_report is None else place.text(memory.last_report)
    if text is None:
        return None
    try:
        document = json.loads(text)
        return discreet_document(document, settings.alerts) if isinstance(document, dict) else None
    except (ValueError, RecursionError):
        return None
