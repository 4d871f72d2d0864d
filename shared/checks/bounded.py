"""Lists in a finding's evidence: a message must carry them, so they have an end, and say what is left out."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ..model.finding import Json

T = TypeVar("T")
# More are no evidence that anybody reads.
MOST = 200


def bounded(name: str, found: Sequence[T], as_json: Callable[[T], Json], most: int = MOST) -> dict[str, Json]:
    """The first of what was *found* as the list *name*, and how many more there are as ``NAME_left_out``."""
    left_out = len(found) - most
    listed: list[Json] = [as_json(each) for each in found[:most]]
    return {name: listed, **({f"{name}_left_out": left_out} if left_out > 0 else {})}
