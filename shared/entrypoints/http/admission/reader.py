"""Who is reading, once admitted."""

from ....alerts.links import Purpose
from ....model.value import dataclass


@dataclass(frozen=True, slots=True)
class Reader:
    """*id* is what forms are bound to: one that was made for somebody else is refused.

    *name* is set where a person is signed in. Of a *link*, *purpose* and *about* say what it was signed for.
    """

    id: str
    name: str | None = None
    brings_key: bool = False
    link: str | None = None
    purpose: Purpose | None = None
    about: str = ""
