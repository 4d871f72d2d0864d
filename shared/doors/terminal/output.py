"""Where a report goes, in which form, and what is shown meanwhile."""

import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from shared.doors.terminal.exits import UsageError
from shared.model.report import Report
from shared.report.forms import FORMS, render
from shared.settings import environment


def add_output_options(parser: ArgumentParser) -> None:
    output = parser.add_argument_group("output")
    output.add_argument("--format", choices=FORMS, default="text", help="default: text")
    output.add_argument("--output", type=Path, metavar="FILE", help="write there instead of to standard output")
    output.add_argument("--strict", action="store_true", help="let a warning end with exit status 2 as well")


def write(reports: Sequence[Report], options: Namespace) -> None:
    """Write the reports whole, or say why that cannot be; a file is never left half-written."""
    if options.output is None:
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if terminal else None
        sys.stdout.write(render(reports, options.format, width=width, colour=terminal and _wants_colour()))
        return
    write_text(render(reports, options.format), options.output)


def write_text(text: str, output: Path | None) -> None:
    """Write *text* to the file *output*, whole or not at all; to standard output where there is none."""
    if output is None:
        sys.stdout.write(text)
        return
    beside = output.with_name(f".{output.name}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(output)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None


@contextmanager
def progress(doing: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being waited for; on a pipe, nothing. Yields a function that changes the words."""
    if not sys.stderr.isatty():
        yield lambda _words: None
        return
    from rich.console import Console  # noqa: PLC0415  # only where there is somebody to look at it

    console = Console(stderr=True, markup=False, highlight=False)
    with console.status(doing, spinner="dots") as status:
        yield status.update


def _wants_colour() -> bool:
    """See https://no-color.org."""
    return not environment().get("NO_COLOR") and environment().get("TERM") != "dumb"
