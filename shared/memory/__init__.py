"""What is remembered of each target: a document in a local folder, or in a storage container."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from shared.memory.document import PATIENCE, RememberError
from shared.memory.file import MemoryFile
from shared.model.memory import Memory
from shared.model.settings import MemorySettings

__all__ = ["MemoryFile", "MemoryPlace", "RememberError", "memory_of", "next_runs"]


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
    if settings.container is None:
        return MemoryFile(Path(settings.folder), target, patience=patience)
    # Only here: who remembers in a folder need not wait for what asks Azure.
    from shared.memory.blob import MemoryBlob  # noqa: PLC0415

    return MemoryBlob(settings.container, settings.identity, target, patience=patience)


def next_runs(targets: Iterable[str], settings: MemorySettings) -> Mapping[str, datetime]:
    """Give by target when it is to be looked at again, where that is known; raises `RememberError`.

    Of a container one question tells it of 5,000 targets.
    """
    if settings.container is None:
        moments = {target: memory_of(target, settings).load().next_run_at for target in targets}
        return {target: moment for target, moment in moments.items() if moment is not None}
    from shared.azure.error import AzureError  # noqa: PLC0415  # as above
    from shared.memory.blob import next_runs as of_container  # noqa: PLC0415

    try:
        return of_container(settings.container, settings.identity)
    except AzureError as error:
        because = error.because
    raise RememberError(f"the memories in {settings.container} cannot be listed: {because}")
