"""What the application's own Prisma makes of its ``schema.prisma``, for who sits beside a checkout of it.

Prisma runs as it is installed there, and reads the ``prisma.config.ts`` that is there: that is code of the application.
So it runs only where a person asks for it, and gets nothing that is secret: no variable but a few of the system's and
those that lead Prisma to its engines. ``DATABASE_URL`` leads nowhere, which also keeps Prisma from reading it out of a
file ``.env``.
"""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from shutil import which

from ..model.knowledge import Unavailable
from ..model.release import Release
from ..model.value import replace
from ..prisma.release import OPTIONS_OF_DIFF_FROM, SCHEMA_FILE, to_schema_option
from .attempt import GatherError
from .sources.artifact import MAX_FILE

LONGEST = timedelta(seconds=60)
_NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
_GIVEN = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "USERPROFILE")
# By whole names: applications name their own secrets PRISMA_…, too.
_OF_PRISMA = frozenset(
    {
        "PRISMA_BINARIES_MIRROR",
        "PRISMA_CLI_BINARY_TARGETS",
        "PRISMA_ENGINES_CHECKSUM_IGNORE_MISSING",
        "PRISMA_ENGINES_MIRROR",
        "PRISMA_MIGRATION_ENGINE_BINARY",
        "PRISMA_QUERY_ENGINE_BINARY",
        "PRISMA_QUERY_ENGINE_LIBRARY",
        "PRISMA_SCHEMA_ENGINE_BINARY",
    }
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LONGEST_ERROR = 300


def with_lowered(release: Release | Unavailable, lowered: bytes | Unavailable) -> Release | Unavailable:
    """*release* with what Prisma made of its ``schema.prisma``, or with the reason why that is not known."""
    if isinstance(release, Unavailable):
        return release
    if isinstance(lowered, Unavailable):
        mistake = f"{SCHEMA_FILE} was not written by Prisma: {lowered.because}"
        return replace(release, schema_sql=None, mistakes=(*release.mistakes, mistake))
    return replace(release, schema_sql=lowered)


def lowered(schema: Path, environ: Mapping[str, str], within: timedelta = LONGEST) -> bytes:
    """Have Prisma lower *schema*, a file or the folder of several, to SQL; raises `GatherError`."""
    if not schema.exists():
        raise GatherError(f"{schema}: there is no such file or folder", lasting=True)
    path = schema.resolve()
    command = _command(path, environ)
    option = to_schema_option(_major(command))
    words = [str(command), "migrate", "diff", "--from-empty", option, str(path), "--script"]
    try:
        status, output, errors = _ended(words, _folder(path), _environment(environ), within)
    except OSError as error:
        raise GatherError(f"{command} could not be run: {error.strerror}", lasting=True) from None
    if status != 0:
        raise GatherError(f"prisma migrate diff could not read {schema}: {_said(errors or output)}", lasting=True)
    if not output.strip():
        # It ends so where its engine crashes.
        raise GatherError(f"prisma migrate diff printed nothing of {schema}: {_said(errors)}", lasting=True)
    if len(output) > MAX_FILE:
        raise GatherError(f"prisma migrate diff wrote more of {schema} than a file may have", lasting=True)
    return output


def is_installed(schema: Path, environ: Mapping[str, str]) -> bool:
    """Say whether there is a Prisma for *schema*."""
    try:
        _command(schema.resolve(), environ)
    except GatherError:
        return False
    return True


def _command(schema: Path, environ: Mapping[str, str]) -> Path:
    for folder in schema.parents:
        command = folder / "node_modules" / ".bin" / "prisma"
        if command.exists():
            return command
    found = which("prisma", path=environ.get("PATH", ""))
    if found is None:
        because = f"there is no node_modules/.bin/prisma above {schema}: install the application's packages"
        raise GatherError(because, lasting=True)
    return Path(found)


def _major(command: Path) -> int:
    """The major version of the package that *command* belongs to; the newest known one where that is not said."""
    # pnpm writes a script in place of a link: the package is beside the folder of commands.
    beside = (command.parent.parent / "prisma",) if command.parent.parts[-2:] == ("node_modules", ".bin") else ()
    for folder in (*beside, *command.resolve().parents):
        with suppress(OSError, ValueError):
            package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
            if isinstance(package, dict) and package.get("name") == "prisma":
                return int(str(package.get("version")).partition(".")[0])
    return OPTIONS_OF_DIFF_FROM


def _folder(schema: Path) -> Path:
    """Where Prisma is run: it looks for its configuration there, which is beside the application's packages."""
    wanted = ("prisma.config.*", "package.json")
    found = (folder for pattern in wanted for folder in schema.parents if any(folder.glob(pattern)))
    return next(found, schema.parent)


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    return dict(_given(environ))


def _given(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if name.upper() in _GIVEN or name in _OF_PRISMA:
            yield name, value
    yield from {
        "DATABASE_URL": _NOWHERE,
        "NO_COLOR": "1",
        "CHECKPOINT_DISABLE": "1",
        "PRISMA_HIDE_UPDATE_MESSAGE": "1",
    }.items()


def _ended(words: list[str], folder: Path, env: dict[str, str], within: timedelta) -> tuple[int, bytes, bytes]:
    """Run it to its end, and give its status and both outputs. What it started ends with it."""
    process = subprocess.Popen(  # noqa: S603  # the path of the application's own Prisma
        words,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        try:
            output, errors = process.communicate(timeout=within.total_seconds())
        except subprocess.TimeoutExpired:
            raise GatherError(f"prisma migrate diff did not end within {within.total_seconds():.0f} s") from None
        finally:
            if process.returncode is None:
                _end(process)
    return process.returncode, output, errors


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _said(errors: bytes) -> str:
    """What Prisma says is wrong, on one line."""
    text = _COLOURS.sub("", errors.decode("utf-8", "replace"))
    return " ".join(text.split())[:_LONGEST_ERROR] or "it says nothing"
