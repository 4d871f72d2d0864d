"""A database schema as a value: what the release makes and what the server has, in the same words.

One flat mapping of subjects to definitions, so that comparing, counting and folding need no code per kind. Both
writers (the replay of migrations, the snapshot of the catalog) fill every field by the rule in its comment. Rows are
never in it.
"""

from .database import Extension, Namespace
from .definition import Deferral, Definition, Expression
from .programs import Policy, Routine, RowSecurity, Rule, Trigger, View
from .subjects import (
    CONSTRAINTS,
    INDEXED_CONSTRAINTS,
    NAMED_AS_RELATIONS,
    NAMED_AS_TYPES,
    NEW_ATTRIBUTES,
    NEW_KINDS,
    ON_A_TABLE,
    RELATIONS,
    ROUTINES,
    TYPES,
    Kind,
    Place,
    Subject,
)
from .tables import (
    AS_USUAL,
    Action,
    Check,
    Column,
    Exclusion,
    ForeignKey,
    Generated,
    Identity,
    Index,
    IndexKey,
    PrimaryKey,
    ReplicaIdentity,
    Sequence,
    SequenceOptions,
    Storing,
    Table,
    Unique,
)
from .types import Attribute, CompositeType, Domain, DomainCheck, Enum
from .whole import Doubt, OtherObject, Schema

__all__ = [
    "AS_USUAL",
    "CONSTRAINTS",
    "INDEXED_CONSTRAINTS",
    "NAMED_AS_RELATIONS",
    "NAMED_AS_TYPES",
    "NEW_ATTRIBUTES",
    "NEW_KINDS",
    "ON_A_TABLE",
    "RELATIONS",
    "ROUTINES",
    "TYPES",
    "Action",
    "Attribute",
    "Check",
    "Column",
    "CompositeType",
    "Deferral",
    "Definition",
    "Domain",
    "DomainCheck",
    "Doubt",
    "Enum",
    "Exclusion",
    "Expression",
    "Extension",
    "ForeignKey",
    "Generated",
    "Identity",
    "Index",
    "IndexKey",
    "Kind",
    "Namespace",
    "OtherObject",
    "Place",
    "Policy",
    "PrimaryKey",
    "ReplicaIdentity",
    "Routine",
    "RowSecurity",
    "Rule",
    "Schema",
    "Sequence",
    "SequenceOptions",
    "Storing",
    "Subject",
    "Table",
    "Trigger",
    "Unique",
    "View",
]
