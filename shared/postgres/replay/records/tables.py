"""Tables and what is part of them."""

from collections.abc import Iterable
from typing import Any, Literal

from ....model.schema import AS_USUAL, Action, Deferral, SequenceOptions, Storing
from ....model.value import dataclass, replace
from .base import Bound, Key, Oid, Record, Relation, TypeRef


def child_of(parent: Oid) -> Key:
    """Where to find the partitions of *parent* and the tables that inherit from it."""
    return "child", parent, ""


@dataclass(frozen=True, slots=True)
class IndexKey:
    column: Oid | None = None
    expression: Bound | None = None
    descending: bool = False
    nulls_first: bool = False
    operator_class: Oid | str | None = None
    collation: str | None = None

    @property
    def uses(self) -> tuple[Oid, ...]:
        if self.column is not None:
            return (self.column,)
        return self.expression.uses if self.expression is not None else ()

    @property
    def holders(self) -> tuple[Oid, ...]:
        return (*self.uses, self.operator_class) if isinstance(self.operator_class, int) else self.uses


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
    server: Oid | str = ""  # of a foreign table; a name, where no migration makes it
    options: tuple[str, ...] = ()  # of a foreign table: sorted `name=value`
    parameters: tuple[str, ...] = ()
    toast_parameters: tuple[str, ...] = ()

    def keys(self) -> tuple[Key, ...]:
        names = ("relation", self.schema, self.name), ("type", self.schema, self.name)
        if self.partition_of is not None:
            return *names, child_of(self.partition_of)
        return *names, *map(child_of, self.inherits)

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        if self.partition_of is not None:
            yield self.partition_of
        yield from self.inherits
        for key in self.partition_by[1] if self.partition_by is not None else ():
            yield from key.holders
        if isinstance(self.server, int):
            yield self.server

    @property
    def partition_columns(self) -> frozenset[Oid]:
        """The columns that the partition key is made of."""
        keys = self.partition_by[1] if self.partition_by is not None else ()
        return frozenset(column for key in keys for column in key.uses)


@dataclass(frozen=True, slots=True)
class ReplicaIdentity(Record):
    """Of a *table* where it is not the default one."""

    table: Oid
    mode: Literal["full", "nothing", "index"]
    index: Oid | None = None

    def keys(self) -> tuple[Key, ...]:
        return (("replica identity", self.table, ""),)

    def held_by(self) -> Iterable[Oid]:
        return (self.table,) if self.index is None else (self.table, self.index)

    def without(self, holder: Oid) -> Record | None:
        """The table keeps the mode when the index is dropped."""
        return replace(self, index=None) if holder == self.index else None


@dataclass(frozen=True, slots=True)
class ClusterMark(Record):
    """Of a *table* or materialized view that CLUSTER sorts by *index*."""

    table: Oid
    index: Oid

    def keys(self) -> tuple[Key, ...]:
        return (("cluster mark", self.table, ""),)

    def held_by(self) -> Iterable[Oid]:
        return self.table, self.index


@dataclass(frozen=True, slots=True)
class Column(Record):
    """*inherited_from*: the parents' columns it came from; *local*: its table would have it without them.

    *required_as* is the name of its NOT NULL, unless that is the usual one; *required_here* alone: NO INHERIT;
    *required_later*: NOT VALID.
    """

    table: Oid
    name: str
    type: TypeRef
    not_null: bool = False
    identity: Literal["", "always", "by default"] = ""
    collation: str | None = None
    inherited_from: tuple[Oid, ...] = ()
    local: bool = True
    generated_from: tuple[Oid, ...] = ()
    required_as: str = ""
    required_here: bool = False
    required_later: bool = False
    storing: Storing = AS_USUAL
    of_foreign: bool = False  # a foreign table says its columns itself
    options: tuple[str, ...] = ()  # of a foreign table's column

    def shown_in(self) -> Oid | None:
        return self.table if self.of_foreign else None

    def keys(self) -> tuple[Key, ...]:
        found: tuple[Key, ...] = (("column", self.table, self.name),)
        return (*found, ("not null", self.table, self.required_as)) if self.required_as else found

    def held_by(self) -> Iterable[Oid]:
        inherited = () if self.local else self.inherited_from[:1]
        return self.table, *self.type.holders, *self.generated_from, *inherited


@dataclass(frozen=True, slots=True)
class Default(Record):
    """A column's default, or what it is generated from (pg_attrdef). *set_for* was the column's type at that time."""

    column: Oid
    expression: Bound
    set_for: TypeRef
    generated: Literal["", "stored", "virtual"] = ""

    def keys(self) -> tuple[Key, ...]:
        return (("default", self.column, ""),)

    def held_by(self) -> Iterable[Oid]:
        return self.column, *self.expression.uses

    def shown_in(self) -> Oid:
        return self.column


@dataclass(frozen=True, slots=True)
class Sequence(Relation):
    options: SequenceOptions
    owner: Oid | None = None  # the column
    identity: bool = False

    def held_by(self) -> Iterable[Oid]:
        return (self.schema,) if self.owner is None else (self.schema, self.owner)

    def shown_in(self) -> Oid | None:
        return self.owner if self.identity else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyIndex(Relation):
    """What indexes of their own and those of constraints share."""

    table: Oid
    column_names: tuple[str, ...]  # the index's own, which no rename of the table's columns follows
    include: tuple[Oid, ...] = ()
    predicate: Bound | None = None
    method: str = "btree"
    nulls_not_distinct: bool = False
    parameters: tuple[str, ...] = ()
    parent: Oid | None = None  # the partitioned index it is a part of

    @property
    def index_keys(self) -> tuple[IndexKey, ...]:
        raise NotImplementedError

    def held_by(self) -> Iterable[Oid]:
        yield self.table
        for key in self.index_keys:
            yield from key.holders
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
    without_overlaps: bool = False
    deferral: Deferral = Deferral.NOT_DEFERRABLE

    @property
    def index_keys(self) -> tuple[IndexKey, ...]:
        return tuple(IndexKey(column) for column in self.columns) or tuple(key for key, _ in self.elements)

    def keys(self) -> tuple[Key, ...]:
        return (
            ("relation", self.schema, self.name),
            ("constraint in schema", self.schema, self.name),
            ("constraint", self.table, self.name),
        )


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

    def keys(self) -> tuple[Key, ...]:
        return ("constraint in schema", self.schema, self.name), ("constraint", self.table, self.name)

    def held_by(self) -> Iterable[Oid]:
        yield self.table
        yield from self.expression.uses
        if not self.local:
            yield from self.parents[:1]

    def shown_in(self) -> Oid | None:
        return self.table if self.of_domain else None


@dataclass(frozen=True, slots=True)
class ForeignKey(Record):
    """*key*: the constraint or unique index of the other table that it relies on, where that is known.

    *switched_off*: those of its two tables whose triggers of it are disabled.
    """

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
    period: bool = False
    deferral: Deferral = Deferral.NOT_DEFERRABLE
    validated: bool = True
    enforced: bool = True
    switched_off: frozenset[Oid] = frozenset()
    parent: Oid | None = None

    def keys(self) -> tuple[Key, ...]:
        return ("constraint in schema", self.schema, self.name), ("constraint", self.table, self.name)

    def held_by(self) -> Iterable[Oid]:
        yield from (self.table, *self.columns, self.referenced_table, *self.referenced_columns)
        if self.key is not None:
            yield self.key
        if self.parent is not None:
            yield self.parent
