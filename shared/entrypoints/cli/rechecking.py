"""``migration-monitor check --watch``: the same check again and again, until Ctrl-C."""

import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ...model.phrases import span
from ...model.report import Report
from ...report.forms import render
from .output import terminal_style
from .outputs import is_printed, write_files, write_reports
from .redrawn import Redrawn

Show = Callable[[Sequence[Report], int], None]


def recheck(check: Callable[[Show], int], options: Namespace) -> int:
    """Run *check* until Ctrl-C, and give the status of the last one that was shown.

    A terminal shows the newest report in the place of the one before, and keeps the last; a pipe gets all of them.
    Files are written after each check.
    """
    shown = _Shown(options)
    try:
        while True:
            shown.status = check(shown.show)
            time.sleep(options.watch.total_seconds())
    except KeyboardInterrupt:
        if shown.status is None:
            raise
        return shown.status
    finally:
        shown.leave()


class _Shown:
    def __init__(self, options: Namespace) -> None:
        self._options = options
        is_text = options.format == "text" and is_printed(options)
        self._screen = Redrawn() if is_text and terminal_style()[0] is not None else None
        self._last = ""
        self.status: int | None = None

    def show(self, reports: Sequence[Report], status: int) -> None:
        self.status = status
        if self._screen is None:
            write_reports(reports, self._options)
            return
        write_files(reports, self._options)
        width, colour = terminal_style()
        if not self._last:
            self._screen.enter()
        self._last = render(reports, "text", width=width, colour=colour)
        said = f"Checked at {datetime.now(UTC):%H:%M:%S} UTC. Next check in {span(self._options.watch)}; Ctrl-C ends."
        self._screen.draw(f"{said}\n\n{self._last}")

    def leave(self) -> None:
        if self._screen is not None and self._last:
            self._screen.leave(self._last)
