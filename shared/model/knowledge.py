"""Not knowing, as a value: a read that failed makes its own checks unknown and no others."""

from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A fact that could not be had; *because* is a sentence for people, without secrets."""

    because: str


class NotKnownError(Exception):
    """A judge needs a fact that is `Unavailable`; its check becomes unknown with this text."""


def known(fact: T | Unavailable) -> T:
    """Give the fact, or raise `NotKnownError` with the reason it could not be had."""
    if isinstance(fact, Unavailable):
        raise NotKnownError(fact.because)
    return fact
