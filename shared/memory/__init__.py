"""What is remembered of each target. Here in a local folder; another place is another class like `MemoryFile`."""

from datetime import timedelta
from pathlib import Path

from shared.memory.file import PATIENCE, MemoryFile, RememberError
from shared.memory.held import Held
from shared.memory.place import MemoryPlace
from shared.model.settings import MemorySettings

__all__ = ["MemoryFile", "MemoryPlace", "RememberError", "memory_of"]


def memory_of(target: str, settings: MemorySettings, patience: timedelta = PATIENCE) -> MemoryPlace:
    """Give the place of *target*'s memory; *patience* is how long it waits for another run to end."""
    return Held(MemoryFile(Path(settings.folder), target, patience=patience), f"{settings.folder}/{target}")
