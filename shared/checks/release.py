"""Does ``schema.prisma`` need what no migration of the release makes?"""

from collections.abc import Iterator, Mapping

from ..diagnose.prisma_schema import not_compared_with_prisma
from ..model.diagnosis import Diagnosis
from ..model.difference import Change, Difference
from ..model.facts import Facts
from ..model.finding import Finding, Severity, Step
from ..model.knowledge import Unavailable, known
from ..model.schema import Subject
from ..model.settings import OPAQUE
from ..prisma.release import OPTIONS_OF_DIFF_FROM, mistakes_of_schema, to_schema_option
from .schema_severity import severity

_MOST_NAMED = 3


def carries_schema(facts: Facts) -> bool:
    """Say whether the release has what its ``schema.prisma`` is lowered to, be it in a file that cannot be read."""
    release = facts.release
    return not isinstance(release, Unavailable) and (
        release.schema_sql is not None or bool(mistakes_of_schema(release.mistakes))
    )


def check_release(facts: Facts, diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    """Yield each difference of ``schema.prisma`` and the migrations, and why the rest is unknown."""
    comparison = known(diagnosis).prisma_schema
    if comparison is None:
        return
    comparison = known(comparison)
    remedy = _Remedy(facts)
    for difference in comparison.differences:
        yield _finding(difference, remedy.of(difference), is_before=facts.phase == "before")
    today = facts.started_at.date()
    accepted = {each.key for each in facts.target.accepted if today <= each.until}
    hidden = not_compared_with_prisma(comparison)
    left = {subject: why for subject, why in hidden.items() if f"{OPAQUE}{subject}" not in accepted}
    if left:
        yield _not_compared(left)


def _finding(difference: Difference, remedy: tuple[Step, ...], *, is_before: bool) -> Finding:
    return Finding(
        "schema-prisma-ahead",
        str(difference.subject),
        _severity(difference, is_before=is_before),
        summary_of(difference),
        expected=difference.expected,
        actual=difference.actual,
        remedy=remedy,
        evidence={
            "change": difference.change.value,
            "attributes": list(difference.attributes),
            "found_as": None if difference.found_as is None else str(difference.found_as),
            "folded": [str(subject) for subject in difference.folded],
        },
    )


def _severity(difference: Difference, *, is_before: bool) -> Severity:
    """Critical is what the code to be deployed cannot do without. Names of indexes and keys are in no query."""
    own = severity(difference)
    if own is Severity.CRITICAL and not is_before:
        return Severity.WARNING
    return own


def summary_of(difference: Difference) -> str:
    """One sentence on what ``schema.prisma`` has and the migrations have not, or the other way round."""
    subject = difference.subject
    if difference.found_as is not None:
        return f"schema.prisma has {subject}; the migrations create {difference.found_as} in its place."
    match difference.change:
        case Change.MISSING:
            return f"schema.prisma needs {_described(subject, difference.expected)}, and no migration creates it."
        case Change.UNEXPECTED:
            return (
                f"The migrations create {_described(subject, difference.actual)}, and schema.prisma does not have it."
            )
        case Change.CHANGED:
            return (
                f"schema.prisma needs {subject} as {difference.expected}; the migrations make it {difference.actual}."
            )


def _described(subject: Subject, what: str) -> str:
    return str(subject) if what == subject.kind else f"{subject} ({what})"


class _Remedy:
    """How the missing migration is written: by Prisma, and never against production."""

    def __init__(self, facts: Facts) -> None:
        version = OPTIONS_OF_DIFF_FROM if facts.target.prisma is None else facts.target.prisma.major
        is_old = version < OPTIONS_OF_DIFF_FROM
        shadow = ' --shadow-database-url "$SHADOW_DATABASE_URL"' if is_old else ""
        self._steps = (
            Step(
                "Write the missing migration in a checkout of the release, with DATABASE_URL of a development database "
                "and never of production. Then release it.",
                "npx prisma migrate dev --create-only --name match_schema_prisma",
            ),
            Step(
                "Or print the SQL of the missing migration: Prisma replays the migrations in an empty shadow database.",
                "npx prisma migrate diff --from-migrations prisma/migrations "
                f"{to_schema_option(version)} prisma/schema.prisma{shadow} --script",
                choice=True,
            ),
        )

    def of(self, difference: Difference) -> tuple[Step, ...]:
        if difference.change is not Change.UNEXPECTED:
            return self._steps
        kept = Step(
            f"Or, if {difference.subject} is meant to be in migrations alone, accept this finding in the settings, and "
            "read each migration that Prisma writes: it will drop the object.",
            choice=True,
        )
        return (*self._steps, kept)


def _not_compared(hidden: Mapping[Subject, str]) -> Unavailable:
    named = "; ".join(f"{subject}: {why}" for subject, why in list(hidden.items())[:_MOST_NAMED])
    more = f"; and {len(hidden) - _MOST_NAMED} more" if len(hidden) > _MOST_NAMED else ""
    because = f"these objects of the migrations could not be compared with schema.prisma: {named}{more}"
    key = f"{OPAQUE}{next(iter(hidden))}"
    return Unavailable(f'{because}. Check them by hand, then accept each with key = "{key}".', lasting=True)
