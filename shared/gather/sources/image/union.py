"""Layers laid over each other, from the top down: what a container would see of migrations."""

from collections.abc import Iterator
from posixpath import dirname

from ....prisma.release import LOCK_FILE
from ..cache import Contents
from .layer import Layer


class Union:
    """Takes the layers one beneath the other; *migrations* is the path that the settings name."""

    def __init__(self, migrations: str | None = None) -> None:
        self._suffix = None if migrations is None else "/" + migrations.strip("/")
        self._files: dict[str, bytes] = {}
        self._folders: set[str] = set()
        self._blocked: set[str] = set()
        self._opaque: set[str] = set()
        self._shut: dict[str, bool] = {}

    def lay(self, layer: Layer) -> None:
        """Put *layer* beneath the earlier ones."""
        for path, content in layer.files.items():
            if path not in self._folders and not self._is_hidden(path):
                self._files[path] = content
        self._folders.update(path for path in layer.folders if not self._is_hidden(path))
        self._blocked.update(layer.files, layer.others, layer.hidden)
        self._opaque |= layer.opaque
        self._shut.clear()

    @property
    def contents(self) -> Contents:
        return Contents(self._files, frozenset(self._folders))

    def is_complete(self) -> bool:
        """Say whether no further layer can add anything to the migrations: their folder is shut against it."""
        roots = list(self._roots())
        return bool(roots) and all(self._is_shut(root) for root in roots)

    def _roots(self) -> Iterator[str]:
        if self._suffix is not None:
            yield from (folder for folder in self._folders if f"/{folder}".endswith(self._suffix))
        else:
            yield from (dirname(path) for path in self._files if f"/{path}".endswith(f"/{LOCK_FILE}"))

    def _is_hidden(self, path: str) -> bool:
        """Say whether something above stands in the place of *path*, or of a folder that it lies in."""
        return path in self._blocked or self._is_shut(dirname(path))

    def _is_shut(self, folder: str) -> bool:
        """Say whether nothing beneath is seen of what lies within *folder*."""
        passed = []
        while folder not in self._shut:
            passed.append(folder)
            if folder in self._opaque or folder in self._blocked or not folder:
                self._shut[folder] = folder in self._opaque or folder in self._blocked
            else:
                folder = dirname(folder)
        for each in passed:
            self._shut[each] = self._shut[folder]
        return self._shut[folder]
