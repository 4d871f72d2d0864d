"""What the comparison of the schema looked at, and what it could not."""

from collections import Counter

from shared.model.diagnosis import Diagnosis
from shared.model.knowledge import Unavailable
from shared.model.report import Coverage

# What no release's SQL is held against, in words for people.
NOT_COMPARED = (
    "schema.prisma",
    "rows other than seeds",
    "privileges and owners",
    "comments",
    "storage options",
    "aggregates, operators, casts and text search",
)


def coverage(diagnosis: Diagnosis | Unavailable, accepted: int) -> Coverage | None:
    """Count what was compared, by kind; None where nothing could be."""
    if isinstance(diagnosis, Unavailable) or isinstance(diagnosis.schema, Unavailable):
        return None
    expected, actual = diagnosis.schema.expected, diagnosis.schema.actual
    opaque = {subject: because for schema in (expected, actual) for subject, because in schema.opaque.items()}
    compared = (expected.objects.keys() | actual.objects.keys()) - opaque.keys()
    kinds = Counter(subject.kind for subject in compared)
    return Coverage(
        objects=len(compared),
        kinds={kind.value: count for kind, count in sorted(kinds.items())},
        opaque={str(subject): because for subject, because in sorted(opaque.items())},
        accepted=accepted,
        not_compared=NOT_COMPARED,
    )
