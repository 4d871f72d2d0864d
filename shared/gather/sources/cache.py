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

from ...model.value import dataclass

# Of a release a hundredth of this is usual. Where Azure runs functions, the disk of an instance holds 800 MB.
MAX_SIZE = 256 * 1024 * 1024
# What lies there was packed by this program; who could forge it could do anything. A bit that fell over cannot.
_MAX_UNPACKED = 256 * 1024 * 1024
_CHECKSUM = 32
# Another one for another way to pack: what an older program kept is then not found.
_FORMAT = "2"


class Cache:
    """Values by key, in a folder that is this user's alone; the least recently used give way to new ones.

    Each is checked when it is read: what is damaged, or lies under another's name, is not found. A disk
    that is full, or a folder that somebody else has made, keeps nothing; *problem* then says why.
    """

    def __init__(self, folder: Path, most: int = MAX_SIZE) -> None:
        self._folder = folder
        self._most = most
        self.problem = _problem_of(folder)

    @classmethod
    def here(cls) -> "Cache":
        """Give the one in the folder that the system has for such things (``TMPDIR`` names another)."""
        return cls(Path(tempfile.gettempdir()) / f"migration-monitor-{_user()}")

    def get(self, key: str) -> bytes | None:
        if self.problem is not None:
            return None
        path = self._path(key)
        with suppress(OSError):
            kept = path.read_bytes()
            value = kept[_CHECKSUM:]
            if kept[:_CHECKSUM] == _checksum(key, value):
                os.utime(path)
                return _unpacked(value)
        return None

    def put(self, key: str, value: bytes) -> None:
        packed = zlib.compress(value, 1)
        if self.problem is not None or len(packed) > self._most // 2:
            return
        # A cache is a convenience: that it cannot be written to is no reason not to look at production.
        with suppress(OSError):
            number, name = tempfile.mkstemp(dir=self._folder, prefix=".")
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(_checksum(key, packed) + packed)
                Path(name).replace(self._path(key))
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
            self._free_space()

    def _path(self, key: str) -> Path:
        return self._folder / sha256(f"{_FORMAT} {key}".encode()).hexdigest()

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


def _checksum(key: str, packed: bytes) -> bytes:
    return sha256(key.encode() + b"\n" + packed).digest()


def _unpacked(packed: bytes) -> bytes | None:
    unpacking = zlib.decompressobj()
    value = unpacking.decompress(packed, _MAX_UNPACKED)
    return value if unpacking.eof else None
