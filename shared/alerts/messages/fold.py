"""What must be seen at first sight, and what may come below."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from textwrap import wrap

from ...model.message import Item, Section, Span
from ...model.value import dataclass

# At first sight: a screen of a phone, and about what Teams shows before "See more".
FIRST_SIGHT = 15
# The headline and the links are a line each.
_AROUND = 2
# Of the sentences beside the titles, in columns.
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """A section before it is known how much room there is; *most* lines of it are wanted at first sight.

    *steps* are to be done in order: where they do not fit, all of them come below, and above are
    their texts without the commands. The first commands alone would do harm. What is *aside* comes
    below whole where there is not room for all.
    """

    title: str
    items: tuple[Item, ...]
    most: int = FIRST_SIGHT
    steps: bool = False
    aside: bool = False


def folded(drafts: Iterable[Draft]) -> tuple[Section, ...]:
    """Give the sections with `FIRST_SIGHT` lines at most before the fold, and after it what did not fit.

    Room is given in the order of the sections, of which none goes without a line but what is aside.
    """
    every = [draft for draft in drafts if draft.items]
    left = FIRST_SIGHT - _AROUND
    wanting = _at_first_sight(every, left)
    above, below = [], []
    for position, draft in enumerate(every):
        if position not in wanting:
            below.append(Section(draft.title, draft.items, folded=True))
            continue
        room = min(draft.most, left - sum(other > position for other in wanting))
        shown, rest = _split(draft, room)
        if rest:
            below.append(Section(draft.title, rest, folded=True))
        above.append(Section(draft.title, shown))
        left -= sum(map(lines_of, shown))
    return (*above, *below)


def _at_first_sight(drafts: Sequence[Draft], room: int) -> set[int]:
    """Give the positions of *drafts* without those aside, the last first, that would take room from the others."""
    wanted = {place: min(draft.most, sum(map(lines_of, draft.items))) for place, draft in enumerate(drafts)}
    for place, draft in reversed(list(enumerate(drafts))):
        if draft.aside and sum(wanted.values()) > room:
            del wanted[place]
    return set(wanted)


def _split(draft: Draft, room: int) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Give what of *draft* is shown in *room* lines, and what comes below."""
    items = draft.items
    if (kept := _fitting(items, room)) == len(items):
        return items, ()
    if not draft.steps:
        return (*items[:kept], _note(f"… {len(items) - kept} more below")), items[kept:]
    words = [replace(each, command=None) for each in items]
    # The line that points below is needed here in any case.
    return (*words[: _fitting(words, room - 1)], _note("… all steps with their commands: below")), items


def _note(text: str) -> Item:
    return Item((Span(text),))


def _fitting(items: Sequence[Item], room: int) -> int:
    """Say how many of *items* go into *room* lines, together with the line that counts the others."""
    used = 0
    for position, each in enumerate(items):
        used += lines_of(each)
        if used + (position < len(items) - 1) > room:
            return position
    return len(items)


def lines_of(said: Item) -> int:
    return len(wrapped(said.text)) + len((said.command or "").splitlines())


def wrapped(sentence: str, width: int = WIDTH) -> list[str]:
    """Break *sentence* into lines between words only: names and paths are to be copied."""
    return wrap(sentence, width, break_long_words=False, break_on_hyphens=False) or [""]
