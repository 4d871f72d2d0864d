"""Where a report goes, in which form, and what is shown meanwhile."""

import codecs
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from .called import called
from .exits import UsageError

if TYPE_CHECKING:
    from argparse import _ActionsContainer

_UTF8 = "utf-8"
_STDOUT = 1


def add_output_file(parser: "_ActionsContainer") -> None:
    parser.add_argument("--output", type=file_to_write, metavar="FILE", help="write to this file instead of the output")


def file_to_write(text: str) -> Path:
    """Give the file that *text* names. A wrong name is reported before anything is read."""
    path = Path(text)
    if not text or path.is_dir():
        raise UsageError(f"--output takes the name of a file, not {text!r}")
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {path}: there is no folder {path.parent}")
    return path


def terminal_style() -> tuple[int | None, bool]:
    """Give the width of the terminal and whether to use colours; no width where there is none."""
    if not _standard_output().isatty():
        return None, _forces_colour()
    return shutil.get_terminal_size().columns, _forces_colour() or _wants_colour()


def write_text(text: str, output: Path | None) -> None:
    """Write *text* to the file *output*, whole or not at all; to standard output where there is none."""
    if output is None:
        write_to_standard_output([text], is_text=_standard_output().isatty())
    else:
        write_to_file([text], output)


def write_to_standard_output(pieces: Iterable[str], *, is_text: bool) -> None:
    """Write it whole, or say why that cannot be. A form for machines has one encoding, whatever the terminal's is."""
    stdout = _standard_output()
    _to_standard_output(pieces, stdout, stdout.encoding if is_text else _UTF8)


def _standard_output() -> TextIO:
    # Python has none where the shell closed it (`>&-`).
    stdout = cast("TextIO | None", sys.stdout)
    if stdout is None:
        raise UsageError("standard output is closed")
    return stdout


def _to_standard_output(pieces: Iterable[str], stdout: TextIO, encoding: str) -> None:
    try:
        stdout.flush()
        stdout.buffer.writelines(codecs.iterencode(pieces, encoding, errors="replace"))
        stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror
    else:
        return
    discard_standard_output()
    raise UsageError(f"cannot write to standard output: {reason}")


def discard_standard_output() -> None:
    """Let what is still to be written go nowhere: Python would fail at it once more at exit, and say so."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)


def write_to_file(pieces: Iterable[str], output: Path) -> None:
    """Write it whole, or say why that cannot be; a file is never left half-written."""
    if is_standard_output(output):
        _to_standard_output(pieces, _standard_output(), _UTF8)
        return
    try:
        if output.is_file() or not output.exists():
            _replace(Path(os.path.realpath(output)), pieces)
        else:  # a device or a pipe: nothing may take its place
            output.write_text("".join(pieces), encoding=_UTF8, errors="replace")
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None


def is_standard_output(output: Path) -> bool:
    """Say whether *output* is where standard output goes already (``/dev/stdout``): a file there may hold more."""
    if cast("TextIO | None", sys.stdout) is None or not output.exists():
        return False
    return os.path.samestat(os.fstat(_STDOUT), output.stat())


def _replace(file: Path, pieces: Iterable[str]) -> None:
    """Write beside *file*, whole, and put that in its place; a link to it goes on leading there."""
    import secrets  # noqa: PLC0415  # it brings OpenSSL and random numbers along, for this alone

    part = file.with_name(f".migration-monitor-{secrets.token_hex(4)}.part")
    try:
        with part.open("x", encoding=_UTF8, errors="replace") as beside:
            beside.writelines(pieces)
        if file.exists():
            shutil.copymode(file, part)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def say(sentence: str) -> None:
    """Print it on standard error, where there is one: beside the report, never in it."""
    from ...report.wording import printable  # noqa: PLC0415  # only what is said needs it

    if cast("TextIO | None", sys.stderr) is not None:
        print(f"{called()}: {printable(sentence)}", file=sys.stderr)  # noqa: T201  # this is the terminal


@contextmanager
def progress(doing: str, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being waited for; on a pipe, nothing. Yields a function that changes the words."""
    stderr = cast("TextIO | None", sys.stderr)
    if quiet or stderr is None or not stderr.isatty():
        yield lambda _words: None
        return
    from rich.console import Console  # noqa: PLC0415  # only where there is somebody to look at it

    console = Console(stderr=True, markup=False, highlight=False)
    with console.status(doing, spinner="dots") as status:
        yield status.update


def _wants_colour() -> bool:
    """See https://no-color.org."""
    from ...settings import environment  # noqa: PLC0415  # only a terminal is asked

    return not environment().get("NO_COLOR") and environment().get("TERM") != "dumb"


def _forces_colour() -> bool:
    """See https://force-color.org: the log of a pipeline shows colours and is no terminal. NO_COLOR wins."""
    from ...settings import environment  # noqa: PLC0415  # as above

    environ = environment()
    return environ.get("FORCE_COLOR", "") not in {"", "0", "false"} and not environ.get("NO_COLOR")
