"""Unpacking a .tar or .tar.gz that may have been made to harm."""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from ..attempt import GatherError
from .artifact import MAX_FILE, Collector, Readable, as_text

MAX_STREAM = 1024 * 1024 * 1024
_CHUNK = 64 * 1024


def unpack_tar(file: BinaryIO, collector: Collector, *, gzipped: bool) -> None:
    """Put folders and files that matter into *collector*. Of entries with one path the last counts, as for tar."""
    with broken_means(collector.origin):
        stream = Forward(gzip.GzipFile(fileobj=file) if gzipped else file, collector.origin)
        for archive, entry in entries(stream):
            _take(archive, entry, collector)
        # tarfile takes a header that it cannot read for the end as well.
        if stream.latest != bytes(tarfile.BLOCKSIZE):
            raise GatherError(f"{collector.origin} is truncated or corrupt: it has no end mark", lasting=True)
        # gzip's checksum comes last.
        stream.drain()


def entries(stream: "Forward") -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    """Give each entry, and its archive; its content can be read until the next entry is asked for."""
    with _opened(stream) as archive:
        while (entry := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # it would keep every entry until the end
            yield archive, entry


def _opened(stream: "Forward") -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=cast("BinaryIO", stream), mode="r:")
    except tarfile.ReadError:
        raise GatherError(
            f"{stream.origin} is no .zip, .tar.gz or .tar archive, or its beginning is broken", lasting=True
        ) from None


def _take(archive: tarfile.TarFile, entry: tarfile.TarInfo, collector: Collector) -> None:
    path = collector.add_entry(as_text(entry.name), is_folder=entry.isdir())
    if path is None:
        return
    content = archive.extractfile(entry) if entry.isreg() else None
    if content is None:
        collector.files.pop(path, None)
    else:
        collector.add_file(path, content)


class Forward:
    """A stream that is read once, forwards, in bounded pieces: all that a sound tar needs.

    A forged header can make tarfile read a name of gigabytes, or go back and read for ever.
    """

    def __init__(self, stream: Readable, origin: str, most: int | None = None) -> None:
        self.origin = origin
        self._stream = stream
        self._most = MAX_STREAM if most is None else most
        self._position = 0
        self.latest = b""

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MAX_FILE:
            raise GatherError(f"{self.origin} is corrupt: it has a header of {size:,} bytes", lasting=True)
        self.latest = self._stream.read(size)
        self._position += len(self.latest)
        if self._position > self._most:
            raise GatherError(f"{self.origin} unpacks to more than {self._most // 1024**3} GiB", lasting=True)
        return self.latest

    def seek(self, position: int) -> None:
        if position < self._position:
            raise GatherError(f"{self.origin} is corrupt: it points back into itself", lasting=True)
        while self._position < position:
            if not self.read(min(_CHUNK, position - self._position)):
                break

    def drain(self) -> None:
        while self.read(_CHUNK):
            pass


@contextmanager
def broken_means(origin: str) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError, RecursionError):
        raise GatherError(f"{origin} is truncated or corrupt", lasting=True) from None
