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
    """Give *message* with its first *keep* items; what is left out of a finding is counted under its name.

    A finding that is left out as a whole has no name either: the last section says how many these are.
    """
    sections, names = list[Section](), set[tuple[Span, ...]]()
    for section in message.sections:
        kept = section.items[:keep]
        keep -= len(kept)
        left_out = section.more + len(section.items) - len(kept)
        last = next((at for at in reversed(range(len(sections))) if sections[at].about == section.about), None)
        if kept or not section.about:
            sections.append(replace(section, items=kept, more=left_out))
        elif last is not None:
            sections[last] = replace(sections[last], more=sections[last].more + left_out)
        else:
            names.add(section.about)
    if names:
        sections.append(Section("NOT LISTED", (), more=len(names)))
    return replace(message, sections=tuple(sections))
