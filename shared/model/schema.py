"""A database schema as a value: what the release makes and what the server has, in the same words.

One flat mapping of subjects to definitions, so that comparing, counting and folding need no code per kind. Both
writers (the replay of migrations, the snapshot of the catalog) fill every field by the rule in its comment. Rows are
never in it.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple, Self

from .labels import Labels
from .question import Question
from .session import Sessions
from .value import dataclass


class Place(StrEnum):
    """Where an object is, and so the words of its name and what takes it along when it is dropped."""

    DATABASE = "database"  # one word
    SCHEMA = "schema"  # schema, own name
    RELATION = "relation"  # schema, relation, own name
    WHOLE_TABLE = "whole table"  # schema, table: a table has one at most


class Kind(StrEnum):
    """What a subject is, in PostgreSQL's own words: all that holds of every object of a kind is in its row.

    *word* is the word after ALTER, CREATE and DROP, or within ALTER TABLE; empty where there is none.
    Objects *in a relation* are part of a table or view.
    """

    _value_: str
    place: Place
    word: str
    is_in_relation: bool

    def __new__(cls, value: str, place: Place, word: str) -> Self:
        kind = str.__new__(cls, value)
        kind._value_, kind.place, kind.word = value, place, word
        kind.is_in_relation = place in (Place.RELATION, Place.WHOLE_TABLE)
        return kind

    SCHEMA = "schema", Place.DATABASE, "SCHEMA"
    TABLE = "table", Place.SCHEMA, "TABLE"
    COLUMN = "column", Place.RELATION, "COLUMN"
    PRIMARY_KEY = "primary key", Place.WHOLE_TABLE, "CONSTRAINT"
    UNIQUE = "unique", Place.RELATION, "CONSTRAINT"
    FOREIGN_KEY = "foreign key", Place.RELATION, "CONSTRAINT"
    CHECK = "check", Place.RELATION, "CONSTRAINT"
    EXCLUSION = "exclusion", Place.RELATION, "CONSTRAINT"
    INDEX = "index", Place.SCHEMA, "INDEX"
    ENUM = "enum", Place.SCHEMA, "TYPE"
    DOMAIN = "domain", Place.SCHEMA, "DOMAIN"
    COMPOSITE_TYPE = "composite type", Place.SCHEMA, "TYPE"
    SEQUENCE = "sequence", Place.SCHEMA, "SEQUENCE"
    VIEW = "view", Place.SCHEMA, "VIEW"
    MATERIALIZED_VIEW = "materialized view", Place.SCHEMA, "MATERIALIZED VIEW"
    FUNCTION = "function", Place.SCHEMA, "FUNCTION"
    PROCEDURE = "procedure", Place.SCHEMA, "PROCEDURE"
    TRIGGER = "trigger", Place.RELATION, "TRIGGER"
    POLICY = "policy", Place.RELATION, "POLICY"
    ROW_SECURITY = "row security", Place.WHOLE_TABLE, ""
    RULE = "rule", Place.RELATION, "RULE"
    EXTENSION = "extension", Place.DATABASE, "EXTENSION"


RELATIONS = (Kind.TABLE, Kind.VIEW, Kind.MATERIALIZED_VIEW)
ROUTINES = (Kind.FUNCTION, Kind.PROCEDURE)
TYPES = (Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE_TYPE)
# Constraints that an index of their name enforces.
INDEXED_CONSTRAINTS = (Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.EXCLUSION)
CONSTRAINTS = (*INDEXED_CONSTRAINTS, Kind.CHECK, Kind.FOREIGN_KEY)
# These share one space of names, with the indexes of constraints; and these another: a relation's rows have a type.
NAMED_AS_RELATIONS = frozenset({*RELATIONS, Kind.INDEX, Kind.SEQUENCE, Kind.COMPOSITE_TYPE})
NAMED_AS_TYPES = frozenset({*RELATIONS, *TYPES})
# DROP TRIGGER … ON table.
ON_A_TABLE = frozenset({Kind.TRIGGER, Kind.POLICY, Kind.RULE})


class Subject(NamedTuple):
    """What one finding is about: a kind and a name as stored, unquoted.

    Names are ``(schema, object)``, or ``(schema, table, part)`` for what lives inside a table, or one word for schemas
    and extensions. A routine's last word carries its input types: ``f(integer, text)``. A tuple, since it is the key
    of everything: it hashes and compares without a line of Python.
    """

    kind: Kind
    name: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {'.'.join(self.name)}"

    @property
    def relation(self) -> tuple[str, str]:
        """Schema and name of the relation that it is, or is a part of."""
        return self.name[0], self.name[1]


@dataclass(frozen=True, slots=True)
class Expression:
    """A piece of SQL that has a value: *sql* for people, *meaning* (the canonical form) for machines.

    Equal meanings are the same expression. Unequal ones may still be: the server adds casts that nobody wrote. Whether
    a release's expression and a server's agree is said by ``shared.postgres.canonical.agree``, which knows that.
    """

    sql: str = field(compare=False)
    meaning: str


class Deferral(StrEnum):
    NOT_DEFERRABLE = "not deferrable"
    INITIALLY_IMMEDIATE = "deferrable"
    INITIALLY_DEFERRED = "deferrable initially deferred"


@dataclass(frozen=True, slots=True)
class Definition:
    """What every kind has: *hangs_on*, the other objects that take this one with them when they are dropped.

    Its own table or schema need not be named there. It decides what is folded into what and is never compared.
    """

    hangs_on: tuple[Subject, ...] = field(default=(), compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Namespace(Definition):
    """A schema other than ``public`` and the system's."""


@dataclass(frozen=True, slots=True)
class Table(Definition):
    unlogged: bool = False
    partition_by: Expression | None = None  # `range (created_at)`: strategy and keys of a partitioned table
    partition_of: Subject | None = None
    bound: Expression | None = None  # `for values from ('2025-01-01') to ('2026-01-01')`, `default`
    inherits: tuple[Subject, ...] = ()  # INHERITS only; a partition has partition_of


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
class Column(Definition):
    """*type* as ``format_type`` spells it while search_path is pg_catalog: ``character varying(40)``, ``app."Role"[]``.

    A serial column is an integer column with a default and a sequence that it owns. A column that a partition or an
    inheriting table has from its parent hangs on the parent's column.

    *default_type* is the type of the default before its cast to the column's type; None where only the server knows it.
    Where *default* is None it is that of a NULL which the server keeps: it counts when the column's type changes.

    *not_null_name* is the name of its NOT NULL from PostgreSQL 18 on; None for the usual one, and where there is none.
    """

    type: str
    nullable: bool = True
    default: Expression | None = None  # None for generated columns
    identity: Identity | None = None
    generated: Generated | None = None
    collation: str | None = None  # None: the type's own; else qualified and quoted as needed: `pg_catalog."C"`
    default_type: str | None = field(default=None, compare=False, kw_only=True)
    not_null_name: str | None = field(default=None, compare=False, kw_only=True)

    @property
    def keeps_default(self) -> bool:
        """Say whether the server keeps a default for it, be it NULL."""
        return self.default is not None or self.default_type is not None


# Constraints and indexes which a partition has from its parent (conparentid, pg_inherits, coninhcount without
# conislocal, tgparentid) are the parent's and are left out of the model. So are not-null constraints as objects.


@dataclass(frozen=True, slots=True)
class PrimaryKey(Definition):
    name: str  # of the constraint; the subject is only the table
    columns: tuple[str, ...]
    include: tuple[str, ...] = ()
    deferral: Deferral = Deferral.NOT_DEFERRABLE


@dataclass(frozen=True, slots=True)
class Unique(Definition):
    """A UNIQUE constraint; a unique index without one is an Index. The constraint's own index is not listed."""

    columns: tuple[str, ...]
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    deferral: Deferral = Deferral.NOT_DEFERRABLE


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


@dataclass(frozen=True, slots=True)
class Enum(Definition):
    values: tuple[str, ...] | Labels  # in their order


@dataclass(frozen=True, slots=True)
class DomainCheck:
    name: str
    expression: Expression
    validated: bool = True


@dataclass(frozen=True, slots=True)
class Domain(Definition):
    type: str
    nullable: bool = True
    default: Expression | None = None
    collation: str | None = None
    checks: tuple[DomainCheck, ...] = ()  # by name


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    type: str
    collation: str | None = None


@dataclass(frozen=True, slots=True)
class CompositeType(Definition):
    attributes: tuple[Attribute, ...]  # in their order


@dataclass(frozen=True, slots=True)
class Sequence(Definition):
    """A sequence that is no identity column's. One that a column owns hangs on it."""

    options: SequenceOptions
    owner: Subject | None = None  # the column


@dataclass(frozen=True, slots=True)
class View(Definition):
    """A view or a materialized view."""

    columns: tuple[str, ...]  # in their order
    body: Expression | None = None  # None: could not be brought to canonical form; then it is not compared
    options: tuple[str, ...] = ()  # sorted `name=value`: check_option, security_barrier, security_invoker
    # Relations and columns that it reads, as the catalog says; of a release `hangs_on` says it.
    uses: tuple[Subject, ...] = field(default=(), compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Routine(Definition):
    """A function or a procedure. Aggregates and window functions are not modelled."""

    arguments: str  # all of them, with mode, name and type, without defaults: `a integer, OUT b text`
    result: str | None  # `SETOF app.users`, `TABLE(id integer)`, `trigger`; None for a procedure
    language: str
    body_md5: str  # of prosrc, UTF-8; it is empty for a body in the SQL standard's form
    volatility: Literal["immutable", "stable", "volatile"] = "volatile"
    strict: bool = False
    security_definer: bool = False
    leakproof: bool = False
    parallel: Literal["safe", "restricted", "unsafe"] = "unsafe"
    defaults: tuple[Expression, ...] = ()  # of the last input arguments
    settings: tuple[str, ...] = ()  # sorted `name=value` of SET clauses
    body: Expression | None = None  # in the SQL standard's form (BEGIN ATOMIC, RETURN); None as with View


@dataclass(frozen=True, slots=True)
class Trigger(Definition):
    timing: Literal["before", "after", "instead of"]
    events: tuple[str, ...]  # of insert, update, delete, truncate, in this order
    function: str  # qualified and quoted as needed: `public.touch`
    arguments: tuple[str, ...] = ()
    for_each: Literal["row", "statement"] = "statement"
    update_of: tuple[str, ...] = ()  # sorted
    when: Expression | None = None
    enabled: Literal["origin", "disabled", "replica", "always"] = "origin"
    constraint: bool = False  # CREATE CONSTRAINT TRIGGER
    deferral: Deferral = Deferral.NOT_DEFERRABLE
    old_table: str | None = None
    new_table: str | None = None


@dataclass(frozen=True, slots=True)
class Policy(Definition):
    command: Literal["all", "select", "insert", "update", "delete"] = "all"
    permissive: bool = True
    roles: tuple[str, ...] = ("public",)  # sorted
    using: Expression | None = None
    with_check: Expression | None = None


@dataclass(frozen=True, slots=True)
class RowSecurity(Definition):
    """Stands only for a table where it is enabled or forced."""

    enabled: bool = True
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Rule(Definition):
    """A rewrite rule other than a view's own ``_RETURN``."""

    event: Literal["select", "insert", "update", "delete"]
    instead: bool = False
    enabled: Literal["origin", "disabled", "replica", "always"] = "origin"
    body: Expression | None = None  # condition and actions; None as with View


@dataclass(frozen=True, slots=True)
class Extension(Definition):
    version: str | None = None  # None: not said, not compared
    schema: str | None = None  # None: not said, not compared


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is not known of one object, and why; all the rest of it is compared.

    *attributes* are names of its definition's fields. *may_be_absent*: with it and without it, both are as they
    should be. *others* are kinds of objects: such of them in it as no migration makes are as they should be, too.
    """

    because: str
    attributes: frozenset[str] = frozenset()
    may_be_absent: bool = False
    others: frozenset[Kind] = frozenset()

    def __str__(self) -> str:
        unknown = [*(["whether it exists"] if self.may_be_absent else []), *sorted(self.attributes)]
        others = "what" if len(self.others) == len(Kind) else f"which {' or '.join(sorted(self.others))}"
        unknown += [f"{others} else is in it"] if self.others else []
        return f"{self.because} (not compared: {', '.join(each.replace('_', ' ') for each in unknown)})"

    def and_also(self, other: "Doubt") -> "Doubt":
        """Both doubts in one."""
        return Doubt(
            self.because,
            self.attributes | other.attributes,
            self.may_be_absent or other.may_be_absent,
            self.others | other.others,
        )


@dataclass(frozen=True, slots=True)
class OtherObject:
    """What has a name that no type or relation can take besides, and is not compared.

    A foreign table has *columns*: names with types. A type has none; a range may have a *multirange*.
    """

    name: tuple[str, str]
    columns: tuple[tuple[str, str], ...] | None = None
    multirange: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """All objects of a database but the system's, those of extensions, and ``public`` itself.

    *opaque* names the subjects that this value knows too little about, and why: they, and what hangs on them, are not
    compared. An opaque subject may or may not have a definition too. *doubts* are of one object each, and of no other.
    *questions* are those that the server's analyser could answer, and did not yet. *unapplied* are the opaque ones of
    scripts that are not applied: whether they exist is those scripts' matter. *mentioned* are the names, in lower
    case, that each statement mentions which could not be parsed, and why: what bears such names is opaque on both
    sides. *others* are known of a server alone. *sessions* are the settings by which a server's migrations may have
    been read; a release's schema has the usual ones.
    """

    objects: Mapping[Subject, Definition]
    opaque: Mapping[Subject, str] = field(default_factory=lambda: MappingProxyType({}))
    doubts: Mapping[Subject, Doubt] = field(default_factory=lambda: MappingProxyType({}))
    unapplied: frozenset[Subject] = frozenset()
    questions: tuple[Question, ...] = ()
    mentioned: tuple[tuple[frozenset[str], str], ...] = ()
    others: tuple[OtherObject, ...] = ()
    sessions: Sessions = Sessions()

    def parents(self, subject: Subject) -> tuple[Subject, ...]:
        """What takes *subject* along when it is dropped, nearest first: its table or schema, then what it hangs on."""
        definition = self.objects.get(subject)
        hangs_on = definition.hangs_on if definition is not None else ()
        own: tuple[Subject, ...] = ()
        if subject.kind.is_in_relation:
            own = (self._relation(subject.name[:2]),)
        elif isinstance(definition, Index):
            own = (definition.table,)
        elif subject.kind.place is not Place.DATABASE:
            own = (Subject(Kind.SCHEMA, subject.name[:1]),)
        return (*own, *hangs_on)

    def _relation(self, name: tuple[str, ...]) -> Subject:
        """The table, view or materialized view *name*; a table if there is none."""
        for kind in RELATIONS:
            if (subject := Subject(kind, name)) in self.objects:
                return subject
        return Subject(Kind.TABLE, name)
