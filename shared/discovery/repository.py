"""The files of a repository: listed once, and read as text within bounds."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from ..model.value import dataclass

_MOST_ENTRIES = 200_000
_MOST_DEPTH = 12
_MOST_BYTES = 1024 * 1024
# Tens of thousands of files, none of them this application's own.
_NOT_ENTERED = frozenset(
    {".git", ".next", ".nuxt", ".turbo", ".venv", ".yarn", "build", "coverage", "dist", "node_modules", "out", "vendor"}
)


@dataclass(frozen=True, slots=True)
class Repository:
    """Paths of *files* below *root*, with ``/`` between their parts, in order. *whole*: no file was left out."""

    root: Path
    files: Mapping[str, None]
    whole: bool = True

    def named(self, *names: str) -> list[PurePosixPath]:
        """Give the files whose last part is one of *names*, the ones nearest to the root first."""
        found = [PurePosixPath(each) for each in self.files if each.rpartition("/")[2] in names]
        return sorted(found, key=lambda each: (len(each.parts), each))

    def text(self, path: PurePosixPath | str, most: int = _MOST_BYTES) -> str | None:
        """Give the text of a plain file that was listed; None where it is larger than *most*, or cannot be read."""
        return read_text(self.root / path, most) if str(path) in self.files else None


def read_text(path: Path, most: int = _MOST_BYTES) -> str | None:
    """Give the text of a plain file, which no link leads to; None where it is larger, or cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        try:
            content = file.read(most + 1)
        except OSError:
            return None
    return content.decode("utf-8", "replace").removeprefix("\ufeff") if len(content) <= most else None


def read_repository(root: Path) -> Repository:
    """List the files below *root*. Raises OSError where it is no folder that may be read."""
    found: list[str] = []
    entries = 0
    for name in _files(root):
        entries += 1
        if entries > _MOST_ENTRIES:
            break
        if name is not None:
            found.append(name)
    return Repository(root, dict.fromkeys(sorted(found)), entries <= _MOST_ENTRIES)


def _files(root: Path) -> Iterator[str | None]:
    """Give the path of each plain file below *root*, and None for every other entry."""
    waiting: list[tuple[str, int]] = [("", 0)]
    while waiting:
        above, depth = waiting.pop()
        try:
            entries = os.scandir(root / above)
        except OSError:
            if depth == 0:
                raise
            continue
        with entries:
            for entry in entries:
                yield _file(above, entry)
                enters = depth < _MOST_DEPTH and entry.name not in _NOT_ENTERED
                if enters and _is_text(entry.name) and entry.is_dir(follow_symlinks=False):
                    waiting.append((f"{above}{entry.name}/", depth + 1))


def _file(above: str, entry: "os.DirEntry[str]") -> str | None:
    return above + entry.name if entry.is_file(follow_symlinks=False) and _is_text(entry.name) else None


def _is_text(name: str) -> bool:
    """Say whether *name* is UTF-8: no settings file could name it otherwise."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
