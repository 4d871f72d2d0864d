"""All mistakes at once, also those that others hide."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from .file import SettingsFile
from .problem import Location, Problem, inside
from .shapes import can_be_left_out, decides_for_table, stand_in
from .validate import validate


def everything_wrong(document: dict[str, Any], reported: Iterable[Location] = ()) -> list[Problem]:
    """Give all that is wrong with *document* but for the locations already *reported*. The document is used up.

    What is wrong gives way to something right and the rest is checked again, until nothing is
    wrong: one typing error in a table must not hide that its interval is out of bounds as well.
    """
    repair = _Repair(document)
    known = set(reported)
    wrong: list[Problem] = []
    while not isinstance(checked := validate(document), SettingsFile):
        wrong += [found for found in checked if not _is_within(found.location, known)]
        # The kind of a table decides its rules: without it only types can be checked.
        places = {(at[:-1] if decides_for_table(at) else at): None for at in (found.location for found in checked)}
        known.update(places, repair.replace(list(places)))
    return wrong


def _is_within(location: Location, known: set[Location]) -> bool:
    """Say whether *location*, or a table around it, is known to be wrong: its present value comes from the repair."""
    return any(location[:end] in known for end in range(1, len(location) + 1))


class _Repair:
    """Takes wrong values out of a document, or puts right ones in their place."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._replaced: set[Location] = set()
        self._numbers = count(1)

    def replace(self, places: list[Location]) -> list[Location]:
        """Replace each place that was not replaced before; if all were, the keys around them. Give the places."""
        fresh = [place for place in places if place not in self._replaced]
        replaced = fresh or [self._holder(place) for place in places]
        for place in replaced:
            self._replaced.add(place)
            self._replace(place)
        return replaced

    def _holder(self, place: Location) -> Location:
        """Give the nearest key around *place* that was not replaced before."""
        while len(place) > 1 and (place in self._replaced or isinstance(place[-1], int)):
            place = place[:-1]
        return place

    def _replace(self, place: Location) -> None:
        *table, key = place
        holder: Any = self._document
        for step in table:
            holder = inside(holder, step)
        if holder is None:
            return  # gone with what was around it
        if can_be_left_out(place):
            holder.pop(key, None)
        else:
            # Names must differ from each other, and from what people write.
            holder[key] = stand_in(place, f"stand_in_{next(self._numbers)}")
