"""Types other than tables."""

from collections.abc import Iterable

from ....model.labels import Labels
from ....model.value import dataclass, replace
from .base import Bound, InSchema, Key, Oid, Record, Relation, TypeRef


@dataclass(frozen=True, slots=True)
class Type(InSchema):
    """What shares the name space of pg_type besides tables."""

    def keys(self) -> tuple[Key, ...]:
        return (("type", self.schema, self.name),)


@dataclass(frozen=True, slots=True)
class Enum(Type):
    values: tuple[str, ...] | Labels = ()


@dataclass(frozen=True, slots=True)
class Domain(Type):
    type: TypeRef
    not_null: bool = False
    default: Bound | None = None
    collation: str | None = None

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        yield from self.type.holders
        if self.default is not None:
            yield from self.default.uses


@dataclass(frozen=True, slots=True)
class Composite(Relation):
    attributes: tuple[tuple[str, TypeRef, str | None], ...] = ()

    def keys(self) -> tuple[Key, ...]:
        return ("relation", self.schema, self.name), ("type", self.schema, self.name)

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        for _, type_, _ in self.attributes:
            yield from type_.holders

    def without(self, holder: Oid) -> Record | None:
        if holder == self.schema:
            return None
        return replace(self, attributes=tuple(each for each in self.attributes if each[1].oid != holder))


@dataclass(frozen=True, slots=True)
class Range(Type):
    """A function or collation that is not known here is a name. It and its *multirange* go together."""

    subtype: TypeRef
    operator_class: Oid | str | None = None
    collation: Oid | str | None = None
    canonical: Oid | str | None = None
    subtype_diff: Oid | str | None = None
    multirange: Oid | None = None

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        yield from self.subtype.holders
        named = (self.operator_class, self.collation, self.canonical, self.subtype_diff, self.multirange)
        yield from (each for each in named if isinstance(each, int))


@dataclass(frozen=True, slots=True)
class Multirange(Type):
    """The type of sets of values of *range*."""

    range: Oid

    def held_by(self) -> Iterable[Oid]:
        yield from (self.schema, self.range)

    def shown_in(self) -> Oid:
        return self.range


@dataclass(frozen=True, slots=True)
class OtherType(Type):
    """A type that the model has no word for: a base type, or one that only its name makes; one of an extension.

    That is its *holder*. ``CREATE TYPE name`` announces a type before it *is defined*.
    """

    holder: Oid | None = None
    is_defined: bool = True

    def held_by(self) -> Iterable[Oid]:
        yield self.schema if self.holder is None else self.holder
