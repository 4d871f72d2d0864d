"""A terminal whose lines are written over."""

import shutil

from rich.cells import cell_len
from rich.text import Text

from .output import terminal_style, write_text

# ECMA-48 and xterm: another screen, which leaves what was there before; no cursor.
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_HOME, _REST_OF_LINE, _REST = "\x1b[H", "\x1b[K", "\x1b[J"
_ROWS = 24


class Redrawn:
    """Shows each text in the place of the one before."""

    def enter(self) -> None:
        write_text(_ENTER, None)

    def draw(self, text: str) -> None:
        width, _ = terminal_style()
        lines = _fitting(text.splitlines(), width or 1)
        write_text(_HOME + "".join(f"{line}{_REST_OF_LINE}\r\n" for line in lines) + _REST, None)

    def leave(self, text: str) -> None:
        """Leave *text* on the terminal: what was seen last."""
        write_text(_LEAVE + text, None)


def _fitting(lines: list[str], width: int) -> list[str]:
    """As many of *lines* as the terminal has rows for, one that is longer than *width* taking several."""
    left = shutil.get_terminal_size((width, _ROWS)).lines - 2
    for number, line in enumerate(lines):
        left -= max(1, -(-cell_len(Text.from_ansi(line).plain) // width))
        if left < 0:
            return [*lines[:number], f"… {len(lines) - number} more lines: make the window larger"[:width]]
    return lines
