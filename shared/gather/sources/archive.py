"""A release in an archive: .zip, .tar.gz, .tgz or .tar, recognised by the file's contents."""

import re
import stat
from pathlib import Path
from typing import BinaryIO

from ...model.release_settings import ReleaseSettings
from ..attempt import GatherError
from .artifact import Artifact, Collector
from .named import locate, reading

SUFFIXES = (".zip", ".tar.gz", ".tgz", ".tar")
_SUFFIX = re.compile(rf"({'|'.join(map(re.escape, SUFFIXES))})$", re.IGNORECASE)
_ZIP, _GZIP = b"PK", b"\x1f\x8b"


def read_archive(settings: ReleaseSettings, release: str | None) -> Artifact:
    """Read the archive that *settings* name; its version is its ``{release}`` or else its file name without suffix.

    A link (``release.tar.gz``, which leads to ``v1.42.0.tar.gz``) has the name of the file that it leads to.
    """
    located = locate(settings, release, Path.is_file)
    path = located.path
    collector = Collector(f"the archive {path}", settings.migrations)
    with reading(path):
        _insist_on_file(path)
        file = path.open("rb")
        name = path.resolve().name if path.is_symlink() else path.name
    with file:
        unpack(file, collector)
    return collector.artifact(located.version or without_suffix(name), settings, str(path))


def without_suffix(name: str) -> str:
    """Give *name* without what only says what kind of archive it is."""
    return _SUFFIX.sub("", name)


def unpack(file: BinaryIO, collector: Collector) -> None:
    """Put what matters of the archive in *file* into *collector*; raise `GatherError` for one that is broken."""
    # Imported here: most runs read one kind or none.
    start = file.read(2)
    file.seek(0)
    if start == _ZIP:
        from .zipped import unpack_zip  # noqa: PLC0415

        unpack_zip(file, collector)
    else:
        from .tarred import unpack_tar  # noqa: PLC0415

        unpack_tar(file, collector, gzipped=start == _GZIP)


def _insist_on_file(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise GatherError(f"{path} is a folder; for a folder the source is called folder", lasting=True)
    if not stat.S_ISREG(mode):
        # Opening a pipe would wait for someone to write into it.
        raise GatherError(f"{path} is no plain file", lasting=True)
