"""What definitions of all kinds are made of."""

from dataclasses import field
from enum import StrEnum

from ..value import dataclass
from .subjects import Subject


@dataclass(frozen=True, slots=True)
class Expression:
    """A piece of SQL that has a value: *sql* for people, *meaning* (the canonical form) for machines.

    Equal meanings are the same expression. Unequal ones may still be: the server adds casts that nobody wrote. Whether
    a release's expression and a server's agree is said by ``shared.postgres.canonical.agree``, which knows that.
    """

    sql: str = field(compare=False)
    meaning: str


class Deferral(StrEnum):
    NOT_DEFERRABLE = "not deferrable"
    INITIALLY_IMMEDIATE = "deferrable"
    INITIALLY_DEFERRED = "deferrable initially deferred"


@dataclass(frozen=True, slots=True)
class Definition:
    """What every kind has: *hangs_on*, the other objects that take this one with them when they are dropped.

    Its own table or schema need not be named there. It decides what is folded into what and is never compared.
    """

    hangs_on: tuple[Subject, ...] = field(default=(), compare=False, kw_only=True)
