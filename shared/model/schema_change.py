"""What changed in the database's schema from one check to the next."""

from datetime import datetime

from .value import dataclass


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One change of the database's schema, seen by the run at *at*; the run at *since* saw it as it was before.

    *before* and *after* are the object in words; None where it did not exist. *attributes* are those that changed, as a
    `Difference` names them; none where the object came or went.
    """

    at: datetime
    since: datetime
    subject: str
    before: str | None
    after: str | None
    attributes: tuple[str, ...] = ()
