"""What was read of releases, kept on the local disk: it spares downloads, and stands in for a source that is down."""

import json
import os
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from ...model.value import dataclass

# Of a release a hundredth of this is usual. Where Azure runs functions, the disk of an instance holds 800 MB.
MAX_SIZE = 256 * 1024 * 1024
# What lies there was packed by this program; who could forge it could do anything. A bit that fell over cannot.
_MAX_UNPACKED = 256 * 1024 * 1024
_CHECKSUM = 32
# Another one for another way to pack: what an older program kept is then not found.
_FORMAT = "2"


class Behind(Protocol):
    """Where values are found that the local disk does not have."""

    def get(self, name: str) -> bytes | None: ...
    def put(self, name: str, value: bytes) -> None: ...


class Cache:
    """Values by key, in a folder that is this user's alone; the least recently used give way to new ones.

    What is not found there is looked for *behind*, where there is one. Each is checked when it is read: what is
    damaged, or lies under another's name, is not found. A disk that is full, or a folder that somebody else has
    made, keeps nothing; *problem* then says why.
    """

    def __init__(self, folder: Path, most: int = MAX_SIZE, behind: Behind | None = None) -> None:
        self._folder = folder
        self._most = most
        self._behind = behind
        self.problem = _problem_of(folder)

    @classmethod
    def here(cls) -> "Cache":
        """Give the one in the folder that the system has for such things (``TMPDIR`` names another)."""
        return cls(Path(tempfile.gettempdir()) / f"migration-monitor-{_user()}", behind=_BEHIND[-1])

    def get(self, key: str) -> bytes | None:
        found = self._get_here(key)
        if found is None and self._behind is not None:
            kept = self._behind.get(_name(key))
            found = None if kept is None else _checked(key, kept)
            if kept is not None and found is not None:
                self._put_here(key, kept)
        return found

    def _get_here(self, key: str) -> bytes | None:
        if self.problem is not None:
            return None
        path = self._path(key)
        with suppress(OSError):
            found = _checked(key, path.read_bytes())
            if found is not None:
                os.utime(path)
            return found
        return None

    def put(self, key: str, value: bytes) -> None:
        packed = zlib.compress(value, 1)
        kept = _checksum(key, packed) + packed
        self._put_here(key, kept)
        if self._behind is not None:
            self._behind.put(_name(key), kept)

    def _put_here(self, key: str, kept: bytes) -> None:
        if self.problem is not None or len(kept) > self._most // 2:
            return
        # A cache is a convenience: that it cannot be written to is no reason not to look at production.
        with suppress(OSError):
            number, name = tempfile.mkstemp(dir=self._folder, prefix=".")
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(kept)
                Path(name).replace(self._path(key))
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
            self._free_space()

    def _path(self, key: str) -> Path:
        return self._folder / _name(key)

    def _free_space(self) -> None:
        """Drop the longest unused until the rest fits; others may be doing the same."""
        files = sorted(self._files(), key=lambda file: file[1].st_mtime_ns)
        size = sum(status.st_size for _, status in files)
        for path, status in files:
            if size <= self._most:
                break
            path.unlink(missing_ok=True)
            size -= status.st_size

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                yield path, path.stat()


# What every cache of this process has behind it: it has one memory.
_BEHIND: list[Behind | None] = [None]


def keep_behind(behind: Behind | None) -> None:
    """Have each `Cache.here` made from now on look there, too."""
    _BEHIND[-1] = behind


@dataclass(frozen=True, slots=True)
class Contents:
    """What matters of an archive: its files, and the paths of all its folders."""

    files: Mapping[str, bytes]
    folders: frozenset[str]


def kept_contents(cache: Cache, key: str) -> Contents | None:
    kept = kept_files(cache, key)
    return None if kept is None else Contents(kept[0], kept[1]["folders"])


def keep_contents(cache: Cache, key: str, contents: Contents) -> None:
    keep_files(cache, key, contents.files, {"folders": contents.folders})


def contents_once(cache: Cache, key: str, read: Callable[[], Contents]) -> Contents:
    """Give what was kept under *key*, else what *read* gives: that is kept from now on."""
    contents = kept_contents(cache, key)
    if contents is None:
        contents = read()
        keep_contents(cache, key, contents)
    return contents


def kept_files(cache: Cache, key: str) -> tuple[dict[str, bytes], dict[str, frozenset[str]]] | None:
    """Give the files that were kept under *key*, and the sets of paths beside them."""
    kept = cache.get(key)
    if kept is None:
        return None
    head, _, rest = kept.partition(b"\n")
    sizes, paths = json.loads(head)
    files, start = {}, 0
    for path, size in sizes:
        files[path] = rest[start : start + size]
        start += size
    return files, {name: frozenset(each) for name, each in paths.items()}


def keep_files(cache: Cache, key: str, files: Mapping[str, bytes], paths: Mapping[str, frozenset[str]]) -> None:
    sizes = [(path, len(content)) for path, content in files.items()]
    head = json.dumps([sizes, {name: sorted(each) for name, each in paths.items()}])
    cache.put(key, head.encode() + b"\n" + b"".join(files.values()))


def _problem_of(folder: Path) -> str | None:
    """Make *folder* if it is missing, and say why it cannot be used: others might put there what they like."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        return f"nothing is kept in {folder}: {error.strerror or type(error).__name__}"
    if not stat.S_ISDIR(status.st_mode):
        return f"nothing is kept in {folder}: it is no folder"
    # Windows has neither users in numbers nor such modes; its folder for temporary files is each user's own.
    if os.name == "posix" and (status.st_uid != _user() or stat.S_IMODE(status.st_mode) & 0o077):
        return f"nothing is kept in {folder}: it is open to other users, or theirs"
    return None


def _user() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0


def _name(key: str) -> str:
    return sha256(f"{_FORMAT} {key}".encode()).hexdigest()


def _checked(key: str, kept: bytes) -> bytes | None:
    """Give the value that was kept under *key*; None where it is damaged, or another's."""
    value = kept[_CHECKSUM:]
    return _unpacked(value) if kept[:_CHECKSUM] == _checksum(key, value) else None


def _checksum(key: str, packed: bytes) -> bytes:
    return sha256(key.encode() + b"\n" + packed).digest()


def _unpacked(packed: bytes) -> bytes | None:
    unpacking = zlib.decompressobj()
    value = unpacking.decompress(packed, _MAX_UNPACKED)
    return value if unpacking.eof else None
