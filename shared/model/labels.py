"""The labels of an enum: a tuple; where they are many, blocks that the enum before and after a new label share.

A script may add thousands of labels one by one, and each statement's effect holds the enum before and after it: as
tuples alone they would take time and memory that grow with the square of their number.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

# Labels of a block: so many fit into a dictionary of 256 places.
_BLOCK = 170
_Block = dict[str, None]


class Labels(Sequence[str]):
    """Distinct labels in their order. It equals the tuple of them, and finds a label without looking at them all."""

    __slots__ = ("_blocks", "_length")

    def __init__(self, blocks: Iterable[_Block]) -> None:
        self._blocks = tuple(blocks)
        self._length = sum(map(len, self._blocks))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        return (label for block in self._blocks for label in block)

    def __contains__(self, label: object) -> bool:
        for block in self._blocks:  # noqa: SIM110  # a generator for `any` takes twice as long
            if label in block:
                return True
        return False

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        return tuple(iter(self))[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Labels | tuple):
            return NotImplemented
        if len(self) != len(other):
            return False
        return self is other or all(ours == theirs for ours, theirs in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(iter(self)))

    def __repr__(self) -> str:
        return repr(tuple(iter(self)))

    def __reduce__(self) -> tuple[Any, ...]:
        return labels, (list(self),)

    def with_label(self, new: str, neighbour: str | None, *, after: bool) -> "Labels":
        """With *new* before or *after* *neighbour*, or at the end. Raises ValueError where there is no *neighbour*."""
        blocks = list(self._blocks)
        if neighbour is None:
            at, place = len(blocks) - 1, len(blocks[-1])
            if place >= _BLOCK:
                return Labels((*blocks, {new: None}))
        else:
            at = next((at for at, block in enumerate(blocks) if neighbour in block), -1)
            if at < 0:
                raise ValueError(neighbour)
            place = list(blocks[at]).index(neighbour) + after
        block = list(blocks[at])
        block.insert(place, new)
        half = len(block) // 2
        parts = [block] if len(block) <= _BLOCK else [block[:half], block[half:]]
        blocks[at : at + 1] = map(dict.fromkeys, parts)
        return Labels(blocks)

    def apart(self, other: "Labels") -> set[str]:
        """What one of both has and the other has not; blocks that they share are not examined."""
        ours, theirs = set(map(id, self._blocks)), set(map(id, other._blocks))
        mine = {label for block in self._blocks if id(block) not in theirs for label in block}
        return mine ^ {label for block in other._blocks if id(block) not in ours for label in block}


def labels(values: Iterable[str]) -> tuple[str, ...] | Labels:
    """*values* as a tuple; where they are many, and distinct as in a server, as `Labels`."""
    found = tuple(values)
    if len(found) <= _BLOCK or len(set(found)) < len(found):
        return found
    return Labels(dict.fromkeys(found[at : at + _BLOCK]) for at in range(0, len(found), _BLOCK))


def with_label(
    values: tuple[str, ...] | Labels, new: str, neighbour: str | None, *, after: bool
) -> tuple[str, ...] | Labels:
    """*values* with *new* before or *after* *neighbour*, or at the end. Raises ValueError where it does not exist."""
    if isinstance(values, Labels):
        return values.with_label(new, neighbour, after=after)
    place = len(values) if neighbour is None else values.index(neighbour) + after
    return labels((*values[:place], new, *values[place:]))


def apart(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The labels that one of both has and the other has not."""
    if isinstance(before, Labels) and isinstance(after, Labels):
        return before.apart(after)
    return set(before) ^ set(after)
