"""What is remembered of targets, as it may be shown: from memory documents and last reports alone."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from ..alerts.messages import discreet_document, discreet_memory
from ..alerts.schema_changes import changes_of
from ..memory import MemoryPlace, memory_of
from ..model.finding import Json
from ..model.memory import Memory
from ..model.settings import BrokenTarget, Settings, Target
from ..net.background import Started, side_by_side
from ..report.html.page import Remembered

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
    report = _report(place, memory, settings)
    broken = _BROKEN if isinstance(target, BrokenTarget) else None
    shown = discreet_memory(memory, settings.alerts)
    accepted = target.accepted if isinstance(target, Target) else ()
    changes = changes_of(memory, place.text) if with_changes else ()
    return Remembered(target.name, report, shown, broken or memory.lost, changes, accepted)


def all_remembered(
    settings: Settings, longest: timedelta = _LONGEST, *, but: str | None = None
) -> Sequence[Remembered]:
    """Give that of all targets *but* one, in the order of the settings; what is not read within *longest* says so."""
    every: tuple[Target | BrokenTarget, ...] = (*settings.targets, *settings.broken)
    targets = tuple(each for each in every if each.name != but)
    found: dict[str, Remembered] = {}

    def note(state: Remembered) -> None:
        found[state.name] = state

    reading = Started(partial(side_by_side, targets, partial(remembered, settings=settings), _JOBS, note))
    if reading.has_ended(longest):
        return reading.outcome()
    late = f"its memory could not be read within {longest.seconds} seconds"
    return [found.get(target.name) or Remembered(target.name, None, broken=late) for target in targets]


def _report(place: MemoryPlace, memory: Memory, settings: Settings) -> Mapping[str, Json] | None:
    text = None if memory.last_report is None else place.text(memory.last_report)
    if text is None:
        return None
    try:
        document = json.loads(text)
        return discreet_document(document, settings.alerts) if isinstance(document, dict) else None
    except (ValueError, RecursionError):
        return None
