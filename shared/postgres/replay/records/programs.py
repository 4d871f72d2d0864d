"""What is kept as a query or a program: views, routines, triggers, policies, rules."""

from collections.abc import Iterable
from typing import Literal

from ....model.schema import Deferral
from ....model.value import dataclass
from .base import Bound, InSchema, Key, Oid, Record, Relation, TypeRef


@dataclass(frozen=True, slots=True)
class ViewColumn:
    name: str
    type: TypeRef | None = None  # None: that of an expression


@dataclass(frozen=True, slots=True)
class View(Relation):
    """*uses*: the relations, columns, types and routines that it reads."""

    columns: tuple[ViewColumn, ...] = ()
    query: Bound | None = None
    uses: tuple[Oid, ...] = ()
    options: tuple[str, ...] = ()
    materialized: bool = False

    def keys(self) -> tuple[Key, ...]:
        return ("relation", self.schema, self.name), ("type", self.schema, self.name)

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        yield from self.uses


@dataclass(frozen=True, slots=True)
class Argument:
    name: str
    type: TypeRef
    mode: Literal["", "OUT", "INOUT", "VARIADIC", "TABLE"] = ""
    default: Bound | None = None


@dataclass(frozen=True, slots=True)
class Routine(InSchema):
    arguments: tuple[Argument, ...] = ()
    result: TypeRef | None = None
    set_of: bool = False
    procedure: bool = False
    language: str = "sql"
    body: str = ""
    volatility: Literal["immutable", "stable", "volatile"] = "volatile"
    strict: bool = False
    security_definer: bool = False
    leakproof: bool = False
    parallel: Literal["safe", "restricted", "unsafe"] = "unsafe"
    settings: tuple[str, ...] = ()
    sql_body: Bound | None = None  # in the SQL standard's form, then without *body*
    signature: str = ""  # its input types, which distinguishes overloads: see `Names.signature`

    @property
    def inputs(self) -> list[TypeRef]:
        """The types of its arguments but for those that it only gives back."""
        return [each.type for each in self.arguments if each.mode not in ("OUT", "TABLE")]

    def keys(self) -> tuple[Key, ...]:
        return ("routine", self.schema, self.name), ("routine taking", self.schema, f"{self.name}({self.signature})")

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        for argument in self.arguments:
            yield from argument.type.holders
            if argument.default is not None:
                yield from argument.default.uses
        if self.result is not None:
            yield from self.result.holders
        if self.sql_body is not None:
            yield from self.sql_body.uses


@dataclass(frozen=True, slots=True)
class Trigger(Record):
    table: Oid
    name: str
    timing: Literal["before", "after", "instead of"]
    events: tuple[str, ...]
    function: Oid | str  # a name, where the function is not known here
    arguments: tuple[str, ...] = ()
    for_each: Literal["row", "statement"] = "statement"
    update_of: tuple[Oid, ...] = ()
    when: Bound | None = None
    enabled: Literal["origin", "disabled", "replica", "always"] = "origin"
    constraint: bool = False
    deferral: Deferral = Deferral.NOT_DEFERRABLE
    old_table: str | None = None
    new_table: str | None = None
    parent: Oid | None = None

    def keys(self) -> tuple[Key, ...]:
        return (("trigger", self.table, self.name),)

    def held_by(self) -> Iterable[Oid]:
        yield self.table
        yield from self.update_of
        if isinstance(self.function, int):
            yield self.function
        if self.when is not None:
            yield from self.when.uses
        if self.parent is not None:
            yield self.parent


@dataclass(frozen=True, slots=True)
class Policy(Record):
    table: Oid
    name: str
    command: Literal["all", "select", "insert", "update", "delete"] = "all"
    permissive: bool = True
    roles: tuple[str, ...] = ("public",)
    using: Bound | None = None
    with_check: Bound | None = None

    def keys(self) -> tuple[Key, ...]:
        return (("policy", self.table, self.name),)

    def held_by(self) -> Iterable[Oid]:
        yield self.table
        for expression in (self.using, self.with_check):
            if expression is not None:
                yield from expression.uses


@dataclass(frozen=True, slots=True)
class Rule(Record):
    table: Oid
    name: str
    event: Literal["select", "insert", "update", "delete"]
    instead: bool = False
    enabled: Literal["origin", "disabled", "replica", "always"] = "origin"
    body: Bound | None = None

    def keys(self) -> tuple[Key, ...]:
        return (("rule", self.table, self.name),)

    def held_by(self) -> Iterable[Oid]:
        yield self.table
        if self.body is not None:
            yield from self.body.uses
