"""What could not be written is held in this process: a full disk must not have the same told every few minutes."""

from contextlib import AbstractContextManager

from shared.memory.document import RememberError
from shared.memory.place import MemoryPlace
from shared.model.memory import Memory

_held: dict[str, Memory] = {}


class Held:
    """A memory at *place*, which *key* names in this process, and in the process what *place* did not take."""

    def __init__(self, place: MemoryPlace, key: str) -> None:
        self._place, self._key = place, key

    def load(self) -> Memory:
        """Give what is remembered; what is held, unless another process has since been able to write."""
        written, held = self._place.load(), _held.get(self._key)
        return held if held is not None and _is_as_new(held, written) else written

    def save(self, memory: Memory) -> None:
        try:
            self._place.save(memory)
        except RememberError:
            _held[self._key] = memory
            raise
        _held.pop(self._key, None)

    def alone(self) -> AbstractContextManager[None]:
        return self._place.alone()


def _is_as_new(held: Memory, written: Memory) -> bool:
    if not (held.runs and written.runs):
        return bool(held.runs) or not written.runs
    return held.runs[-1].at >= written.runs[-1].at
