"""Indexes and foreign keys that Prisma takes for the same: it finds them by what they are, and not by their names."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping

from ...model.schema import Column, Definition, ForeignKey, Index, Kind, Subject

Objects = Mapping[Subject, Definition]
_Groups = dict[Hashable, list[Subject]]


def without_same(expected: Objects, actual: Objects) -> tuple[Objects, Objects]:
    """Both without the indexes and foreign keys that Prisma finds again on the other side.

    One that has another name there stays on both sides, where Prisma would rename it.
    """
    ours, theirs = _groups(expected), _groups(actual)
    same = {subject for key in ours.keys() & theirs.keys() for subject in _paired(ours[key], theirs[key], expected)}
    return (
        {subject: each for subject, each in expected.items() if subject not in same},
        {subject: each for subject, each in actual.items() if subject not in same},
    )


def _groups(objects: Objects) -> _Groups:
    groups: _Groups = defaultdict(list)
    for subject, definition in objects.items():
        if isinstance(definition, Index):
            groups[definition].append(subject)
        elif isinstance(definition, ForeignKey):
            groups[subject.relation, definition].append(subject)
    return groups


def _paired(ours: list[Subject], theirs: list[Subject], expected: Objects) -> Iterator[Subject]:
    """Those of both sides that are the same; of several with one meaning Prisma renames none."""
    is_renamed = len(theirs) == 1 and theirs[0] not in ours and not _joins(theirs[0], expected)
    if not is_renamed:
        yield from (*ours, *theirs)


def _joins(subject: Subject, objects: Objects) -> bool:
    """Say whether it is a foreign key of the table of an implicit relation of many to many: columns A and B."""
    if subject.kind is not Kind.FOREIGN_KEY:
        return False
    table = subject.relation
    columns = {each.name[2] for each, found in objects.items() if isinstance(found, Column) and each.relation == table}
    return columns == {"A", "B"}
