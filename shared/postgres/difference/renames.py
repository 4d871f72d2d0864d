"""Objects that have only another name: found by equal meaning and reported once, whatever else names them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ...model.schema import (
    CONSTRAINTS,
    INDEXED_CONSTRAINTS,
    NAMED_AS_RELATIONS,
    ON_A_TABLE,
    OPERATOR_GROUPS,
    RELATIONS,
    ROUTINES,
    TEXT_SEARCH,
    TYPES,
    Column,
    Index,
    Kind,
    Place,
    Schema,
    Subject,
)
from ..canonical import split_method
from .comparing import differing, server_of, signatures_agree
from .folding import OPERATOR_LINKS
from .rewriting import Renaming, renamed

# Nobody but PostgreSQL goes by their names: another name is worth a word, not an alarm.
UNNAMED_BY_APPLICATIONS = frozenset({*CONSTRAINTS, *ON_A_TABLE, Kind.INDEX, Kind.SEQUENCE, Kind.STATISTICS})
# In whose names types stand.
_WITH_TYPES = (*ROUTINES, Kind.CAST, Kind.OPERATOR)
# In this order: once a table is known by its old name, so are its columns, and then what is made of them.
_ROUNDS: tuple[frozenset[Kind], ...] = (
    frozenset({Kind.SCHEMA}),
    frozenset(
        {*TYPES, *ROUTINES, Kind.COLLATION, Kind.FOREIGN_TABLE, Kind.OPERATOR, Kind.OPERATOR_FAMILY, *TEXT_SEARCH}
    ),
    frozenset({Kind.OPERATOR_CLASS}),
    frozenset(RELATIONS),
    frozenset({Kind.COLUMN}),
    frozenset(UNNAMED_BY_APPLICATIONS),
    frozenset({Kind.PUBLICATION, Kind.SUBSCRIPTION, Kind.EVENT_TRIGGER}),
)
# Beyond so many comparisons in one place the two have nothing to do with each other.
_MOST_COMPARISONS = 100_000


def find_renames(expected: Schema, actual: Schema) -> tuple[Renaming, Schema]:
    """Every object of *actual* that is one of *expected* by another name, and *actual* in the names of *expected*."""
    found: Renaming = {}
    if expected.objects.keys() == actual.objects.keys():
        return found, actual
    if aliases := {**dict(_spelt_otherwise(expected, actual)), **dict(named_by_other_version(expected, actual))}:
        actual = renamed(actual, aliases)
    for kinds in _ROUNDS:
        pairs = dict(_pairs(expected, actual, kinds))
        if pairs:
            found.update(pairs)
            actual = renamed(actual, pairs)
    return found, actual


def _spelt_otherwise(expected: Schema, actual: Schema) -> Iterator[tuple[Subject, Subject]]:
    """The same routine or cast, an extension's type bare in the release's words and qualified in the server's."""
    missing = _by_place(_WITH_TYPES, (each for each in expected.objects if each not in actual.objects))
    for theirs in actual.objects:
        if theirs.kind in _WITH_TYPES and theirs not in expected.objects:
            for ours in missing.get((theirs.kind, ()), ()):
                if ours.name[:-1] == theirs.name[:-1] and signatures_agree(ours.name[-1], theirs.name[-1]):
                    yield theirs, ours


def named_by_other_version(expected: Schema, actual: Schema) -> Iterator[tuple[Subject, Subject]]:
    """The same unnamed index over EXTRACT: ``t_date_part_idx`` if PostgreSQL 13 made it, ``t_extract_idx`` since 14.

    A server that was upgraded keeps the name.
    """
    missing = {
        _as_13_names(subject): subject
        for subject in expected.objects
        if subject.kind is Kind.INDEX and "extract" in subject.name[-1] and subject not in actual.objects
    }
    if not missing:
        return
    server = server_of(actual)
    for theirs, definition in actual.objects.items():
        ours = missing.get(theirs) if theirs not in expected.objects else None
        if ours is None or not isinstance(definition, Index):
            continue
        calls = any(key.expression is not None and "date_part" in str(key.expression) for key in definition.keys)
        if calls and not differing(expected.objects[ours], definition, server):
            yield theirs, ours


def _as_13_names(subject: Subject) -> Subject:
    return Subject(subject.kind, (*subject.name[:-1], subject.name[-1].replace("extract", "date_part")))


def _pairs(expected: Schema, actual: Schema, kinds: frozenset[Kind]) -> Iterator[tuple[Subject, Subject]]:
    """Of each kind and place, what is missing and what is unexpected, where there is one of each that agree."""
    missing = _by_place(kinds, (each for each in expected.objects if each not in actual.objects))
    unexpected = _by_place(kinds, (each for each in actual.objects if each not in expected.objects))
    inside = {id(expected): _insides(expected), id(actual): _insides(actual)} if unexpected else {}
    server = server_of(actual)
    for place, candidates in unexpected.items():
        wanted = missing.get(place, [])
        if len(wanted) * len(candidates) > _MOST_COMPARISONS:
            continue

        def agree(ours: Subject, theirs: Subject) -> bool:
            return (
                inside[id(expected)].get(ours) == inside[id(actual)].get(theirs)
                and _same_signature(ours, theirs)
                and set(differing(expected.objects[ours], actual.objects[theirs], server)) <= _links(ours)
            )

        for theirs in candidates:
            ours = [each for each in wanted if agree(each, theirs)]
            if len(ours) == 1 and sum(agree(ours[0], each) for each in candidates) == 1:
                yield theirs, ours[0]


def _by_place(kinds: Collection[Kind], subjects: Iterable[Subject]) -> dict[tuple[Any, ...], list[Subject]]:
    """Parts of a relation are sought within it, types, relations and statistics everywhere (SET SCHEMA)."""
    places: dict[tuple[Any, ...], list[Subject]] = defaultdict(list)
    for subject in subjects:
        if subject.kind in kinds:
            stays = subject.kind in UNNAMED_BY_APPLICATIONS - {Kind.STATISTICS}
            place = subject.name[:-1] if subject.kind.is_in_relation or stays else ()
            places[subject.kind, place].append(subject)
    return places


def _links(subject: Subject) -> frozenset[str]:
    """What names other operators, or the operator itself, which may have moved along: compared afterwards."""
    return OPERATOR_LINKS if subject.kind is Kind.OPERATOR else frozenset()


def _same_signature(ours: Subject, theirs: Subject) -> bool:
    if ours.kind is Kind.OPERATOR:  # nothing renames one
        return signatures_agree(ours.name[-1], theirs.name[-1])
    if ours.kind in OPERATOR_GROUPS:
        return split_method(ours.name[-1])[1] == split_method(theirs.name[-1])[1]
    if ours.kind not in ROUTINES:
        return True
    return signatures_agree(ours.name[-1].partition("(")[2], theirs.name[-1].partition("(")[2])


def _insides(schema: Schema) -> dict[Subject, set[tuple[str, ...]]]:
    """What a relation or a schema has inside, by name and type, without its own name."""
    insides: dict[Subject, set[tuple[str, ...]]] = defaultdict(set)
    relations = {subject.name: subject for subject in schema.objects if subject.kind in RELATIONS}
    for subject, definition in schema.objects.items():
        if isinstance(definition, Column) and subject.name[:2] in relations:
            insides[relations[subject.name[:2]]].add((subject.name[2], definition.type.rpartition(".")[2]))
        if subject.kind.place is not Place.DATABASE:
            insides[Subject(Kind.SCHEMA, subject.name[:1])].add((subject.kind, *subject.name[1:]))
    return insides


def find_replacements(missing: set[Subject], unexpected: set[Subject]) -> Iterator[tuple[Subject, Subject]]:
    """What exists under the same name as something else: a view for a table, a constraint for an index, other types."""
    there: dict[tuple[str, ...], set[Subject]] = defaultdict(set)
    wanted: dict[tuple[str, ...], set[Subject]] = defaultdict(set)
    for subjects, spaces in ((unexpected, there), (missing, wanted)):
        for subject in subjects:
            for space in _spaces(subject):
                spaces[space].add(subject)
    for subject in missing:
        candidates = {found for space in _spaces(subject) for found in there.get(space, ())}
        if len(candidates) == 1 and all(len(wanted[space]) == 1 for space in _spaces(subject)):
            yield subject, candidates.pop()


def _spaces(subject: Subject) -> Iterator[tuple[str, ...]]:
    """Where its name is its alone."""
    if subject.kind in NAMED_AS_RELATIONS:
        yield "relation", *subject.name
    if subject.kind in INDEXED_CONSTRAINTS and subject.kind.place is Place.RELATION:  # their indexes bear their names
        yield "relation", subject.name[0], subject.name[2]
    if subject.kind in CONSTRAINTS and subject.kind.place is Place.RELATION:
        yield "constraint", *subject.name
    if subject.kind in TYPES:
        yield "type", *subject.name
    if subject.kind in ROUTINES:
        yield "routine", subject.name[0], subject.name[1].partition("(")[0]
