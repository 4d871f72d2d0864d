"""What was compared of the schema, and what could not be."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date

from ..model.diagnosis import Comparison, Diagnosis, UnknownTable
from ..model.digest import digest
from ..model.knowledge import Unavailable
from ..model.not_compared import NOT_COMPARED, OTHER_PRIVILEGES, PRISMA_SCHEMA, PRIVILEGES
from ..model.plan import Plan
from ..model.privileges import RightsComparison
from ..model.report import Coverage
from ..model.schema import Routine, Rule, Subject, View
from ..model.settings import OPAQUE, AcceptedDrift, Elsewhere
from ..prisma.contract import CONTRACT_SCHEMA
from .left_out import counted
from .prisma_schema import not_compared_with_prisma
from .uncompared import accepted_as_uncompared, uncompared

_OF_DEPLOYMENT = "deploy-"
_WithBody = View | Routine | Rule
_OF_NO_TEXT = digest("", 64)
_PRISMA_8 = f"what Prisma 8 keeps in the schema {CONTRACT_SCHEMA}"


def coverage(
    diagnosis: Diagnosis | Unavailable,
    accepted: Set[str],
    drift: Collection[AcceptedDrift],
    today: date,
    elsewhere: Sequence[Elsewhere] = (),
    *,
    unknown: Sequence[str] = (),
) -> Coverage | None:
    """Count what was compared, by kind; None where nothing could be.

    *accepted* are the keys of the findings that the settings accept; *drift* may accept that an object cannot be
    compared, too. *elsewhere* are the patterns of what belongs to something else, *unknown* what else is not known.
    """
    if isinstance(diagnosis, Unavailable) or isinstance(diagnosis.schema, Unavailable):
        return None
    comparison = diagnosis.schema
    expected, actual = comparison.expected, comparison.actual
    opaque = {subject: because for schema in (expected, actual) for subject, because in schema.opaque.items()}
    in_part = {**comparison.unsure, **_known_in_part(comparison)}
    compared = (expected.objects.keys() | actual.objects.keys()) - opaque.keys()
    kinds = Counter(subject.kind for subject in compared)
    accepted_subjects = accepted_as_uncompared(comparison, drift, today)
    return Coverage(
        objects=len(compared),
        kinds={kind.value: count for kind, count in sorted(kinds.items())},
        opaque={
            str(subject): because
            for subject, because in sorted({**in_part, **opaque}.items())
            if subject not in comparison.left_out
        },
        accepted=len(accepted) + len(accepted_subjects) + _accepted_predictions(diagnosis),
        not_compared=(
            *_not_compared(diagnosis),
            *([_PRISMA_8] if diagnosis.holds_prisma_8 else []),
            *diagnosis.wrong_files,
            *([] if diagnosis.unlogged is None else [f"who changed the schema ({diagnosis.unlogged})"]),
            *unknown,
            *(_unknown(table) for table in diagnosis.unknown_tables if table.endpoints),
        ),
        uncompared=tuple(str(subject) for subject in uncompared(comparison) if subject not in accepted_subjects),
        expired={each.key: each.until.isoformat() for each in drift if each.until < today},
        elsewhere=tuple(counted(comparison, elsewhere)),
        unmatched=tuple(_unmatched(drift, accepted | _matched_as_opaque(diagnosis, accepted_subjects), today)),
    )


def _not_compared(diagnosis: Diagnosis) -> Iterator[str]:
    for each in NOT_COMPARED:
        if each == PRIVILEGES and isinstance(diagnosis.rights, RightsComparison):
            yield OTHER_PRIVILEGES
        elif each != PRISMA_SCHEMA or not isinstance(diagnosis.prisma_schema, Comparison):
            yield each


def _matched_as_opaque(diagnosis: Diagnosis, subjects: Iterable[Subject]) -> Set[str]:
    """Keys that accept that an object cannot be compared: with the database, or with ``schema.prisma``."""
    lowered = diagnosis.prisma_schema
    hidden = not_compared_with_prisma(lowered) if isinstance(lowered, Comparison) else {}
    return {f"{OPAQUE}{subject}" for subject in (*subjects, *hidden)}


def _unmatched(drift: Collection[AcceptedDrift], matched: Set[str], today: date) -> Iterator[str]:
    """The keys that accept nothing: the difference is gone, or the key is misspelled.

    What a deployment is predicted to do is found only while something is to be deployed.
    """
    for each in drift:
        if today <= each.until and each.key not in matched and not each.key.startswith(_OF_DEPLOYMENT):
            yield each.key


def _accepted_predictions(diagnosis: Diagnosis) -> int:
    """How many predictions of the next deployment the authors of its migrations accept."""
    plan = diagnosis.plan
    return sum(len(each.accepted) for each in plan.statements) if isinstance(plan, Plan) else 0


def _unknown(table: UnknownTable) -> str:
    of = f"endpoint{'s' if len(table.endpoints) > 1 else ''} {', '.join(table.endpoints)}"
    meant = f"; did you mean {table.meant}?" if table.meant else ""
    return f"the table {table.name} of {of} (no migration creates it{meant})"


def _known_in_part(comparison: Comparison) -> Mapping[Subject, str]:
    """What of single objects is not known: by the migrations, or since a body has no canonical form."""
    expected, actual = comparison.expected, comparison.actual
    found = {
        subject: "its body is beyond what can be compared (not compared: body)"
        for subject, definition in expected.objects.items()
        if isinstance(definition, _WithBody)
        and isinstance(other := actual.objects.get(subject), _WithBody)
        and _is_beyond(definition, other)
    }
    return {**found, **{subject: str(doubt) for subject, doubt in expected.doubts.items()}}


def _is_beyond(expected: _WithBody, actual: _WithBody) -> bool:
    """Say whether bodies cannot be compared. Those of routines that are text are compared by their digests."""
    if any(isinstance(each, Routine) and each.body_digest != _OF_NO_TEXT for each in (expected, actual)):
        return False
    return expected.body is None or actual.body is None
