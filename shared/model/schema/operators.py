"""Operators."""

from dataclasses import field

from ..value import dataclass
from .definition import Definition


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
