"""The rows of the replay's own catalog: one frozen record an object, tied to others by oid and never by name.

Like pg_class and its like. What holds a record (`held_by`) takes it along when it is dropped: pg_depend, in effect. A
rename therefore touches one record; every other one that says the name does so by way of the oid.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from shared.model.schema import Action, Deferral, SequenceOptions, Subject

Oid = int
# What a name is looked up by: its name space (`relation`, `column`), then who owns the space, then the name.
Key = tuple[str, Oid, str]


@dataclass(frozen=True, slots=True)
class Bound:
    """An expression whose names are tied to oids: *tree* has ``$`` entries (see names.py), *uses* lists them."""

    tree: Any
    uses: tuple[Oid, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A type in use: its TypeName node, and the oid of what that names unless it is built in."""

    tree: Any
    oid: Oid | None = None

    @property
    def holders(self) -> tuple[Oid, ...]:
        return () if self.oid is None else (self.oid,)


@dataclass(frozen=True, slots=True)
class Record:
    def keys(self) -> Iterator[Key]:
        """Under which names it can be found."""
        raise NotImplementedError

    def held_by(self) -> Iterator[Oid]:
        """With which others it goes when they are dropped."""
        return iter(())

    def shown_in(self) -> Oid | None:
        """Whose definition says it, if it has none of its own."""
        return None

    def without(self, holder: Oid) -> "Record | None":  # noqa: ARG002  (most need not know)
        """What is left of it when *holder* is dropped."""
        return None


@dataclass(frozen=True, slots=True)
class Namespace(Record):
    name: str

    def keys(self) -> Iterator[Key]:
        yield "schema", 0, self.name


@dataclass(frozen=True, slots=True)
class InSchema(Record):
    schema: Oid
    name: str

    def held_by(self) -> Iterator[Oid]:
        yield self.schema


@dataclass(frozen=True, slots=True)
class Relation(InSchema):
    """What shares the name space of pg_class."""

    def keys(self) -> Iterator[Key]:
        yield "relation", self.schema, self.name


@dataclass(frozen=True, slots=True)
class Table(Relation):
    unlogged: bool = False
    partition_by: tuple[str, tuple["IndexKey", ...]] | None = None
    partition_of: Oid | None = None
    bound: Any = None
    inherits: tuple[Oid, ...] = ()
    row_security: bool = False
    forced: bool = False
    foreign: bool = False

    def keys(self) -> Iterator[Key]:
        yield "relation", self.schema, self.name
        yield "type", self.schema, self.name

    def held_by(self) -> Iterator[Oid]:
        yield self.schema
        if self.partition_of is not None:
            yield self.partition_of
        yield from self.inherits
        if self.partition_by is not None:
            for key in self.partition_by[1]:
                yield from key.uses


@dataclass(frozen=True, slots=True)
class Column(Record):
    """*inherited_from*: the parents' columns it came from; *local*: its table would have it without them."""

    table: Oid
    name: str
    type: TypeRef
    not_null: bool = False
    identity: Literal["", "always", "by default"] = ""
    collation: str | None = None
    inherited_from: tuple[Oid, ...] = ()
    local: bool = True
    generated_from: tuple[Oid, ...] = ()

    def keys(self) -> Iterator[Key]:
        yield "column", self.table, self.name

    def held_by(self) -> Iterator[Oid]:
        yield self.table
        yield from self.type.holders
        yield from self.generated_from
        if not self.local:
            yield from self.inherited_from[:1]


@dataclass(frozen=True, slots=True)
class Default(Record):
    """A column's default, or what it is generated from (pg_attrdef)."""

    column: Oid
    expression: Bound
    generated: Literal["", "stored", "virtual"] = ""

    def keys(self) -> Iterator[Key]:
        yield "default", self.column, ""

    def held_by(self) -> Iterator[Oid]:
        yield self.column
        yield from self.expression.uses

    def shown_in(self) -> Oid:
        return self.column


@dataclass(frozen=True, slots=True)
class Sequence(Relation):
    options: SequenceOptions
    owner: Oid | None = None  # the column
    identity: bool = False

    def held_by(self) -> Iterator[Oid]:
        yield self.schema
        if self.owner is not None:
            yield self.owner

    def shown_in(self) -> Oid | None:
        return self.owner if self.identity else None


@dataclass(frozen=True, slots=True)
class IndexKey:
    column: Oid | None = None
    expression: Bound | None = None
    descending: bool = False
    nulls_first: bool = False
    operator_class: str | None = None
    collation: str | None = None

    @property
    def uses(self) -> tuple[Oid, ...]:
        if self.column is not None:
            return (self.column,)
        return self.expression.uses if self.expression is not None else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyIndex(Relation):
    """What indexes of their own and those of constraints share."""

    table: Oid
    column_names: tuple[str, ...]  # the index's own, which no rename of the table's columns follows
    include: tuple[Oid, ...] = ()
    predicate: Bound | None = None
    method: str = "btree"
    nulls_not_distinct: bool = False
    parent: Oid | None = None  # the partitioned index it is a part of

    @property
    def index_keys(self) -> tuple[IndexKey, ...]:
        raise NotImplementedError

    def held_by(self) -> Iterator[Oid]:
        yield self.table
        for key in self.index_keys:
            yield from key.uses
        yield from self.include
        if self.predicate is not None:
            yield from self.predicate.uses
        if self.parent is not None:
            yield self.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(AnyIndex):
    """An index that no constraint owns."""

    own_keys: tuple[IndexKey, ...]
    unique: bool = False
    valid: bool = True

    @property
    def index_keys(self) -> tuple[IndexKey, ...]:
        return self.own_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyConstraint(AnyIndex):
    """A primary key, unique or exclusion constraint together with its index, which always bears the same name."""

    kind: Literal["primary key", "unique", "exclusion"]
    columns: tuple[Oid, ...] = ()
    elements: tuple[tuple[IndexKey, str], ...] = ()
    deferral: Deferral = Deferral.NOT_DEFERRABLE

    @property
    def index_keys(self) -> tuple[IndexKey, ...]:
        return tuple(IndexKey(column) for column in self.columns) or tuple(key for key, _ in self.elements)

    def keys(self) -> Iterator[Key]:
        yield "relation", self.schema, self.name
        yield "constraint in schema", self.schema, self.name
        yield "constraint", self.table, self.name


@dataclass(frozen=True, slots=True)
class Check(Record):
    """*table* may be a domain. *parents*: the checks of parent tables it came from."""

    schema: Oid
    table: Oid
    name: str
    expression: Bound
    validated: bool = True
    no_inherit: bool = False
    enforced: bool = True
    parents: tuple[Oid, ...] = ()
    local: bool = True
    of_domain: bool = False

    def keys(self) -> Iterator[Key]:
        yield "constraint in schema", self.schema, self.name
        yield "constraint", self.table, self.name

    def held_by(self) -> Iterator[Oid]:
        yield self.table
        yield from self.expression.uses
        if not self.local:
            yield from self.parents[:1]

    def shown_in(self) -> Oid | None:
        return self.table if self.of_domain else None


@dataclass(frozen=True, slots=True)
class ForeignKey(Record):
    """*key*: the constraint or unique index of the other table that it relies on, where that is known."""

    schema: Oid
    table: Oid
    name: str
    columns: tuple[Oid, ...]
    referenced_table: Oid
    referenced_columns: tuple[Oid, ...]
    key: Oid | None = None
    on_update: Action = "no action"
    on_delete: Action = "no action"
    on_delete_columns: tuple[Oid, ...] = ()
    match: Literal["simple", "full"] = "simple"
    deferral: Deferral = Deferral.NOT_DEFERRABLE
    validated: bool = True
    enforced: bool = True
    parent: Oid | None = None

    def keys(self) -> Iterator[Key]:
        yield "constraint in schema", self.schema, self.name
        yield "constraint", self.table, self.name

    def held_by(self) -> Iterator[Oid]:
        yield from (self.table, *self.columns, self.referenced_table, *self.referenced_columns)
        if self.key is not None:
            yield self.key
        if self.parent is not None:
            yield self.parent


@dataclass(frozen=True, slots=True)
class Type(InSchema):
    """What shares the name space of pg_type besides tables."""

    def keys(self) -> Iterator[Key]:
        yield "type", self.schema, self.name


@dataclass(frozen=True, slots=True)
class Enum(Type):
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Domain(Type):
    type: TypeRef
    not_null: bool = False
    default: Bound | None = None
    collation: str | None = None

    def held_by(self) -> Iterator[Oid]:
        yield self.schema
        yield from self.type.holders
        if self.default is not None:
            yield from self.default.uses


@dataclass(frozen=True, slots=True)
class Composite(Relation):
    attributes: tuple[tuple[str, TypeRef, str | None], ...] = ()

    def keys(self) -> Iterator[Key]:
        yield "relation", self.schema, self.name
        yield "type", self.schema, self.name

    def held_by(self) -> Iterator[Oid]:
        yield self.schema
        for _, type_, _ in self.attributes:
            yield from type_.holders

    def without(self, holder: Oid) -> Record | None:
        if holder == self.schema:
            return None
        return replace(self, attributes=tuple(each for each in self.attributes if each[1].oid != holder))


@dataclass(frozen=True, slots=True)
class OtherType(Type):
    """A type that the model has no word for: a range, a base type, one of an extension (then *extension* holds it)."""

    extension: Oid | None = None

    def held_by(self) -> Iterator[Oid]:
        yield self.schema if self.extension is None else self.extension


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

    def keys(self) -> Iterator[Key]:
        yield "relation", self.schema, self.name
        yield "type", self.schema, self.name

    def held_by(self) -> Iterator[Oid]:
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

    @property
    def inputs(self) -> list[TypeRef]:
        """The types by which overloads are told apart."""
        return [each.type for each in self.arguments if each.mode not in ("OUT", "TABLE")]

    def keys(self) -> Iterator[Key]:
        yield "routine", self.schema, self.name

    def held_by(self) -> Iterator[Oid]:
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

    def keys(self) -> Iterator[Key]:
        yield "trigger", self.table, self.name

    def held_by(self) -> Iterator[Oid]:
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

    def keys(self) -> Iterator[Key]:
        yield "policy", self.table, self.name

    def held_by(self) -> Iterator[Oid]:
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

    def keys(self) -> Iterator[Key]:
        yield "rule", self.table, self.name

    def held_by(self) -> Iterator[Oid]:
        yield self.table
        if self.body is not None:
            yield from self.body.uses


@dataclass(frozen=True, slots=True)
class Extension(Record):
    name: str
    schema: Oid
    schema_said: bool = False
    version: str | None = None

    def keys(self) -> Iterator[Key]:
        yield "extension", 0, self.name

    def held_by(self) -> Iterator[Oid]:
        yield self.schema


@dataclass(frozen=True, slots=True)
class Opaque(Record):
    subject: Subject
    because: str

    def keys(self) -> Iterator[Key]:
        yield "opaque", 0, str(self.subject)
