"""Making a message smaller by leaving whole items out, never by cutting into one."""

from collections.abc import Callable

from ...model.message import Item, Message, Section, Span
from ...model.value import replace

_INSTEAD = "The full message was not accepted here, so this is only its first line. The report has all of it."


def fitting(message: Message, fits: Callable[[Message], bool]) -> Message:
    """Give as much of *message* as *fits*: the last items are left out first, and each section counts them.

    Of two sizes the larger must not fit where the smaller does not.
    """
    if fits(message):
        return message
    least, most = 0, sum(len(section.items) for section in message.sections) - 1
    while least < most:
        half = (least + most + 1) // 2
        least, most = (half, most) if fits(shortened(message, half)) else (least, half - 1)
    return shortened(message, least)


def abridged(message: Message) -> Message:
    """Give a form for a channel that does not accept the whole *message*: its first line and its links."""
    return replace(message, sections=(Section("DETAILS", (Item((Span(_INSTEAD),)),)),), abridged=True)


def shortened(message: Message, keep: int) -> Message:
    """Give *message* with its first *keep* items."""
    sections = []
    for section in message.sections:
        kept = section.items[:keep]
        keep -= len(kept)
        sections.append(replace(section, items=kept, more=section.more + len(section.items) - len(kept)))
    return replace(message, sections=tuple(sections))
