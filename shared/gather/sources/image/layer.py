"""What one layer of an image has of migrations, and what it hides of those beneath it.

https://github.com/opencontainers/image-spec/blob/main/layer.md
"""

import tarfile
from collections.abc import Mapping
from dataclasses import field
from io import BytesIO

from ....model.value import dataclass
from ....prisma.release import LEFT_OUT
from ...attempt import GatherError
from ..artifact import FILES_READ, MAX_PATH, Collector, as_text, is_besides
from ..cache import Cache, keep_files, kept_files
from ..tarred import Forward, broken_means, entries

# A layer with the packages of a large application has some hundred thousand entries.
MAX_ENTRIES = 2_000_000
# What the paths of a layer, and of all layers of an image, may take of the memory: those of a large one take a tenth.
MAX_WEIGHT = 256 * 1024 * 1024
# Of a path beside its characters: the text and its place in a set.
_OVERHEAD = 100
_WHITEOUT, _OPAQUE, _OF_AUFS = ".wh.", ".wh..wh..opq", ".wh..wh."


@dataclass(frozen=True, slots=True)
class Layer:
    """The *files* that Prisma reads and all *folders* that a layer brings.

    Beneath it nothing is seen of a path in *hidden*, nor of what lies within a folder in *opaque*, nor
    of a folder where this layer has something else: *others* are all that it has besides.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()

    @property
    def weight(self) -> int:
        """What its paths and files take of the memory, in bytes."""
        paths = (path for paths in (self.folders, self.others, self.hidden, self.opaque) for path in paths)
        return sum(map(_weight, paths)) + sum(_weight(path) + len(content) for path, content in self.files.items())


def _weight(path: str) -> int:
    return _OVERHEAD + len(path)


def insist_on_weight(weight: int, origin: str) -> None:
    if weight > MAX_WEIGHT:
        most = f"{MAX_WEIGHT // 1024**2} MiB"
        raise GatherError(f"{origin} has more names of files and migrations than are read: {most}", lasting=True)


def read_layer(stream: Forward, migrations: str | None) -> Layer:
    """Read the unpacked tar in *stream* to its end. What lies in folders of packages is left out."""
    reading = _Reading(Collector(stream.origin, migrations))
    with broken_means(stream.origin):
        for archive, entry in entries(stream):
            reading.take(archive, entry)
        # tarfile takes a header that it cannot read for the end; not every tool writes an end mark, though.
        if stream.latest.strip(b"\0"):
            raise GatherError(f"{stream.origin} is corrupt: it has a header that cannot be read", lasting=True)
        stream.drain()
    return reading.layer()


class _Reading:
    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._entries = self._weight = 0
        self._folders: set[str] = set()
        self._others: set[str] = set()
        self._hidden: set[str] = set()
        self._opaque: set[str] = set()

    def layer(self) -> Layer:
        return Layer(
            self._collector.files,
            frozenset(self._folders),
            frozenset(self._others),
            frozenset(self._hidden),
            frozenset(self._opaque),
        )

    def take(self, archive: tarfile.TarFile, entry: tarfile.TarInfo) -> None:
        self._count()
        *above, name = self._parts(as_text(entry.name)) or [""]
        shut = next((number for number, part in enumerate(above, 1) if not self._collector.enters(part)), None)
        self._add_folder(above[:shut])
        if shut is not None:
            return
        if name == _OPAQUE:
            self._note(self._opaque, "/".join(above))
        elif name.startswith(_WHITEOUT):
            if not name.startswith(_OF_AUFS) and name != _WHITEOUT:
                self._note(self._hidden, "/".join([*above, name.removeprefix(_WHITEOUT)]))
        elif entry.isdir():
            self._add_folder([*above, name])
        else:
            self._add(self._path([*above, name]), name, archive, entry)

    def _add(self, path: str, name: str, archive: tarfile.TarFile, entry: tarfile.TarInfo) -> None:
        """Add what is no folder. Of entries with one path the last counts."""
        self._folders.discard(path)
        self._others.discard(path)
        files = self._collector.files
        files.pop(path, None)
        if name not in FILES_READ or not (entry.isreg() or entry.islnk()):
            self._note(self._others, path)
        elif entry.islnk():
            target = "/".join(self._parts(as_text(entry.linkname)))
            if target not in files and is_besides(path):
                files[path] = LEFT_OUT
                return
            if target not in files:
                raise GatherError(
                    f"{path!a} in {self._collector.origin} is a link to {target[:200]!a}, which is not read",
                    lasting=True,
                )
            # Counted as if it were another file: it is kept as one.
            self._collector.add_file(path, BytesIO(files[target]))
        else:
            content = archive.extractfile(entry)
            assert content is not None  # noqa: S101  # it is regular
            self._collector.add_file(path, content)

    def _add_folder(self, parts: list[str]) -> None:
        """Note a folder and those above it; they take the place of what this layer had there before."""
        path = self._path(parts)
        while path and path not in self._folders:
            self._note(self._folders, path)
            self._others.discard(path)
            self._collector.files.pop(path, None)
            path = path.rpartition("/")[0]

    def _note(self, paths: set[str], path: str) -> None:
        paths.add(path)
        self._weight += _weight(path)
        insist_on_weight(self._weight, self._collector.origin)

    def _count(self) -> None:
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise GatherError(f"{self._collector.origin} holds more than {MAX_ENTRIES:,} entries", lasting=True)

    def _path(self, parts: list[str]) -> str:
        path = "/".join(parts)
        if len(path) > MAX_PATH:
            raise GatherError(
                f"{self._collector.origin} has a path of more than {MAX_PATH:,} characters: {path[:60]!a}…",
                lasting=True,
            )
        return path

    def _parts(self, name: str) -> list[str]:
        """Give the parts of a path; it begins at the image's root, and must not lead out of it."""
        parts = [part for part in name.split("/") if part not in {"", "."}]
        if ".." in parts or "\0" in name:
            raise GatherError(
                f"{self._collector.origin} holds an entry that is no plain path: {name[:200]!a}", lasting=True
            )
        return parts


def kept_layer(cache: Cache, key: str) -> Layer | None:
    kept = kept_files(cache, key)
    return None if kept is None else Layer(kept[0], **kept[1])


def keep_layer(cache: Cache, key: str, layer: Layer) -> None:
    paths = {"folders": layer.folders, "others": layer.others, "hidden": layer.hidden, "opaque": layer.opaque}
    keep_files(cache, key, layer.files, paths)
