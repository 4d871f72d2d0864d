"""Not knowing, as a value: a read that failed makes its own checks unknown and no others."""

from typing import TypeVar

from .value import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A fact that could not be had; *because* is a sentence for people, without secrets.

    *lasting*: waiting does not help, as with a wrong password; otherwise the next check may succeed. *server* is the
    database server that could not be reached, ``HOST:PORT``, where that is the reason.
    """

    because: str
    lasting: bool = False
    server: str | None = None


class NotKnownError(Exception):
    """A check needs a fact that is *unavailable*, and becomes unknown for the same reason."""

    def __init__(self, unavailable: Unavailable) -> None:
        super().__init__(unavailable)
        self.unavailable = unavailable

    def __str__(self) -> str:
        return self.unavailable.because


def known(fact: T | Unavailable) -> T:
    """Give the fact, or raise `NotKnownError` with the reason it could not be had."""
    if isinstance(fact, Unavailable):
        raise NotKnownError(fact)
    return fact
