"""What is found out once and kept from run to run: of a few keys, those that were used last."""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def keep(kept: dict[K, V], key: K, value: V, most: int) -> None:
    """Put *value* into *kept* as what was used last, and leave *most* there. Threads may do so at once."""
    kept.pop(key, None)
    while len(kept) >= most and (oldest := next(iter(kept), None)) is not None:
        kept.pop(oldest, None)
    kept[key] = value
