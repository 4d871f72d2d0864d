"""Operators."""

from collections.abc import Iterable

from ....model.value import dataclass, replace
from .base import InSchema, Key, Oid, Record, TypeRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator(InSchema):
    """What is not known here is a name. One without a *function* is only announced: another one names it.

    *types* is what distinguishes its operands from others.
    """

    left: TypeRef | None
    right: TypeRef | None
    types: str
    function: Oid | str | None = None
    commutator: Oid | str | None = None
    negator: Oid | str | None = None
    restrict: Oid | str | None = None
    join: Oid | str | None = None
    hashes: bool = False
    merges: bool = False

    def keys(self) -> tuple[Key, ...]:
        return ("operator", self.schema, self.name), ("operator taking", self.schema, f"{self.name}({self.types})")

    @property
    def needs(self) -> Iterable[Oid]:
        """What takes it along when it is dropped."""
        yield self.schema
        for type_ in (self.left, self.right):
            yield from () if type_ is None else type_.holders
        yield from (each for each in (self.function, self.restrict, self.join) if isinstance(each, int))

    def held_by(self) -> Iterable[Oid]:
        yield from self.needs
        yield from (each for each in (self.commutator, self.negator) if isinstance(each, int))

    def without(self, holder: Oid) -> Record | None:
        if holder in self.needs:
            return None
        return replace(
            self,
            commutator=None if self.commutator == holder else self.commutator,
            negator=None if self.negator == holder else self.negator,
        )
