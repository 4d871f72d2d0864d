"""Where a watched deployment is shown: a terminal, whose lines are written over, or a pipe."""

import shutil
from types import TracebackType
from typing import Literal

from rich.cells import cell_len
from rich.text import Text

from ...model.report import Report
from ...model.settings import Target
from ...model.watching import Seen
from ...report.forms import render_pieces
from ...report.watching import as_conclusion, as_json_line, as_screen
from .output import terminal_style, write_text

# ECMA-48 and xterm: another screen, which leaves what was there before; no cursor.
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_HOME, _REST_OF_LINE, _REST = "\x1b[H", "\x1b[K", "\x1b[J"
_ROWS = 24


class Screen:
    """Shows each tick in the place of the one before; what was last seen stays on the terminal."""

    def __init__(self, form: Literal["text", "json"] | None, target: Target) -> None:
        self._width, self._colour = terminal_style()
        self._is_terminal = self._width is not None and form != "json"
        self._form = form or ("text" if self._is_terminal else "json")
        self._target = target
        self._last: Seen | None = None

    def __enter__(self) -> "Screen":
        if self._is_terminal:
            self._write(_ENTER)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._is_terminal:
            self._write(_LEAVE)
            if self._last is not None:
                write_text(self._drawn(self._last), None)

    def show(self, seen: Seen) -> None:
        self._last = seen
        if self._form == "json":
            write_text(as_json_line(seen, self._target.name), None)
        elif self._is_terminal:
            # A window may be made smaller or larger meanwhile.
            self._width, self._colour = terminal_style()
            lines = _fitting(self._drawn(seen).splitlines(), self._width or 1)
            self._write(_HOME + "".join(f"{line}{_REST_OF_LINE}\r\n" for line in lines) + _REST)
        else:
            write_text(self._drawn(seen) + "\n", None)

    def conclude(self, report: Report) -> None:
        """Show what came of the deployment."""
        if self._form == "json":
            write_text(as_conclusion(report), None)
        else:
            write_text("".join(render_pieces([report], "text", width=self._width, colour=self._colour)), None)

    def _drawn(self, seen: Seen) -> str:
        return as_screen(seen, self._target.name, self._target.max_block, width=self._width, colour=self._colour)

    def _write(self, text: str) -> None:
        write_text(text, None)


def _fitting(lines: list[str], width: int) -> list[str]:
    """As many of *lines* as the terminal has rows for, one that is longer than *width* taking several."""
    left = shutil.get_terminal_size((width, _ROWS)).lines - 2
    for number, line in enumerate(lines):
        left -= max(1, -(-cell_len(Text.from_ansi(line).plain) // width))
        if left < 0:
            return [*lines[:number], f"… {len(lines) - number} more lines: make the window larger"[:width]]
    return lines
