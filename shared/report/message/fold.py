"""What must be seen at first sight, and what may come below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from shared.model.message import Item, Section, Span

# At first sight: a screen of a phone, and about what Teams shows before "See more".
FIRST_SIGHT = 15
# The headline and the links are a line each.
_AROUND = 2
# Of a sentence, in the width that text is given here.
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """A section before it is known how much room there is; *most* lines of it are wanted at first sight."""

    title: str
    items: tuple[Item, ...]
    most: int = FIRST_SIGHT


def folded(drafts: Iterable[Draft]) -> tuple[Section, ...]:
    """Give the sections with `FIRST_SIGHT` lines at most before the fold, and after it what did not fit.

    Room is given in the order of the sections, of which none goes without a line.
    """
    sections = [draft for draft in drafts if draft.items]
    left = FIRST_SIGHT - _AROUND
    above, below = [], []
    for position, draft in enumerate(sections, start=1):
        room = min(draft.most, left - (len(sections) - position))
        kept = _fitting(draft.items, room)
        shown, rest = draft.items[:kept], draft.items[kept:]
        if rest:
            shown = (*shown, Item((Span(f"… {len(rest)} more below"),)))
            below.append(Section(draft.title, rest, folded=True))
        above.append(Section(draft.title, shown))
        left -= sum(map(lines_of, shown))
    return (*above, *below)


def _fitting(items: Sequence[Item], room: int) -> int:
    """Say how many of *items* go into *room* lines, together with the line that counts the others."""
    used = 0
    for position, each in enumerate(items):
        used += lines_of(each)
        if used + (position < len(items) - 1) > room:
            return position
    return len(items)


def lines_of(said: Item) -> int:
    return max(1, ceil(len(said.text) / WIDTH)) + len((said.command or "").splitlines())
