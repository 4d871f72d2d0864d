"""What could not be written is held in this process: a full disk must not have the same told every few minutes."""

from contextlib import AbstractContextManager
from dataclasses import replace

from shared.memory.document import RememberError
from shared.memory.merge import merged
from shared.memory.place import MemoryPlace
from shared.model.memory import Memory
from shared.model.value import dataclass


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """A *memory* that was made from *base*, the last that could be read."""

    base: Memory
    memory: Memory


_held: dict[str, _Unwritten] = {}


class Held:
    """A memory at *place*, which *key* names in this process, and in the process what *place* did not take."""

    def __init__(self, place: MemoryPlace, key: str) -> None:
        self._place, self._key = place, key
        self._base: Memory | None = None

    def load(self) -> Memory:
        """Give what is remembered; with what is held, and what another process has been able to write since."""
        written, held = self._place.load(), _held.get(self._key)
        if held is None:
            self._base = replace(written, lost=None)
            return written
        if written.lost is not None:
            self._base = held.base
            return held.memory
        self._base = written
        return merged(held.base, held.memory, written)

    def save(self, memory: Memory) -> None:
        try:
            self._place.save(memory)
        except RememberError:
            _held[self._key] = _Unwritten(self._base or Memory(memory.target), replace(memory, lost=None))
            raise
        self._base = replace(memory, lost=None)
        _held.pop(self._key, None)

    def alone(self) -> AbstractContextManager[None]:
        return self._place.alone()
