"""Where a watched deployment is shown: a terminal, whose lines are written over, or a pipe."""

from types import TracebackType
from typing import Literal

from ...model.report import Report
from ...model.settings import Target
from ...model.watching import Seen
from ...report.forms import render_pieces
from ...report.watching import as_conclusion, as_json_line, as_screen
from .output import terminal_style, write_text
from .redrawn import Redrawn


class Screen:
    """Shows each tick in the place of the one before; what was last seen stays on the terminal."""

    def __init__(self, form: Literal["text", "json"] | None, target: Target) -> None:
        self._width, self._colour = terminal_style()
        self._is_terminal = self._width is not None and form != "json"
        self._form = form or ("text" if self._is_terminal else "json")
        self._target = target
        self._screen = Redrawn()
        self._last: Seen | None = None

    def __enter__(self) -> "Screen":
        if self._is_terminal:
            self._screen.enter()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._is_terminal:
            self._screen.leave("" if self._last is None else self._drawn(self._last))

    def show(self, seen: Seen) -> None:
        self._last = seen
        if self._form == "json":
            write_text(as_json_line(seen, self._target.name), None)
        elif self._is_terminal:
            # A window may be made smaller or larger meanwhile.
            self._width, self._colour = terminal_style()
            self._screen.draw(self._drawn(seen))
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
