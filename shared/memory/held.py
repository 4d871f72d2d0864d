"""What this process knows of a memory that cannot be read or written for a while.

While storage is away, the same must not be sent at every run. It is no guarantee: another process, or
this one after its next start, knows what is written alone.
"""

from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import field
from threading import Lock

from ..model.memory import Memory
from ..model.value import dataclass, replace
from .document import RememberError
from .merge import merged
from .place import NO_TEXTS, TaggedPlace

# A memory is some 20 KiB, and one process may watch thousands of targets.
MOST_KNOWN = 500


@dataclass(frozen=True, slots=True)
class _Known:
    """*written* is what the place was last seen to hold, *memory* what is so by what this process did since.

    *texts* are the documents beside it that the place did not take either.
    """

    written: Memory
    memory: Memory
    texts: Mapping[str, str] = field(default_factory=dict)


_lock = Lock()
_known: OrderedDict[str, _Known] = OrderedDict()


class Held:
    """A memory at *place*, which *key* names in this process, and in the process what *place* did not take."""

    def __init__(self, place: TaggedPlace, key: str) -> None:
        self._place, self._key = place, key
        self._base: Memory | None = None

    def load(self) -> Memory:
        """Give what is remembered; with what is held, and what another process has been able to write since."""
        return self._with_held(self._place.load())

    def newer(self, tag: str | None) -> tuple[Memory, str | None] | None:
        with _lock:
            known = _known.get(self._key)
        if known is not None and known.memory != known.written:
            return self.load(), None
        found = self._place.newer(tag)
        return None if found is None else (self._with_held(found[0]), found[1])

    def _with_held(self, found: Memory) -> Memory:
        with _lock:
            known = _known.get(self._key)
        is_held = known is not None and known.memory != known.written
        if known is not None and (found.out_of_reach or (is_held and found.lost is not None)):
            self._base = known.written
            return known.memory
        self._base = replace(found, lost=None, out_of_reach=False)
        if known is not None and is_held:
            return merged(known.written, known.memory, found)
        if found.lost is None:
            self._keep(_Known(found, found))
        return found

    def save(self, memory: Memory, texts: Mapping[str, str] = NO_TEXTS) -> None:
        now = replace(memory, lost=None, out_of_reach=False)
        wanted = set(now.documents())
        unwritten = {digest: text for digest, text in (self._held_texts() | dict(texts)).items() if digest in wanted}
        try:
            self._place.save(memory, unwritten)
        except RememberError:
            self._keep(_Known(self._base or Memory(memory.target), now, unwritten))
            raise
        self._base = now
        self._keep(_Known(now, now))

    def text(self, digest: str) -> str | None:
        held = self._held_texts().get(digest)
        return self._place.text(digest) if held is None else held

    def alone(self) -> AbstractContextManager[None]:
        return self._place.alone()

    def _held_texts(self) -> dict[str, str]:
        with _lock:
            known = _known.get(self._key)
        return {} if known is None else dict(known.texts)

    def _keep(self, known: _Known) -> None:
        with _lock:
            _known[self._key] = known
            _known.move_to_end(self._key)
            if len(_known) > MOST_KNOWN:
                _known.popitem(last=False)
