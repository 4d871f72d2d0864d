"""What a schema's objects are called: the kinds of objects, and a subject, which is a kind and a name."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, Self


class Place(StrEnum):
    """Where an object is, and so the words of its name and what takes it along when it is dropped."""

    DATABASE = "database"  # one word; a role's setting has the role's name before it
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
    FOREIGN_TABLE = "foreign table", Place.SCHEMA, "FOREIGN TABLE"
    INDEX = "index", Place.SCHEMA, "INDEX"
    ENUM = "enum", Place.SCHEMA, "TYPE"
    DOMAIN = "domain", Place.SCHEMA, "DOMAIN"
    COMPOSITE_TYPE = "composite type", Place.SCHEMA, "TYPE"
    RANGE = "range type", Place.SCHEMA, "TYPE"
    SEQUENCE = "sequence", Place.SCHEMA, "SEQUENCE"
    VIEW = "view", Place.SCHEMA, "VIEW"
    MATERIALIZED_VIEW = "materialized view", Place.SCHEMA, "MATERIALIZED VIEW"
    FUNCTION = "function", Place.SCHEMA, "FUNCTION"
    PROCEDURE = "procedure", Place.SCHEMA, "PROCEDURE"
    AGGREGATE = "aggregate", Place.SCHEMA, "AGGREGATE"
    OPERATOR = "operator", Place.SCHEMA, "OPERATOR"
    OPERATOR_FAMILY = "operator family", Place.SCHEMA, "OPERATOR FAMILY"
    OPERATOR_CLASS = "operator class", Place.SCHEMA, "OPERATOR CLASS"
    COLLATION = "collation", Place.SCHEMA, "COLLATION"
    SEARCH_PARSER = "text search parser", Place.SCHEMA, "TEXT SEARCH PARSER"
    SEARCH_TEMPLATE = "text search template", Place.SCHEMA, "TEXT SEARCH TEMPLATE"
    SEARCH_DICTIONARY = "text search dictionary", Place.SCHEMA, "TEXT SEARCH DICTIONARY"
    SEARCH_CONFIGURATION = "text search configuration", Place.SCHEMA, "TEXT SEARCH CONFIGURATION"
    STATISTICS = "statistics", Place.SCHEMA, "STATISTICS"
    TRIGGER = "trigger", Place.RELATION, "TRIGGER"
    POLICY = "policy", Place.RELATION, "POLICY"
    ROW_SECURITY = "row security", Place.WHOLE_TABLE, ""
    REPLICA_IDENTITY = "replica identity", Place.WHOLE_TABLE, ""
    CLUSTER_MARK = "cluster mark", Place.WHOLE_TABLE, ""
    RULE = "rule", Place.RELATION, "RULE"
    CAST = "cast", Place.DATABASE, "CAST"
    EXTENSION = "extension", Place.DATABASE, "EXTENSION"
    PUBLICATION = "publication", Place.DATABASE, "PUBLICATION"
    SUBSCRIPTION = "subscription", Place.DATABASE, "SUBSCRIPTION"
    EVENT_TRIGGER = "event trigger", Place.DATABASE, "EVENT TRIGGER"
    DATABASE_SETTING = "setting database", Place.DATABASE, ""
    ROLE_SETTING = "setting role", Place.DATABASE, ""


RELATIONS = (Kind.TABLE, Kind.VIEW, Kind.MATERIALIZED_VIEW)
ROUTINES = (Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE)
# Their names carry types.
SIGNED = (*ROUTINES, Kind.OPERATOR, Kind.CAST)
# Their names are those of an index method each.
OPERATOR_GROUPS = (Kind.OPERATOR_FAMILY, Kind.OPERATOR_CLASS)
TEXT_SEARCH = (
    Kind.SEARCH_PARSER, Kind.SEARCH_TEMPLATE, Kind.SEARCH_DICTIONARY, Kind.SEARCH_CONFIGURATION
)  # fmt: skip
SETTINGS = (Kind.DATABASE_SETTING, Kind.ROLE_SETTING)
TYPES = (Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE_TYPE, Kind.RANGE)
# Kinds that this version compares and the one before it did not.
NEW_KINDS = frozenset(
    {Kind.AGGREGATE, Kind.CAST, Kind.CLUSTER_MARK, Kind.COLLATION, Kind.EVENT_TRIGGER, Kind.FOREIGN_TABLE,
     Kind.OPERATOR, Kind.PUBLICATION, Kind.RANGE, Kind.REPLICA_IDENTITY, Kind.STATISTICS, Kind.SUBSCRIPTION,
     *OPERATOR_GROUPS, *SETTINGS, *TEXT_SEARCH}
)  # fmt: skip
# And attributes of older kinds, by the names of their definitions' fields. Both are info until a clean week.
NEW_ATTRIBUTES: Mapping[Kind, frozenset[str]] = {
    Kind.TABLE: frozenset({"parameters", "partitions", "toast_parameters"}),
    Kind.COLUMN: frozenset({"not_null_inherited", "not_null_validated", "storing"}),
    **dict.fromkeys((Kind.INDEX, Kind.EXCLUSION), frozenset({"parameters"})),
    **dict.fromkeys((Kind.PRIMARY_KEY, Kind.UNIQUE), frozenset({"parameters", "without_overlaps"})),
    Kind.FOREIGN_KEY: frozenset({"period"}),
}
# Constraints that an index of their name enforces.
INDEXED_CONSTRAINTS = (Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.EXCLUSION)
CONSTRAINTS = (*INDEXED_CONSTRAINTS, Kind.CHECK, Kind.FOREIGN_KEY)
# These share one space of names, with the indexes of constraints; and these another: a relation's rows have a type.
NAMED_AS_RELATIONS = frozenset({*RELATIONS, Kind.FOREIGN_TABLE, Kind.INDEX, Kind.SEQUENCE, Kind.COMPOSITE_TYPE})
NAMED_AS_TYPES = frozenset({*RELATIONS, Kind.FOREIGN_TABLE, *TYPES})
# DROP TRIGGER … ON table.
ON_A_TABLE = frozenset({Kind.TRIGGER, Kind.POLICY, Kind.RULE})


class Subject(NamedTuple):
    """What one finding is about: a kind and a name as stored, unquoted.

    Names are ``(schema, object)``, or ``(schema, table, part)`` for what lives inside a table, or one word for schemas,
    extensions and settings, a role's behind the role. A routine's last word carries its input types:
    ``f(integer, text)``; an operator's its operands: ``!!(none, integer)``, an operator class's or family's its
    method: ``money_ops using btree``; a cast's only one, both: ``text as app.money``. A tuple, since it is the key of
    everything: it hashes and compares without a line of Python.
    """

    kind: Kind
    name: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {'.'.join(self.name)}"

    @property
    def schema(self) -> str | None:
        """The schema that it is, or is in; None for what is of the whole database."""
        return self.name[0] if self.kind is Kind.SCHEMA or self.kind.place is not Place.DATABASE else None

    @property
    def relation(self) -> tuple[str, str]:
        """Schema and name of the relation that it is, or is a part of."""
        return self.name[0], self.name[1]
