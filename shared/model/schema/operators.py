"""Operators, and what indexes use them by: operator classes and families."""

from collections.abc import Iterable
from dataclasses import field

from ..value import dataclass
from .definition import Definition
from .subjects import Subject


@dataclass(frozen=True, slots=True)
class Operator(Definition):
    """Names are qualified and quoted as needed, symbols bare. The operands are in the subject, too."""

    left: str | None = field(compare=False)  # None: the operator stands before its operand
    right: str | None = field(compare=False)  # None: behind it, which servers since 14 do not have
    function: str
    commutator: str | None = None
    negator: str | None = None
    restrict: str | None = None  # the function that estimates how many rows a condition leaves
    join: str | None = None
    hashes: bool = False
    merges: bool = False


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """An operator or function of a family under its *number*, for operands of the types *left* and *right*.

    *of_class* is the class that it was made with. It goes with that one on some servers, and stays on others.
    """

    number: int
    left: str
    right: str
    member: str  # qualified and quoted as needed, symbols bare
    arguments: str | None = None  # types that a function takes; None: not known
    sort_family: str | None = None  # of an operator that puts rows in order
    of_class: Subject | None = field(default=None, compare=False)


def members_in_order(members: Iterable[FamilyMember]) -> tuple[FamilyMember, ...]:
    """By number and types, whose schema may not be written where they are of an extension."""
    return tuple(
        sorted(members, key=lambda each: (each.number, each.left.rpartition(".")[-1], each.right.rpartition(".")[-1]))
    )


@dataclass(frozen=True, slots=True)
class OperatorFamily(Definition):
    """The index method is in the subject, too. None: only the server knows which members are left."""

    method: str = field(compare=False)
    operators: tuple[FamilyMember, ...] | None = ()
    functions: tuple[FamilyMember, ...] | None = ()


@dataclass(frozen=True, slots=True)
class OperatorClass(Definition):
    """The index method is in the subject, too. Operators and functions are the *family*'s."""

    method: str = field(compare=False)
    type: str
    family: str  # qualified and quoted as needed
    default: bool = False
    storage: str | None = None  # the type that the index holds, where that is another one
