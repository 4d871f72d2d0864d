"""Unpacking a .tar or .tar.gz that may have been made to harm."""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from shared.gather.attempt import GatherError
from shared.gather.sources.artifact import MAX_FILE, Collector, as_text

MAX_STREAM = 1024 * 1024 * 1024
_CHUNK = 64 * 1024


def unpack_tar(file: BinaryIO, collector: Collector, *, gzipped: bool) -> None:
    """Put folders and files that matter into *collector*. Of entries with one path the last counts, as for tar."""
    with _broken_means(collector.origin):
        stream = _Forward(gzip.GzipFile(fileobj=file) if gzipped else file, collector.origin)
        with _opened(stream, collector.origin) as archive:
            while (entry := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # it would keep every entry until the end
                _take(archive, entry, collector)
        # tarfile takes a header that it cannot read for the end as well.
        if stream.latest != bytes(tarfile.BLOCKSIZE):
            raise GatherError(f"{collector.origin} is truncated or corrupt: it has no end mark", lasting=True)
        # gzip's checksum comes last.
        stream.drain()


def _opened(stream: "_Forward", origin: str) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=cast("BinaryIO", stream), mode="r:")
    except tarfile.ReadError:
        raise GatherError(
            f"{origin} is no .zip, .tar.gz or .tar archive, or its beginning is broken", lasting=True
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


class _Forward:
    """A stream that is read once, forwards, in bounded pieces: all that a sound tar needs.

    A forged header can make tarfile read a name of gigabytes, or go back and read for ever.
    """

    def __init__(self, stream: BinaryIO | gzip.GzipFile, origin: str) -> None:
        self._stream = stream
        self._origin = origin
        self._position = 0
        self.latest = b""

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MAX_FILE:
            raise GatherError(f"{self._origin} is corrupt: it has a header of {size:,} bytes", lasting=True)
        self.latest = self._stream.read(size)
        self._position += len(self.latest)
        if self._position > MAX_STREAM:
            raise GatherError(f"{self._origin} unpacks to more than {MAX_STREAM // 1024**3} GiB", lasting=True)
        return self.latest

    def seek(self, position: int) -> None:
        if position < self._position:
            raise GatherError(f"{self._origin} is corrupt: it points back into itself", lasting=True)
        while self._position < position:
            if not self.read(min(_CHUNK, position - self._position)):
                break

    def drain(self) -> None:
        while self.read(_CHUNK):
            pass


@contextmanager
def _broken_means(origin: str) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError, RecursionError):
        raise GatherError(f"{origin} is truncated or corrupt", lasting=True) from None
