"""The rows of the replay's own catalog: one frozen record an object, tied to others by oid and never by name.

Like pg_class and its like. What holds a record (`held_by`) takes it along when it is dropped: pg_depend, in effect. A
rename therefore touches one record; every other one that says the name does so by way of the oid.
"""

from .base import (
    Bound,
    Doubted,
    Extension,
    InSchema,
    Key,
    Namespace,
    Oid,
    Opaque,
    Record,
    Relation,
    Setting,
    TypeRef,
    opaque_in,
    settings_of,
)
from .database import EventTrigger, Publication, Published, Server, Subscription
from .operator_classes import Member, OperatorClass, OperatorFamily, default_class
from .operators import Operator
from .others import Aggregate, Cast, Collation, Statistics
from .programs import Argument, Policy, Routine, Rule, Trigger, View, ViewColumn
from .tables import (
    AnyIndex,
    Check,
    ClusterMark,
    Column,
    Default,
    ForeignKey,
    Index,
    IndexKey,
    KeyConstraint,
    ReplicaIdentity,
    Sequence,
    Table,
    child_of,
)
from .text_search import SearchConfiguration, SearchDictionary, SearchFunctions, SearchParser, SearchTemplate
from .types import Composite, Domain, Enum, Multirange, OtherType, Range, Type

__all__ = [
    "Aggregate", "AnyIndex", "Argument", "Bound", "Cast", "Check", "ClusterMark", "Collation", "Column",
    "Composite", "Default", "Domain", "Doubted", "Enum", "EventTrigger", "Extension", "ForeignKey", "InSchema",
    "Index", "IndexKey", "Key", "KeyConstraint", "Member", "Multirange", "Namespace", "Oid", "Opaque", "Operator",
    "OperatorClass", "OperatorFamily", "OtherType", "Policy", "Publication", "Published", "Range", "Record",
    "Relation", "ReplicaIdentity", "Routine", "Rule", "SearchConfiguration", "SearchDictionary", "SearchFunctions",
    "SearchParser", "SearchTemplate", "Sequence", "Server", "Setting", "Statistics", "Subscription", "Table",
    "Trigger", "Type", "TypeRef", "View", "ViewColumn", "child_of", "default_class", "opaque_in", "settings_of",
]  # fmt: skip
