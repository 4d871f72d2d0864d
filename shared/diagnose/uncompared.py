"""Objects that may or may not exist as they should: with one, the schema check cannot pass."""

from collections.abc import Collection, Iterator
from datetime import date

from ..model.diagnosis import Comparison
from ..model.knowledge import Unavailable
from ..model.schema import Kind, Subject
from ..model.settings import OPAQUE, AcceptedDrift

_MOST_NAMED = 3
# They hold other objects, and none of those is compared.
_HOLDERS = frozenset({Kind.SCHEMA, Kind.TABLE})


def uncompared(comparison: Comparison) -> list[Subject]:
    """The subjects whose existence, or that of what they hold, could not be compared, in order.

    One that exists and contains nothing counts as right, as far as that can be known. So does one whose statement
    depends on rows, or is guarded by EXCEPTION: with it and without it, the database is as it should be. What text
    from rows may have made is on every database that ran it, if at all: of that, nothing says that it may be absent.
    """
    return sorted(set(_uncompared(comparison)))


def _uncompared(comparison: Comparison) -> Iterator[Subject]:
    for schema in (comparison.expected, comparison.actual):
        for subject in schema.opaque.keys() - schema.unapplied - comparison.left_out.keys():
            if subject.kind in _HOLDERS or subject not in comparison.actual.objects:
                yield subject
    expected, actual = comparison.expected, comparison.actual
    for subject, doubt in expected.doubts.items():
        is_absent = subject in expected.objects and subject not in actual.objects
        if doubt.by_text and (doubt.others or is_absent) and subject not in comparison.left_out:
            yield subject


def accepted_as_uncompared(
    comparison: Comparison, accepted: Collection[AcceptedDrift], today: date
) -> frozenset[Subject]:
    """Those of `uncompared` that the settings accept as ``opaque:SUBJECT``. The last day still counts."""
    keys = {drift.key for drift in accepted if today <= drift.until}
    return frozenset(each for each in uncompared(comparison) if f"{OPAQUE}{each}" in keys)


def not_compared(comparison: Comparison, accepted: Collection[AcceptedDrift], today: date) -> Unavailable | None:
    """Why the check cannot pass; None where every object is compared, or accepted."""
    accepted_ones = accepted_as_uncompared(comparison, accepted, today)
    left = [each for each in uncompared(comparison) if each not in accepted_ones]
    if not left:
        return None
    reasons = {**comparison.expected.doubts, **comparison.actual.opaque, **comparison.expected.opaque}
    named = "; ".join(f"{subject}: {reasons[subject]}" for subject in left[:_MOST_NAMED])
    more = f"; and {len(left) - _MOST_NAMED} more" if len(left) > _MOST_NAMED else ""
    because = f"these objects could not be compared: {named}{more}"
    return Unavailable(f'{because}. Check them by hand, then accept each with key = "{OPAQUE}{left[0]}".', lasting=True)
