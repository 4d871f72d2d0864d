"""What is of the whole database, and in no schema."""

from ..value import dataclass
from .definition import Definition


@dataclass(frozen=True, slots=True)
class Namespace(Definition):
    """A schema other than ``public`` and the system's."""


@dataclass(frozen=True, slots=True)
class Extension(Definition):
    version: str | None = None  # None: not said, not compared
    schema: str | None = None  # None: not said, not compared
