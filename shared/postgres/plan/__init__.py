"""Plan: what the statements of a pending run will do to a live schema. Pure: it sees a catalog, never a connection."""

from .conflicts import Pending, conflicts, conflicts_in_part
from .repeating import fails_again

__all__ = ["Pending", "conflicts", "conflicts_in_part", "fails_again"]
