"""What a place of a target's memory can do."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Protocol

from ..model.memory import Memory

NO_TEXTS: Mapping[str, str] = MappingProxyType({})


class MemoryPlace(Protocol):
    """Where one target's memory is."""

    def load(self) -> Memory:
        """Give what is remembered; never raises: `Memory.lost` says where it could not be read."""

    def save(self, memory: Memory, texts: Mapping[str, str] = NO_TEXTS) -> None:
        """Replace it as a whole; raises `RememberError`. What is not written is held in this process.

        *texts* are new documents beside it by their digests: written before, so that what is referred to is there.
        What nothing refers to any more is deleted afterwards.
        """

    def text(self, digest: str) -> str | None:
        """Give a document beside it; None where it is gone, or cannot be read."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep other runs of the target out meanwhile; raises `RememberError` where one does not end."""


class TaggedPlace(MemoryPlace, Protocol):
    """A place whose document need not be read again where it has not changed."""

    def newer(self, tag: str | None) -> tuple[Memory, str | None] | None:
        """Give what is remembered and the tag of that document; None where *tag* is that of the document still.

        As `load`, it never raises. The tag is None where the document could not be read, or is not all that is known.
        """
