"""A digest of a schema, the same of what migrations make and of what a server has, where nobody changed it by hand.

Of expressions, views and routines only the names are in it: two texts of one meaning have no common form without both
sides at hand.
"""

from collections.abc import Iterator
from hashlib import sha256

from ..model.schema import (
    OPERATOR_GROUPS,
    ROUTINES,
    SETTINGS,
    TEXT_SEARCH,
    Column,
    Definition,
    Enum,
    Index,
    Kind,
    Schema,
    Subject,
)

# Names that a server may choose, or that contain types, which either side may qualify.
_NOT_IN_IT = frozenset(
    {*ROUTINES, Kind.CHECK, Kind.EXCLUSION, Kind.SEQUENCE, Kind.RULE, Kind.CAST, Kind.COLLATION, Kind.OPERATOR,
     Kind.STATISTICS, Kind.FOREIGN_TABLE, *OPERATOR_GROUPS}
)  # fmt: skip
# What no plan depends on; settings are in the facts themselves, and roles have some that are nobody's concern.
_OF_NO_PLAN = frozenset(
    {
        Kind.EVENT_TRIGGER,
        Kind.PUBLICATION,
        Kind.SUBSCRIPTION,
        Kind.REPLICA_IDENTITY,
        Kind.CLUSTER_MARK,
        *SETTINGS,
        *TEXT_SEARCH,
    }
)

# No name that people write contains them.
_PART, _LINE = "\x1f", "\x1e"


def catalog_digest(schema: Schema) -> str:
    """Of the names of objects, the types of columns and whether they may be NULL, the values of enums."""
    left_out = _NOT_IN_IT | _OF_NO_PLAN
    lines = sorted(_PART.join(_parts(*each)) for each in schema.objects.items() if each[0].kind not in left_out)
    return f"sha256:{sha256(_LINE.join(lines).encode('utf-8', 'surrogatepass')).hexdigest()}"


def is_whole(schema: Schema) -> bool:
    """Say whether all is known of what migrations make, so that its digest can be held against a server's."""
    return not (schema.opaque or schema.mentioned or schema.doubts)


def _parts(subject: Subject, definition: Definition) -> Iterator[str]:
    yield subject.kind.value
    yield from subject.name
    match definition:
        case Column():
            # A bare name is an extension's type, in whatever schema.
            yield definition.type.rpartition(".")[2]
            yield "NULL" if definition.nullable else "NOT NULL"
        case Enum():
            yield from definition.values
        case Index():
            yield "unique" if definition.unique else ""
            yield "valid" if definition.valid else ""
