"""Does ``schema.prisma`` need what no migration makes? Prisma lowers it to SQL, which a release carries as a file."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from ..model.diagnosis import Comparison
from ..model.facts import Facts
from ..model.knowledge import NotKnownError, Unavailable
from ..model.question import NO_ANSWERS, Answer, Answers, Question
from ..model.release import Release
from ..model.schema import Schema, Subject
from ..model.value import replace
from ..postgres.difference import compare
from ..postgres.unknown_names import with_unknown_names
from ..prisma.lowering import compared_by_prisma
from ..prisma.release import mistakes_of_schema
from .made import NOTHING, made_by, scripts_of
from .schema_file import schema_of_file
from .scripts import UnparsedScript, hashable


def prisma_schema(facts: Facts, release: Release, schema: str) -> Comparison | Unavailable | None:
    """Compare what ``schema.prisma`` is lowered to (expected) with what all migrations of *release* make (actual).

    Both in Prisma's view. *schema* is what unqualified names mean. None where the release does not carry the file, or
    no schema is to be compared.
    """
    return schema_of_prisma(release, schema, facts.unread, facts.answers) if facts.target.compare_schema else None


def schema_of_prisma(
    release: Release, schema: str, not_read: Mapping[str, str] = NOTHING, answers: Answers = NO_ANSWERS
) -> Comparison | Unavailable | None:
    """As `prisma_schema`; *not_read* and *answers* are as in the facts."""
    if release.schema_sql is None:
        why = mistakes_of_schema(release.mistakes)
        return Unavailable(why[0], lasting=True) if why else None
    return _compared(release.schema_sql, scripts_of(release, not_read), schema, hashable(answers))


# A release stays the same for many runs, and a run may diagnose twice.
@lru_cache(maxsize=4)
def _compared(
    schema_sql: bytes, scripts: tuple[UnparsedScript, ...], schema: str, answers: tuple[tuple[Question, Answer], ...]
) -> Comparison | Unavailable:
    lowered = schema_of_file(schema_sql, schema)
    if isinstance(lowered, Unavailable):
        return lowered
    try:
        made = with_unknown_names(made_by(scripts, schema, dict(answers)), lowered.objects)
    except NotKnownError as error:
        return error.unavailable
    seen, actual = compared_by_prisma(lowered.objects, made.objects, schema)
    expected, there = replace(lowered, objects=seen), replace(made, objects=actual)
    return Comparison(expected, there, compare(expected, there).differences)


def not_compared_with_prisma(comparison: Comparison) -> dict[Subject, str]:
    """What ``schema.prisma`` needs and may or may not be made, by the opaque object that hides it, and why."""
    made = comparison.actual
    hidden = (each for subject in comparison.expected.objects for each in _hiding(subject, made))
    return {subject: made.opaque[subject] for subject in sorted(set(hidden))}


def _hiding(subject: Subject, made: Schema) -> Iterator[Subject]:
    if subject in made.opaque and subject not in made.objects:
        yield subject
    yield from (each for each in made.parents(subject) if each in made.opaque)
