"""What a place of a target's memory can do."""

from contextlib import AbstractContextManager
from typing import Protocol

from shared.model.memory import Memory


class MemoryPlace(Protocol):
    """Where one target's memory is."""

    def load(self) -> Memory:
        """Give what is remembered; never raises: `Memory.lost` tells where it could not be read."""

    def save(self, memory: Memory) -> None:
        """Replace it as a whole; raises `RememberError`. What is not written is held in this process."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep other runs of the target out meanwhile; raises `RememberError` where one does not end."""
