"""Printing for a terminal or a log, by rich: sentences wrap, code never does."""

from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from .wording import printable

_WIDEST = 110


class Printer:
    """Collects what is printed, at most *width* columns wide, and never wider than reads well."""

    def __init__(self, width: int | None = None, *, colour: bool = False) -> None:
        self._lines = StringIO()
        self._console = Console(
            file=self._lines,
            width=min(width or _WIDEST, _WIDEST),
            force_terminal=colour,
            color_system="standard" if colour else None,
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
        lines = text.wrap(self._console, max(20, self._console.width - indent - hang))
        for number, line in enumerate(lines):
            self._console.print(Padding(line, (0, 0, 0, indent + (hang if number else 0))), soft_wrap=True)

    def line(self, text: Text) -> None:
        """Print *text*, which is made to fit."""
        self._console.print(text, soft_wrap=True)

    def code(self, indent: int, line: str) -> None:
        """Print *line* as it stands, so that it can be pasted."""
        self._console.print(Text(" " * indent + printable(line), style="cyan"), soft_wrap=True)

    def blank(self) -> None:
        self._console.print()

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._lines.getvalue().splitlines()) + "\n"
