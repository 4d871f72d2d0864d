"""A release in a folder: a checkout, a build's output, a mounted share."""

import os
from collections.abc import Iterator
from pathlib import Path

from ...model.release_settings import ReleaseSettings
from ..attempt import GatherError
from .artifact import FILES_READ, Artifact, Collector, as_text
from .named import locate, reading


def read_folder(settings: ReleaseSettings, release: str | None) -> Artifact:
    """Read the folder that *settings* name; the version is the part of its path in the place of ``{release}``.

    The path itself may be a link (``current``), and so may each part of what the settings name as `migrations`.
    Inside, linked files are followed and linked folders left out, as Prisma does.
    """
    located = locate(settings, release, Path.is_dir)
    root = located.path
    collector = Collector(f"the folder {root}", settings.migrations)
    with reading(root):
        if not root.is_dir() and root.exists():
            raise GatherError(
                f"{root} is not a folder; for a .zip or .tar.gz the source is called archive", lasting=True
            )
    for name, entry in _files(root, collector):
        if entry.is_dir(follow_symlinks=_leads_to_migrations(name, collector)):
            collector.add_folder(name)
        elif entry.name in FILES_READ:
            with reading(entry.path):
                _add_file(collector, name, Path(entry.path))
    return collector.artifact(located.version, settings, str(root))


def _add_file(collector: Collector, name: str, path: Path) -> None:
    """Read a plain file or what a link to one leads to; a link that dangles is no file, and a pipe would wait."""
    if path.is_file():
        with path.open("rb", buffering=0) as file:
            collector.add_file(name, file)


def _files(root: Path, collector: Collector) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Give every entry below *root* with its relative path; by a link only the way to the migrations is entered."""
    waiting = [("", str(root))]
    while waiting:
        above, folder = waiting.pop()
        with reading(folder), os.scandir(folder) as entries:
            for entry in entries:
                collector.count()
                name = above + as_text(entry.name)
                if entry.is_dir(follow_symlinks=_leads_to_migrations(name, collector)) and collector.enters(entry.name):
                    waiting.append((f"{name}/", entry.path))
                yield name, entry


def _leads_to_migrations(name: str, collector: Collector) -> bool:
    """Say whether *name*, a path below the root, is the path of the migrations in the settings, or its beginning."""
    return f"{(collector.migrations or '').strip('/')}/".startswith(f"{name}/")
