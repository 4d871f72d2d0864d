"""Is the schema the one that the applied migrations make?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..diagnose.uncompared import not_compared
from ..model.diagnosis import Comparison, Diagnosis, MigrationStanding
from ..model.difference import Change, Difference
from ..model.facts import Facts
from ..model.finding import Finding, Severity, Step
from ..model.knowledge import Unavailable, known
from ..model.phrases import listed
from ..model.schema import Index, Kind, Subject
from ..postgres.conversions import Live
from ..postgres.duplicates import of_index
from ..remedies import commands
from ..remedies.context import is_blocking
from ..remedies.recorded_early import of_recorded_early
from .edited import with_edits
from .schema_severity import severity

_NEW_MIGRATION = "Put this into a new migration (npx prisma migrate dev --create-only) and release it."


def judge_schema(facts: Facts, diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    """Yield what differs, one finding a change, what the server calls invalid, and why the rest is not known."""
    truth = known(diagnosis)
    comparison = known(truth.schema)
    yield from _of_unknown_names(comparison)
    broken, database = _invalid_indexes(comparison), known(facts.database)
    live = Live.of(database.catalog, database.schema, database.server_version)
    in_the_way = _in_the_way(truth.migrations)
    by_name = {standing.name: standing for standing in truth.migrations}
    blocking = [standing.name for standing in truth.migrations if is_blocking(standing) or standing.conflicts]
    for subject in broken:
        told = _index_invalid(subject, comparison, database.schema)
        yield replace(told, remedy=commands.framed(facts.target.remedy, told.remedy))
    for difference in comparison.differences:
        # An index that is both broken and nobody's is told once.
        is_told = difference.subject in broken and difference.change is Change.UNEXPECTED
        attributes = set(difference.attributes) - ({"valid"} if difference.subject in broken else set())
        if is_told or (difference.change is Change.CHANGED and not attributes):
            continue
        told = _not_validated(difference) if attributes == {"validated"} else _differs(difference)
        recorded_early = comparison.recorded_early.get(difference.subject)
        if not recorded_early:
            told = with_edits(told, difference, truth.edits.get(difference.subject, ()), truth.migrations)
        blocked = next((in_the_way[each] for each in _objects(difference) if each in in_the_way), None)
        if blocked is not None:
            # A migration of its own would come too late: the one that it stops is deployed first.
            told = replace(told, remedy=(Step(f"Fix deploy-will-fail of {blocked}: this is in its way."),))
        elif difference.corrective and not recorded_early:
            told = replace(told, remedy=_once_deployable(told.remedy, blocking))
        elif recorded_early:
            told = of_recorded_early(told, (by_name[name] for name in recorded_early), live)
            told = replace(told, remedy=commands.framed(facts.target.remedy, told.remedy))
        yield told
    unknown = not_compared(comparison, facts.target.accepted, facts.started_at.date())
    if unknown is not None:
        yield unknown


def _of_unknown_names(comparison: Comparison) -> Iterator[Unavailable]:
    """What statements that cannot be parsed may have made, and is not there: nobody knows whether it should be."""
    said = set(comparison.expected.opaque.values())
    for _, because in comparison.expected.mentioned:
        if because not in said:
            yield Unavailable(because, lasting=True)


def _in_the_way(migrations: Iterable[MigrationStanding]) -> dict[Subject, str]:
    """The objects that make a migration fail, by the first that they do."""
    met = [(conflict.found_as, standing.name) for standing in migrations for conflict in standing.conflicts]
    return dict(reversed(met))


def _objects(difference: Difference) -> Iterator[Subject]:
    yield from (each for each in (difference.subject, difference.found_as, *difference.folded) if each is not None)


def _invalid_indexes(comparison: Comparison) -> list[Subject]:
    """The indexes that a failed CREATE INDEX CONCURRENTLY left behind: never used, and in the way of their name."""
    objects = comparison.actual.objects.items()
    return sorted(subject for subject, found in objects if isinstance(found, Index) and not found.valid)


def _index_invalid(subject: Subject, comparison: Comparison, schema: str) -> Finding:
    index = comparison.actual.objects[subject]
    unique = isinstance(index, Index) and index.unique
    name = _quoted(subject)
    remedy: list[Step] = []
    if subject in comparison.expected.objects:
        if isinstance(index, Index) and index.unique:
            remedy += _without_duplicates(index, schema)
        text, sql = "Build it again: nothing else is blocked meanwhile.", f"REINDEX INDEX CONCURRENTLY {name};"
    else:
        text, sql = "Drop it before the migration that makes it is run again.", f"DROP INDEX CONCURRENTLY {name};"
    remedy.append(Step(text, commands.psql([sql], schema)))
    effect = "it guarantees no uniqueness" if unique else "no query uses it"
    return Finding(
        "index-invalid",
        str(subject),
        Severity.CRITICAL if unique else Severity.WARNING,
        f"{subject} is invalid: its CREATE INDEX CONCURRENTLY failed, so {effect}, and every write pays for it.",
        expected="valid",
        actual="invalid",
        remedy=tuple(remedy),
    )


def _without_duplicates(index: Index, schema: str) -> Iterator[Step]:
    """What a unique index most likely failed at, and would fail at again."""
    query = commands.psql([of_index(index)], schema)
    yield Step("Find the rows that have the same values: while there are any, the index cannot be built.", query)
    yield Step("Change or remove these rows, if there are any.")


def _not_validated(difference: Difference) -> Finding:
    return Finding(
        "constraint-not-valid",
        str(difference.subject),
        Severity.WARNING,
        f"{difference.subject} is not validated, although the migrations validate it: older rows may break it.",
        expected="validated",
        actual="not valid",
        remedy=_remedy(difference),
    )


def _differs(difference: Difference) -> Finding:
    return Finding(
        f"schema-{difference.change}",
        str(difference.subject),
        severity(difference),
        _summary(difference),
        expected=difference.expected,
        actual=difference.actual,
        remedy=_remedy(difference),
        evidence={
            "attributes": list(difference.attributes),
            "found_as": None if difference.found_as is None else str(difference.found_as),
            "folded": [str(subject) for subject in difference.folded],
        },
    )


def _summary(difference: Difference) -> str:
    subject = difference.subject
    if difference.found_as is not None:
        there = "bears another name" if difference.attributes == ("name",) else "is something else"
        return f"{subject} {there} in production: {difference.found_as}."
    match difference.change:
        case Change.MISSING:
            return f"{subject} is missing in production: the applied migrations make it ({difference.expected})."
        case Change.UNEXPECTED:
            return f"{subject} is in production, and no applied migration makes it ({difference.actual})."
        case Change.CHANGED:
            return (
                f"{subject} is {difference.actual} in production; the applied migrations make it {difference.expected}."
            )


def _once_deployable(steps: Sequence[Step], blocking: Sequence[str]) -> tuple[Step, ...]:
    """Give the steps of a new migration, which no deploy reaches before what is *blocking* is fixed."""
    if not blocking:
        return tuple(steps)
    first, *more = steps
    text = f"Once {listed(blocking)} is fixed, since a deploy would stop there: {first.text[0].lower()}{first.text[1:]}"
    return replace(first, text=text), *more


def _remedy(difference: Difference) -> tuple[Step, ...]:
    if difference.corrective:
        return (Step(_NEW_MIGRATION, "\n".join(difference.corrective)), *_concurrently(difference))
    if difference.change is Change.UNEXPECTED:
        return (
            Step(
                "If it belongs there, write a migration that makes it and record that as applied; if it is known and "
                "is to stay, accept it in the settings (monitor.py baseline writes the lines)."
            ),
        )
    return (Step("Mend it with a new migration, written by hand: every short way could lose data."),)


def _concurrently(difference: Difference) -> Iterator[Step]:
    if not difference.concurrently:
        return
    check, make = difference.concurrently
    yield Step(
        "Or, if the table is big (that blocks its writes while the index is built): put this into a new migration,",
        check,
        choice=True,
    )
    yield Step(
        "and this alone into the next one. Deploy both from exactly one runner. If the second fails, drop the INVALID "
        "index that it left before you deploy again.",
        make,
        choice=True,
    )


def _quoted(subject: Subject) -> str:
    assert subject.kind is Kind.INDEX  # noqa: S101  # only indexes are called invalid
    return ".".join('"' + part.replace('"', '""') + '"' for part in subject.name)
