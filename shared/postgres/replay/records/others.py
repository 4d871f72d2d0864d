"""Extended statistics, collations, casts and aggregates."""

from collections.abc import Iterable
from typing import Any, Literal

from ....model.value import dataclass
from .base import Bound, InSchema, Key, Oid, Record, TypeRef
from .programs import Routine


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics(InSchema):
    """*names* are columns of a materialized view, which are no objects of their own here."""

    table: Oid
    kinds: tuple[Literal["ndistinct", "dependencies", "mcv"], ...]
    columns: tuple[Oid, ...] = ()
    names: tuple[str, ...] = ()
    expressions: tuple[Bound, ...] = ()
    target: int | None = None

    def keys(self) -> tuple[Key, ...]:
        return (("statistics", self.schema, self.name),)

    def held_by(self) -> Iterable[Oid]:
        yield from (self.schema, self.table, *self.columns)
        for each in self.expressions:
            yield from each.uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Collation(InSchema):
    provider: Literal["libc", "icu", "builtin"] | None
    locale: str | None
    ctype: str | None = None
    deterministic: bool = True
    rules: str | None = None

    def keys(self) -> tuple[Key, ...]:
        return (("collation", self.schema, self.name),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast(Record):
    """A function that is not known here is a name. *types* is what distinguishes the two types from others."""

    source: TypeRef
    target: TypeRef
    types: str
    method: Literal["function", "inout", "binary"]
    context: Literal["explicit", "assignment", "implicit"]
    function: Oid | str | None = None

    def keys(self) -> tuple[Key, ...]:
        return (("cast", 0, self.types),)

    def held_by(self) -> Iterable[Oid]:
        yield from (*self.source.holders, *self.target.holders)
        if isinstance(self.function, int):
            yield self.function


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Routine):
    """A routine without a body: *functions* do its work. One that is not known here is a name."""

    functions: tuple[tuple[Any, Oid | str], ...]  # the model's role, and the function
    state_type: TypeRef
    initial: str | None = None
    moving_type: TypeRef | None = None
    moving_initial: str | None = None
    form: Literal["normal", "ordered set", "hypothetical set"] = "normal"
    direct: int = 0
    extra: tuple[bool, bool] = (False, False)
    modify: tuple[str, str] = ("read_only", "read_only")
    sort_operator: str | None = None

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        for argument in self.arguments:
            yield from argument.type.holders
        for type_ in (self.state_type, self.moving_type):
            yield from () if type_ is None else type_.holders
        yield from (function for _, function in self.functions if isinstance(function, int))
