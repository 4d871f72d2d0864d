"""Operator classes and families. What is not known here is a name."""

from collections.abc import Iterable
from typing import Literal

from ....model.schema import Kind
from ....model.value import dataclass, replace
from ...canonical.routines import with_method
from .base import InSchema, Key, Oid, Record, TypeRef


@dataclass(frozen=True, slots=True)
class Member:
    """An operator or function of a family. *of_class* is the class that it was made with.

    *is_tied* to it: the two go together on every server. *arguments* are those of a function, where they are known.
    """

    kind: Literal["operator", "function"]
    number: int
    types: tuple[TypeRef, TypeRef]
    member: Oid | str
    arguments: tuple[TypeRef, ...] | None = None
    sort_family: Oid | str | None = None
    of_class: Oid | None = None
    is_tied: bool = False

    @property
    def needs(self) -> Iterable[Oid]:
        """What takes it along when it is dropped."""
        for type_ in self.types:
            yield from type_.holders
        yield from (each for each in (self.member, self.sort_family) if isinstance(each, int))


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorFamily(InSchema):
    """*unknown*: kinds of members that only the server knows the rest of."""

    method: str
    members: tuple[Member, ...] = ()
    unknown: frozenset[str] = frozenset()

    def keys(self) -> tuple[Key, ...]:
        return ((Kind.OPERATOR_FAMILY.value, self.schema, with_method(self.name, self.method)),)

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        for each in self.members:
            yield from each.needs
            yield from () if each.of_class is None else (each.of_class,)

    def without(self, holder: Oid) -> Record | None:
        if holder == self.schema:
            return None
        left = tuple(each for each in self.members if holder not in each.needs)
        loose = {each.kind for each in left if each.of_class == holder and not each.is_tied}
        left = tuple(each for each in left if each.of_class != holder)
        return replace(self, members=left, unknown=self.unknown | loose)


def default_class(method: str, signature: str) -> Key:
    """Where to find the default class of the type of this *signature*."""
    return "default operator class", 0, with_method(signature, method)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorClass(InSchema):
    """*needs*: what no server keeps it without. *signature* is that of its type (`Names.signature`)."""

    method: str
    type: TypeRef
    signature: str
    family: Oid | str
    default: bool = False
    storage: TypeRef | None = None
    needs: tuple[Oid, ...] = ()

    def keys(self) -> tuple[Key, ...]:
        own = (Kind.OPERATOR_CLASS.value, self.schema, with_method(self.name, self.method))
        return (own, default_class(self.method, self.signature)) if self.default else (own,)

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        yield from self.type.holders
        yield from () if self.storage is None else self.storage.holders
        yield from (self.family,) if isinstance(self.family, int) else ()
        yield from self.needs
