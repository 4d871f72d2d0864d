"""One result in several forms at once: on standard output, and in files beside it."""

import re
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...model.value import dataclass
from .exits import UsageError
from .output import file_to_write, is_standard_output, terminal_style, write_to_file, write_to_standard_output

if TYPE_CHECKING:
    from ...model.report import Report

# Gives the pieces of a form: of its name, the width of the terminal, and whether it shows colours.
Render = Callable[[str, int | None, bool], Iterable[str]]
# Longer is the path of a file with = in it.
_A_NAME = re.compile(r"[a-z]{1,12}")


@dataclass(frozen=True, slots=True)
class Output:
    """A *file* to write in *form*; None: in that of --format, instead of standard output."""

    form: str | None
    file: Path


def add_outputs(parser: ArgumentParser, forms: Sequence[str]) -> None:
    """Add the options that say in which of *forms* the result is written, and where."""
    output = parser.add_argument_group("output")
    output.add_argument("--format", choices=forms, default="text", help="default: text")
    output.add_argument(
        "--output",
        type=partial(_output, forms),
        action=_Collect,
        default=(),
        metavar="[FORMAT=]FILE",
        help="write to this file instead of the output; with a format, write that as well (repeatable)",
    )
    output.add_argument("--quiet", action="store_true", help="print nothing but errors: files and exit status remain")


def add_report_outputs(parser: ArgumentParser) -> None:
    from ...report.forms import FORMS  # noqa: PLC0415  # `--help` needs none of it

    add_outputs(parser, tuple(FORMS))
    parser.add_argument("--strict", action="store_true", help="let a warning end with exit status 2 as well")


class _Collect(Action):
    """Collects outputs; raises `UsageError` where two would be in the same place."""

    def __call__(self, _parser: ArgumentParser, options: Namespace, output: object, _option: str | None = None) -> None:
        assert isinstance(output, Output)  # noqa: S101  # `_output` made it
        before: tuple[Output, ...] = getattr(options, self.dest)
        if output.file.resolve() in [each.file.resolve() for each in before]:
            raise UsageError(f"two --output name the same file: {output.file}")
        if output.form is None and any(each.form is None for each in before):
            raise UsageError("only one --output may be without a format: write --output FORMAT=FILE")
        setattr(options, self.dest, (*before, output))


def _output(forms: Sequence[str], text: str) -> Output:
    form, equals, path = text.partition("=")
    if not equals or not _A_NAME.fullmatch(form):
        return Output(None, file_to_write(text))
    if form not in forms:
        raise UsageError(f"--output {form}=…: the formats are {', '.join(forms)}; a file of that name is ./{form}=…")
    return Output(form, file_to_write(path))


def write_reports(reports: "Sequence[Report]", options: Namespace) -> None:
    """Write the reports in every form that *options* ask for."""
    write_forms(_of(reports), options)


def print_reports(reports: "Sequence[Report]", form: str) -> None:
    """Write the reports to standard output."""
    _print(_of(reports), form)


def write_files(reports: "Sequence[Report]", options: Namespace) -> None:
    """Write the reports into the files that *options* name, and nothing to standard output."""
    _write_files(_of(reports), options)


def write_forms(render: Render, options: Namespace) -> None:
    """Write each form whole, or say why that cannot be; a file is never left half-written."""
    _write_files(render, options)
    if is_printed(options):
        _print(render, options.format)


def is_printed(options: Namespace) -> bool:
    """Say whether standard output gets the form of ``--format``: no file has it, and no other form goes there."""
    return not options.quiet and not any(each.form is None or is_standard_output(each.file) for each in options.output)


def _write_files(render: Render, options: Namespace) -> None:
    for each in options.output:
        write_to_file(render(each.form or options.format, None, False), each.file)


def _of(reports: "Sequence[Report]") -> Render:
    from ...report.forms import render_pieces  # noqa: PLC0415  # as above

    return lambda form, width, colour: render_pieces(reports, form, width=width, colour=colour)


def _print(render: Render, form: str) -> None:
    width, colour = terminal_style()
    write_to_standard_output(render(form, width, colour), is_text=form == "text")
