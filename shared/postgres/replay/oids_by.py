"""Oids by something that is theirs, such as a name."""

from collections.abc import Hashable
from typing import Generic, TypeVar

from .records import Oid

K = TypeVar("K", bound=Hashable)


class OidsBy(Generic[K]):
    """Oids by a key, in the order of their coming: replays are repeatable."""

    def __init__(self) -> None:
        # Most are found alone: a mapping of its own for each would take five times as much.
        self._found: dict[K, Oid | dict[Oid, None]] = {}

    def copy(self) -> "OidsBy[K]":
        copied = OidsBy[K]()
        copied._found = {key: dict(there) if isinstance(there, dict) else there for key, there in self._found.items()}
        return copied

    def __contains__(self, key: K) -> bool:
        return key in self._found

    def first(self, key: K) -> Oid | None:
        there = self._found.get(key)
        return next(iter(there)) if isinstance(there, dict) else there

    def all(self, key: K) -> list[Oid]:
        there = self._found.get(key)
        return [*there] if isinstance(there, dict) else [] if there is None else [there]

    def add(self, key: K, oid: Oid) -> None:
        there = self._found.get(key)
        if isinstance(there, dict):
            there[oid] = None
        elif there != oid:
            self._found[key] = oid if there is None else {there: None, oid: None}

    def remove(self, key: K, oid: Oid) -> None:
        there = self._found.get(key)
        if isinstance(there, dict):
            there.pop(oid, None)
        if there in (oid, {}):
            del self._found[key]
