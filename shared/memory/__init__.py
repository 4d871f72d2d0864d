"""What is remembered of each target. Here in a local folder; another place is another class like `MemoryFile`."""

from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from shared.memory.file import PATIENCE, MemoryFile, RememberError
from shared.model.memory import Memory
from shared.model.settings import MemorySettings

__all__ = ["MemoryFile", "MemoryPlace", "RememberError", "memory_of"]


class MemoryPlace(Protocol):
    """Where one target's memory is."""

    def load(self) -> Memory:
        """Give what is remembered; never raises: `Memory.lost` tells where it could not be read."""

    def save(self, memory: Memory) -> None:
        """Replace it as a whole; raises `RememberError`."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep other runs of the target out meanwhile; raises `RememberError` where one does not end."""


def memory_of(target: str, settings: MemorySettings, patience: timedelta = PATIENCE) -> MemoryPlace:
    """Give the place of *target*'s memory; *patience* is how long it waits for another run to end."""
    return MemoryFile(Path(settings.folder), target, patience=patience)
