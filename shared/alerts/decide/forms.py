"""What somebody does on the status page, and what a memory is after it."""

from datetime import datetime, time, timedelta, tzinfo

from ...model.memory import Memory, UsedForm
from ...model.value import replace
from ..links import FORM_LASTS

# So many forms within the hour that one lives; nobody works that fast, and a memory has its bounds.
MOST_USED = 100
CHECK_EVERY = timedelta(minutes=1)
# Two instances have two clocks.
_TOLERANCE = timedelta(minutes=5)
_LENGTHS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4)}
_MORNING = time(8)


class FormUsedError(Exception):
    """This very form was sent before, or so many others that it cannot be known."""


class TooSoonError(Exception):
    """A check was asked for less than a minute ago; *wait* is how long until the next may be."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("a check of this target was asked for less than a minute ago")
        self.wait = wait


def with_used(memory: Memory, form: UsedForm, now: datetime) -> Memory:
    """Give *memory* that takes *form* no second time; raises `FormUsedError`.

    One that would live for longer than any was made when the clock was ahead: it is refused, and not remembered.
    """
    live = tuple(each for each in memory.used_forms if _is_live(each, now))
    if not _is_live(form, now) or len(live) >= MOST_USED or any(each.nonce == form.nonce for each in live):
        raise FormUsedError
    return replace(memory, used_forms=(*live, form))


def _is_live(form: UsedForm, now: datetime) -> bool:
    return now < form.until <= now + FORM_LASTS + _TOLERANCE


def may_ask(memory: Memory, now: datetime) -> bool:
    """Say whether a check may be asked for; a clock that was ahead delays none."""
    return memory.check_asked is None or not timedelta(0) <= now - memory.check_asked < CHECK_EVERY


def with_check_asked(memory: Memory, now: datetime) -> Memory:
    """Give *memory* where a check is asked for *now*; raises `TooSoonError`."""
    if memory.check_asked is not None and not may_ask(memory, now):
        raise TooSoonError(CHECK_EVERY - (now - memory.check_asked))
    return replace(memory, check_asked=now)


def silence_until(choice: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Give when a silence ends that is to last for *choice*: ``1h``, ``4h``, ``tomorrow``; None for anything else.

    Tomorrow begins at eight by the clocks of *zone*, and never within four hours: who is up at night means the morning.
    """
    if choice in _LENGTHS:
        return now + _LENGTHS[choice]
    if choice != "tomorrow":
        return None
    here = (now + _LENGTHS["4h"]).astimezone(zone)
    day = here.date() if here.timetz().replace(tzinfo=None) <= _MORNING else here.date() + timedelta(days=1)
    return datetime.combine(day, _MORNING, zone).astimezone(now.tzinfo)
