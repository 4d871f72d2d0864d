"""Printing for a terminal or a log, by rich: sentences wrap, code never does.

A palette may be light or dark, and its yellow or grey is hardly seen on one of them. So words and commands have the
terminal's own colour; others are for signs of one character, and for words that bring their own ground.
"""

import re
from collections.abc import Iterator
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from .wording import printable

_WIDEST = 110
# A name may be broken behind one of these.
_JOINTS = re.compile(r"(?<=\w[_./:-])(?=\w)")


class Printer:
    """Collects what is printed, at most *width* columns wide, and never wider than reads well."""

    def __init__(self, width: int | None = None, *, colour: bool = False) -> None:
        self._lines = StringIO()
        self._console = Console(
            file=self._lines,
            width=min(width or _WIDEST, _WIDEST),
            force_terminal=colour,
            color_system="256" if colour else None,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    @property
    def width(self) -> int:
        return self._console.width

    def sentence(self, indent: int, text: Text, hang: int = 0) -> None:
        """Print *text* indented, its further lines by *hang* columns more."""
        width = max(20, self._console.width - indent - hang)
        lines = _with_long_names_broken(text, width).wrap(self._console, width)
        for number, line in enumerate(lines):
            self._console.print(Padding(line, (0, 0, 0, indent + (hang if number else 0))), soft_wrap=True)

    def line(self, text: Text) -> None:
        """Print *text*, which is made to fit."""
        self._console.print(text, soft_wrap=True)

    def code(self, indent: int, line: str) -> None:
        """Print *line* unchanged, so that it can be pasted."""
        self._console.print(Text(" " * indent + printable(line)), soft_wrap=True)

    def blank(self) -> None:
        self._console.print()

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._lines.getvalue().splitlines()) + "\n"


def _with_long_names_broken(text: Text, width: int) -> Text:
    """Break words longer than a line of *width* columns behind an underscore or the like, where they have one."""
    breaks = [
        at for word in re.finditer(r"\S+", text.plain) if cell_len(word[0]) > width for at in _breaks(word, width)
    ]
    return Text("\n").join(text.divide(breaks)) if breaks else text


def _breaks(word: re.Match[str], width: int) -> Iterator[int]:
    start, end = word.span()
    joints = [start + each.start() for each in _JOINTS.finditer(word[0])]
    while cell_len(word.string[start:end]) > width:
        fitting = [at for at in joints if start < at < end and cell_len(word.string[start:at]) <= width]
        if not fitting:
            return
        start = fitting[-1]
        yield start
