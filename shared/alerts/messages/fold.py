"""What must be seen at first sight, and what may come below: never what is still broken or was not checked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from textwrap import wrap

from ...model.message import Item, Section, Span
from ...model.value import dataclass
from .marks import with_severity

# At first sight: a screen of a phone, and about what Teams shows before "See more".
FIRST_SIGHT = 15
# The headline and the links are a line each.
_AROUND = 2
# Of the sentences beside the titles, in columns.
WIDTH = 100
NEXT_STEPS = "NEXT STEPS"
# What is hardly longer than the line that would point to it.
_ABOUT_A_LINE = 2


@dataclass(frozen=True, slots=True)
class Draft:
    """A section before it is known how much space there is; *most* lines of it are wanted at first sight.

    What is *open* (broken, or not checked) is never folded: what of it is longer than *most* comes after the sections
    of the first screen. *steps* are done in order: those up to the first command, or to the one of the number
    *commands*, are always at first sight, the others come below as `NEXT_STEPS`. What is *aside* comes below as a whole
    where there is not enough space for all of it. *about* is the name of its finding, as in `Section`.
    """

    title: str
    items: tuple[Item, ...]
    most: int = FIRST_SIGHT
    open: bool = False
    steps: bool = False
    commands: int = 1
    aside: bool = False
    about: tuple[Span, ...] = ()

    def section(self, items: tuple[Item, ...], title: str | None = None, *, folded: bool = False) -> Section:
        return Section(self.title if title is None else title, items, folded=folded, about=self.about)


def folded(drafts: Iterable[Draft]) -> tuple[Section, ...]:
    """Give the sections of the first screen, then what of them is open and did not fit, then what is folded.

    Space is given in the order of the sections. Each of them has a line at least, but what is aside. What is open and
    did not fit stays under the name of its finding.
    """
    every = [draft for draft in drafts if draft.items]
    left = FIRST_SIGHT - _AROUND
    wanting = _at_first_sight(every, left)
    above, rests, below = list[Section](), dict[tuple[Span, ...], list[Section]](), list[Section]()
    for position, draft in enumerate(every):
        if position not in wanting:
            below.append(draft.section(draft.items, folded=True))
            continue
        left -= bool(draft.about) and not any(section.about == draft.about for section in above)
        others = (each for place, each in enumerate(every) if place > position and place in wanting)
        space = draft.most if draft.open else min(draft.most, left - sum(map(_least, others)))
        shown, rest = _split(draft, space)
        if rest and draft.open:
            rests.setdefault(draft.about, []).append(draft.section(rest))
        elif rest:
            below.append(draft.section(rest, NEXT_STEPS if draft.steps else None, folded=True))
        above.append(draft.section(shown))
        left -= sum(map(lines_of, shown))
    return (*_with_rests(above, rests), *below)


def _with_rests(above: Sequence[Section], rests: Mapping[tuple[Span, ...], Sequence[Section]]) -> Iterator[Section]:
    """Give the sections, behind those of each finding the rest of them, and at the end what is about none."""
    for about, sections in groupby(above, key=lambda section: section.about):
        yield from sections
        yield from rests.get(about, ()) if about else ()
    yield from rests.get((), ())


def _at_first_sight(drafts: Sequence[Draft], space: int) -> set[int]:
    """Give the positions of *drafts* without those aside, the last first, that would take space from the others."""
    wanted = {place: min(draft.most, sum(map(lines_of, draft.items))) for place, draft in enumerate(drafts)}
    for place, draft in reversed(list(enumerate(drafts))):
        if draft.aside and sum(wanted.values()) > space:
            del wanted[place]
    return set(wanted)


def _least(draft: Draft) -> int:
    """Say how many lines *draft* needs: one, or its steps up to the first command."""
    return sum(map(lines_of, draft.items[: _first_command(draft)])) + 1 if draft.steps else 1


def _first_command(draft: Draft) -> int:
    """Say how many items there are up to the first with a command, or the one of that number."""
    places = [place for place, each in enumerate(draft.items, 1) if each.command is not None]
    return [1, *places][: draft.commands + 1][-1]


def _split(draft: Draft, space: int) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Give what of *draft* is shown in *space* lines, and what comes after."""
    items = draft.items
    kept = max(_fitting(items, space), _first_command(draft) if draft.steps else 1)
    if kept >= len(items) or (draft.open and sum(map(lines_of, items[kept:])) <= _ABOUT_A_LINE):
        return items, ()
    if draft.steps:
        left = len(items) - kept
        return (*items[:kept], _note(f"The next {left} steps are below." if left > 1 else "The next step is below.")), (
            items[kept:]
        )
    return (*items[:kept], _note(f"and {len(items) - kept} more below")), items[kept:]


def _note(text: str) -> Item:
    return Item((Span(text),))


def _fitting(items: Sequence[Item], space: int) -> int:
    """Say how many of *items* go into *space* lines, together with the line that counts the others."""
    used = 0
    for position, each in enumerate(items):
        used += lines_of(each)
        if used + (position < len(items) - 1) > space:
            return position
    return len(items)


def lines_of(said: Item) -> int:
    return len(wrapped(with_severity(said))) + len((said.command or "").splitlines())


def wrapped(sentence: str, width: int = WIDTH) -> list[str]:
    """Break *sentence* into lines between words only: names and paths are to be copied."""
    return wrap(sentence, width, break_long_words=False, break_on_hyphens=False) or [""]
