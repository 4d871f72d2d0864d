"""What a deployment will meet, statement by statement, before anybody runs it."""

from shared.model.schema import Subject
from shared.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Conflict:
    """A statement to run that certainly fails with *sqlstate*: the name of what it makes is taken.

    *number* is its place in its script. *found_as* is the object that has the name now, *found* that object in words;
    *wanted* is what the statement makes. *by_migration*: applied migrations made that object.
    """

    number: int
    line: int
    sql: str
    sqlstate: str
    subject: Subject
    wanted: str
    found_as: Subject
    found: str
    by_migration: bool = False
