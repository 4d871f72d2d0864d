"""What somebody does on the status page, noted: each alone with the memory, and each form once."""

from collections.abc import Callable
from datetime import datetime

from ..memory import MemoryPlace, RememberError
from ..model.memory import Memory, UsedForm
from ..model.news import Silence
from ..model.value import replace
from .decide.forms import may_ask, with_check_asked, with_used
from .decide.silences import silenced


def silence(place: MemoryPlace, silence: Silence, form: UsedForm | None, now: datetime) -> bool:
    """Put *silence* in force, and say whether a check may follow at once, which is noted as asked for.

    Raises `NothingToSilenceError`, `FormUsedError`, `RememberError`.
    """
    before = _noted(place, form, now, lambda memory: _with_check(silenced(memory, silence, now), now))
    return may_ask(before, now)


def ask_for_check(place: MemoryPlace, form: UsedForm | None, now: datetime) -> None:
    """Note that a check is asked for; raises `TooSoonError`, `FormUsedError`, `RememberError`."""
    _noted(place, form, now, lambda memory: with_check_asked(memory, now))


def see_week(place: MemoryPlace, channel: str, form: UsedForm | None, now: datetime) -> None:
    """Note that somebody read the weekly message in *channel*; raises `FormUsedError`, `RememberError`."""
    _noted(place, form, now, lambda memory: replace(memory, weeks_seen={**memory.weeks_seen, channel: now}))


def _with_check(memory: Memory, now: datetime) -> Memory:
    return with_check_asked(memory, now) if may_ask(memory, now) else memory


def _noted(place: MemoryPlace, form: UsedForm | None, now: datetime, change: Callable[[Memory], Memory]) -> Memory:
    """Save what *change* makes of the memory, and give what it was."""
    with place.alone():
        found = place.load()
        if found.out_of_reach:
            raise RememberError(found.lost)
        place.save(change(found if form is None else with_used(found, form, now)))
    return found
