"""Unpacking a .zip that may have been made to harm."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from ..attempt import GatherError
from .artifact import MAX_ENTRIES, Collector

# What `zip`, git, GitHub and Azure write. Others are rare, and Python inflates bzip2 and LZMA without a bound.
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_NAME_IS_UTF8 = 0x800
_LISTED = b"PK\x01\x02"


def unpack_zip(file: BinaryIO, collector: Collector) -> None:
    """Put folders and files that matter into *collector*. Of entries with one path the last counts, as for unzip -o."""
    listing = cast("BinaryIO", _BoundedListing(file, collector.origin))
    with _broken_means(collector.origin), zipfile.ZipFile(listing) as archive:
        for path, entry in _wanted(archive, collector).items():
            _insist_on_readable(entry, path, collector.origin)
            with archive.open(entry) as content:
                collector.add_file(path, content)


def _wanted(archive: zipfile.ZipFile, collector: Collector) -> dict[str, zipfile.ZipInfo]:
    wanted = {}
    for entry in archive.infolist():
        name = _name(entry)
        path = collector.add_entry(name, is_folder=name.endswith("/"))
        if path is None:
            continue
        if _is_plain(entry):
            wanted[path] = entry
        else:
            wanted.pop(path, None)
    return wanted


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """Say whether it is neither a link nor a device. Zips from Windows carry no mode at all."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return kind in {0, stat.S_IFREG}


def _name(entry: zipfile.ZipInfo) -> str:
    """Give the name as it was meant: macOS writes UTF-8 and does not say so."""
    if entry.flag_bits & _NAME_IS_UTF8:
        return entry.orig_filename
    try:
        return entry.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.orig_filename


def _insist_on_readable(entry: zipfile.ZipInfo, path: str, origin: str) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise GatherError(f"{path!a} in {origin} is encrypted", lasting=True)
    if entry.compress_type not in _COMPRESSIONS:
        raise GatherError(
            f"{path!a} in {origin} is not compressed by deflate, the only method that is read", lasting=True
        )


class _BoundedListing:
    """The file under a `zipfile.ZipFile`, which would build an object for each of a billion listed entries."""

    def __init__(self, file: BinaryIO, origin: str) -> None:
        self._file = file
        self._origin = origin
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Read, and refuse the central directory, which comes in one piece, if it lists too much."""
        read = self._file.read(size)
        if read.count(_LISTED) > MAX_ENTRIES:
            raise GatherError(
                f"{self._origin} holds more than {MAX_ENTRIES:,} entries; point at the migrations alone", lasting=True
            )
        return read


@contextmanager
def _broken_means(origin: str) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        raise GatherError(
            f"{origin} is corrupt: it has a name that is not the UTF-8 it is said to be", lasting=True
        ) from None
    except NotImplementedError:
        raise GatherError(
            f"{origin} uses a feature of zip that is not read (patches, strong encryption)", lasting=True
        ) from None
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, OverflowError):
        raise GatherError(f"{origin} is truncated or corrupt", lasting=True) from None
