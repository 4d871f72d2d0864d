"""What a comparison of two schemas gives."""

from enum import StrEnum

from .schema import Definition, Subject
from .value import dataclass


class Change(StrEnum):
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which the server is not what the release makes.

    *attributes* names what is changed, as the definitions' fields do. ``name`` alone: it is there under another name,
    *found_as*; what applications name (a table, a column, an enum) is missing even so. ``kind``: *found_as* bears its
    name and is something else. *folded* is what the change took or brought along. *corrective* is the body of a
    migration that makes the server what the release makes: empty where that could lose something, or is not known.
    *concurrently* are the bodies of two migrations that do the same for an index without blocking writes.
    """

    change: Change
    subject: Subject
    wanted: Definition | None
    found: Definition | None
    expected: str
    actual: str
    attributes: tuple[str, ...] = ()
    found_as: Subject | None = None
    folded: tuple[Subject, ...] = ()
    corrective: tuple[str, ...] = ()
    concurrently: tuple[str, ...] = ()
