"""What a release source yields, and the bounds within which it does so."""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

from ...model.release_settings import ReleaseSettings
from ...model.value import dataclass
from ...prisma.acceptance import ACCEPT_FILE
from ...prisma.release import LEFT_OUT, LOCK_FILE, SCHEMA_FILE, SCRIPT_FILE
from ..attempt import GatherError

# All that Prisma reads of a release. Everything else is only counted.
_READ_BY_PRISMA = frozenset({SCRIPT_FILE, LOCK_FILE})
# What the monitor reads besides. Others may have files of these names elsewhere: none of them stops the reading.
_READ_BESIDES = frozenset({SCHEMA_FILE, ACCEPT_FILE})
FILES_READ = _READ_BY_PRISMA | _READ_BESIDES

# Real releases stay far below. They keep a forged archive, or a dump under the wrong name, from taking the memory.
MAX_ENTRIES = 100_000
MAX_FILE = 10 * 1024 * 1024
MAX_TOTAL = 100 * 1024 * 1024
MAX_PATH = 1024
_CHUNK = 64 * 1024

# A checkout holds tens of thousands of files there, none of them a migration of this release.
_NOT_ENTERED = frozenset({".git", "node_modules"})


@dataclass(frozen=True, slots=True)
class Artifact:
    """The files that matter of one release, and the paths of all its folders.

    Paths are relative to the root of the folder or archive, with ``/`` between their parts. The root
    itself is not among *folders*, an empty folder is: to Prisma it is a migration. *source* is the kind,
    *origin* what exactly was read: a path, a commit, a blob, an image with its digest.
    """

    files: Mapping[str, bytes]
    folders: frozenset[str]
    version: str | None
    source: str
    # What is the same in two places is the same.
    origin: str = field(default="", compare=False)


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(slots=True)
class Collector:
    """Takes in the folders and files of one source; more than the bounds allow ends in a `GatherError`.

    *origin* is what the source is called in errors. *migrations* is the path that the settings
    name: what it passes through is entered in any case.
    """

    origin: str
    migrations: str | None
    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    _entries: int = 0
    _total: int = 0
    _total_besides: int = 0

    def count(self) -> None:
        """Count an entry of any kind."""
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise GatherError(
                f"{self.origin} holds more than {MAX_ENTRIES:,} entries; point at the migrations alone", lasting=True
            )

    def enters(self, name: str) -> bool:
        """Say whether the folder called *name* is looked into."""
        return name not in _NOT_ENTERED or name in (self.migrations or "").split("/")

    def add_folder(self, path: str) -> None:
        """Note a folder and those above it."""
        if len(path) > MAX_PATH:
            raise GatherError(
                f"{self.origin} has a path of more than {MAX_PATH:,} characters: {path[:60]!a}…", lasting=True
            )
        while path and path not in self.folders:
            if len(self.folders) >= MAX_ENTRIES:
                raise GatherError(f"{self.origin} holds more than {MAX_ENTRIES:,} folders", lasting=True)
            self.folders.add(path)
            path = path.rpartition("/")[0]

    def add_entry(self, name: str, *, is_folder: bool) -> str | None:
        """Count an archive's entry and note its folders; give its path if its name is one that matters."""
        self.count()
        matters = not is_folder and (
            re.split(r"[/\\]", name)[-1] in _READ_BY_PRISMA or name.rpartition("/")[2] in _READ_BESIDES
        )
        # What else a folder holds may be called whatever its system allows.
        path = path_inside(name if is_folder or matters else name.rpartition("/")[0], self.origin)
        parts = path.split("/")
        folders = parts[:-1] if matters else parts
        shut = next((number for number, part in enumerate(folders, 1) if not self.enters(part)), None)
        self.add_folder("/".join(folders[:shut]))
        return path if matters and shut is None else None

    def add_file(self, path: str, content: Readable) -> None:
        """Read *content*: what really comes is counted, whatever size was announced."""
        if is_besides(path):
            self.files[path] = self._besides(content)
            return
        chunks, size = [], 0
        while chunk := content.read(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            self._total += len(chunk)
            if size > MAX_FILE:
                raise GatherError(f"{path!a} in {self.origin} is larger than {_mebibytes(MAX_FILE)}", lasting=True)
            if self._total > MAX_TOTAL:
                raise GatherError(f"{self.origin} holds more than {_mebibytes(MAX_TOTAL)} of migrations", lasting=True)
        self.files[path] = b"".join(chunks)

    def _besides(self, content: Readable) -> bytes:
        chunks, size = [], 0
        while chunk := content.read(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            self._total_besides += len(chunk)
            if size > MAX_FILE or self._total_besides > MAX_TOTAL:
                return LEFT_OUT
        return b"".join(chunks)

    def artifact(self, version: str | None, settings: ReleaseSettings, origin: str) -> Artifact:
        return Artifact(self.files, frozenset(self.folders), version, settings.source, origin)


def is_besides(path: str) -> bool:
    """Say whether *path* is of a file that Prisma does not read and the monitor does."""
    return path.rpartition("/")[2] in _READ_BESIDES


def as_text(name: str) -> str:
    """Give *name* with U+FFFD for what is not UTF-8, as Node gives it to Prisma: it can be printed and compared."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def path_inside(name: str, origin: str) -> str:
    """Give an archive's entry *name* as a clean relative path, empty for the root.

    A name that could lead elsewhere is an error and not skipped: what it hides may be a migration.
    """
    parts = [part for part in name.split("/") if part not in {"", "."}]
    leads_elsewhere = name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name)
    if leads_elsewhere or "\\" in name or "\0" in name:
        raise GatherError(f"{origin} holds an entry that is no plain relative path: {name[:200]!a}", lasting=True)
    return "/".join(parts)


def _mebibytes(size: int) -> str:
    return f"{size // (1024 * 1024)} MiB"
