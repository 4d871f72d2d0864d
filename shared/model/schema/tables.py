"""Tables, their parts, and what is made for them: columns, constraints, indexes and sequences."""

from dataclasses import field
from typing import Literal

from ..value import dataclass
from .definition import Deferral, Definition, Expression
from .subjects import Subject


@dataclass(frozen=True, slots=True)
class Table(Definition):
    unlogged: bool = False
    partition_by: Expression | None = None  # `range (created_at)`: strategy and keys of a partitioned table
    partition_of: Subject | None = None
    bound: Expression | None = None  # `for values from ('2025-01-01') to ('2026-01-01')`, `default`
    inherits: tuple[Subject, ...] = ()  # INHERITS only; a partition has partition_of
    parameters: tuple[str, ...] = ()  # sorted `name=value` of WITH: `fillfactor=70`
    toast_parameters: tuple[str, ...] | None = ()  # the same of its TOAST table; None: it has none


@dataclass(frozen=True, slots=True)
class SequenceOptions:
    """All written out: what CREATE SEQUENCE left out has the server's default for its type."""

    type: str = "bigint"  # smallint | integer | bigint
    start: int = 1
    increment: int = 1
    minimum: int = 1
    maximum: int = 2**63 - 1
    cache: int = 1
    cycle: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """GENERATED … AS IDENTITY. Its sequence is part of the column, not an object of its own."""

    always: bool
    options: SequenceOptions


@dataclass(frozen=True, slots=True)
class Generated:
    expression: Expression
    stored: bool = True  # False: VIRTUAL, PostgreSQL 18 and later


@dataclass(frozen=True, slots=True)
class Storing:
    """How values of a column are kept and sampled: what a query gives does not depend on it, its time does."""

    storage: str | None = None  # plain | external | extended | main; None: the type's own
    compression: str | None = None  # pglz | lz4; None: the server's setting
    statistics: int | None = None  # the target of ANALYZE; None: the server's setting
    options: tuple[str, ...] = ()  # sorted `name=value`: n_distinct, n_distinct_inherited


AS_USUAL = Storing()


@dataclass(frozen=True, slots=True)
class Column(Definition):
    """*type* as ``format_type`` spells it while search_path is pg_catalog: ``character varying(40)``, ``app."Role"[]``.

    A serial column is an integer column with a default and a sequence that it owns. A column that a partition or an
    inheriting table has from its parent hangs on the parent's column.

    *default_type* is the type of the default before its cast to the column's type; None where only the server knows it.
    Where *default* is None it is that of a NULL which the server keeps: it counts when the column's type changes.

    *not_null_name* is the name of its NOT NULL from PostgreSQL 18 on; None for the usual one, and where there is none.
    Before 18, each is validated and inherited.
    """

    type: str
    nullable: bool = True
    default: Expression | None = None  # None for generated columns
    identity: Identity | None = None
    generated: Generated | None = None
    collation: str | None = None  # None: the type's own; else qualified and quoted as needed: `pg_catalog."C"`
    storing: Storing = AS_USUAL
    not_null_validated: bool = True  # False: NOT VALID, older rows may hold a NULL
    not_null_inherited: bool = True  # False: NO INHERIT, the tables below may hold one
    default_type: str | None = field(default=None, compare=False, kw_only=True)
    not_null_name: str | None = field(default=None, compare=False, kw_only=True)

    @property
    def keeps_default(self) -> bool:
        """Say whether the server keeps a default for it, be it NULL."""
        return self.default is not None or self.default_type is not None


@dataclass(frozen=True, slots=True)
class ForeignColumn:
    name: str
    column: Column
    options: tuple[str, ...] = ()  # sorted `name=value`


@dataclass(frozen=True, slots=True)
class ForeignTable(Definition):
    """A table of another server, with its columns. Its constraints and triggers are not modelled.

    Of options that may be secret, the values are left out.
    """

    server: str
    columns: tuple[ForeignColumn, ...] = ()  # by name
    options: tuple[str, ...] = ()  # sorted `name=value`
    partition_of: Subject | None = None
    bound: Expression | None = None


# Constraints and indexes which a partition has from its parent (conparentid, pg_inherits, coninhcount without
# conislocal, tgparentid) are the parent's and are left out of the model. So are not-null constraints as objects.


@dataclass(frozen=True, slots=True)
class PrimaryKey(Definition):
    name: str  # of the constraint; the subject is only the table
    columns: tuple[str, ...]
    include: tuple[str, ...] = ()
    deferral: Deferral = Deferral.NOT_DEFERRABLE
    parameters: tuple[str, ...] = ()  # of its index, as with Table
    without_overlaps: bool = False  # the last column's ranges, PostgreSQL 18 and later


@dataclass(frozen=True, slots=True)
class Unique(Definition):
    """A UNIQUE constraint; a unique index without one is an Index. The constraint's own index is not listed."""

    columns: tuple[str, ...]
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    deferral: Deferral = Deferral.NOT_DEFERRABLE
    parameters: tuple[str, ...] = ()  # of its index, as with Table
    without_overlaps: bool = False  # as with PrimaryKey


Action = Literal["no action", "restrict", "cascade", "set null", "set default"]


@dataclass(frozen=True, slots=True)
class ForeignKey(Definition):
    columns: tuple[str, ...]
    referenced_table: Subject
    referenced_columns: tuple[str, ...]  # always written out
    on_update: Action = "no action"
    on_delete: Action = "no action"
    on_delete_columns: tuple[str, ...] = ()  # ON DELETE SET NULL (a, b), PostgreSQL 15 and later
    match: Literal["simple", "full"] = "simple"
    period: bool = False  # rows together cover the last column's range, PostgreSQL 18 and later
    deferral: Deferral = Deferral.NOT_DEFERRABLE
    validated: bool = True
    enforced: bool = True  # False: NOT ENFORCED, or by DISABLE TRIGGER ALL on either of its tables


@dataclass(frozen=True, slots=True)
class Check(Definition):
    expression: Expression
    validated: bool = True
    no_inherit: bool = False
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key of an index or exclusion: a column, or an expression."""

    column: str | None = None
    expression: Expression | None = None
    descending: bool = False
    nulls_first: bool = False  # as it is in effect: DESC alone means nulls first
    operator_class: str | None = None  # last name only; None: the default one of the type
    collation: str | None = None  # None: the column's own


@dataclass(frozen=True, slots=True)
class Exclusion(Definition):
    method: str
    elements: tuple[tuple[IndexKey, str], ...]  # the key and its operator's last name: `&&`
    include: tuple[str, ...] = ()
    predicate: Expression | None = None
    deferral: Deferral = Deferral.NOT_DEFERRABLE
    parameters: tuple[str, ...] = ()  # of its index, as with Table


@dataclass(frozen=True, slots=True)
class Index(Definition):
    """An index that is no constraint's. Its subject names schema and index; *table* is the relation it is on."""

    table: Subject  # a table or a materialized view
    method: str
    keys: tuple[IndexKey, ...]
    include: tuple[str, ...] = ()
    predicate: Expression | None = None
    unique: bool = False
    nulls_not_distinct: bool = False
    valid: bool = True
    parameters: tuple[str, ...] = ()  # as with Table


@dataclass(frozen=True, slots=True)
class Statistics(Definition):
    """Extended statistics (CREATE STATISTICS) of the relation *table*."""

    table: Subject
    kinds: tuple[Literal["ndistinct", "dependencies", "mcv"], ...]  # in this order; none for those of one expression
    columns: tuple[str, ...] = ()  # sorted
    expressions: tuple[Expression, ...] = ()  # as they are written
    target: int | None = None  # None: by those of the columns


@dataclass(frozen=True, slots=True)
class ReplicaIdentity(Definition):
    """What of an old row a publication sends, where that is not the primary key (REPLICA IDENTITY DEFAULT)."""

    mode: Literal["full", "nothing", "index"]
    index: Subject | None = None  # an index, or the constraint that it is of; None too after that is dropped


@dataclass(frozen=True, slots=True)
class ClusterMark(Definition):
    """By which *index*, or the constraint that it is of, CLUSTER sorts a table or materialized view."""

    index: Subject


@dataclass(frozen=True, slots=True)
class Sequence(Definition):
    """A sequence that is no identity column's. One that a column owns hangs on it."""

    options: SequenceOptions
    owner: Subject | None = None  # the column
