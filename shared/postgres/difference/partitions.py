"""Partitions that no migration makes, of tables that migrations make: made as time goes, and none is unexpected.

What such a partition has, and its parent has not, is a difference of the parent: one, however many partitions have it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from ...model.difference import Change, Difference
from ...model.schema import Column, Kind, Place, Schema, Statistics, Subject, Table
from ...model.value import dataclass, replace
from ..canonical import Server
from . import words
from .comparing import compared

ATTRIBUTE = "partitions"
# Rows come through the parent, whose defaults count; and before 17 no partition has its parent's identity.
_OF_COLUMNS = frozenset({"type", "nullable", "collation", "generated"})
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Partitions:
    """*objects* are those of the partitions; *differing* is by table what differs from it, in words, by partition."""

    objects: Set[Subject]
    differing: Mapping[Subject, Mapping[Subject, Sequence[str]]]

    def said_with(self, found: Iterable[Difference], expected: Schema, actual: Schema) -> Iterator[Difference]:
        """Give the differences *found*, with those of the partitions: in that of their table, where it has one."""
        left = dict(self.differing)
        for each in found:
            differing = left.pop(each.subject, None)
            if differing is None or each.change is not Change.CHANGED:
                yield each
            else:
                actually = _described(each.actual, differing)
                yield replace(each, actual=actually, attributes=(*each.attributes, ATTRIBUTE))
        for table, differing in left.items():
            wanted, there = expected.objects[table], actual.objects.get(table)
            as_it_is = words.described(table, wanted)
            actually = _described(as_it_is, differing)
            yield Difference(Change.CHANGED, table, wanted, there, as_it_is, actually, (ATTRIBUTE,))


NO_PARTITIONS = Partitions(frozenset(), {})


def partitions_of_others(expected: Schema, actual: Schema, unexpected: Set[Subject], server: Server) -> Partitions:
    """Look through what is *unexpected* in *actual*, a schema in the release's names."""
    parents = dict(_parents(expected, actual, unexpected))
    objects: dict[Subject, Subject] = {}
    differing: dict[Subject, dict[Subject, list[str]]] = defaultdict(lambda: defaultdict(list))
    if parents:
        objects = {each: table for each in unexpected if (table := actual.table_of(each)) in parents}
    for subject, partition in sorted(objects.items()):
        parent = parents[partition]
        for said in _said(subject, parent, actual, server):
            differing[parent][partition].append(said)
    return Partitions(objects.keys(), differing)


def _described(table: str, differing: Mapping[Subject, Sequence[str]]) -> str:
    """*table* in words, with what its partitions have that it has not."""
    named = [f"{'.'.join(each.name)} ({', '.join(said)})" for each, said in list(differing.items())[:_MOST_NAMED]]
    more = f" and {len(differing) - len(named)} more" if len(differing) > len(named) else ""
    return f"{table}, with partitions that differ from it: {', '.join(named)}{more}"


def _parents(expected: Schema, actual: Schema, unexpected: Iterable[Subject]) -> Iterator[tuple[Subject, Subject]]:
    """Each partition with the table of the release that it divides, if only by way of other partitions."""
    for subject in unexpected:
        parent, seen = _parent(actual, subject), {subject}
        while parent is not None and parent not in expected.objects and parent not in seen:
            seen.add(parent)
            parent = _parent(actual, parent)
        if parent is not None and parent in expected.objects:
            yield subject, parent


def _parent(schema: Schema, subject: Subject) -> Subject | None:
    return getattr(schema.objects.get(subject), "partition_of", None)


def _said(subject: Subject, parent: Subject, actual: Schema, server: Server) -> Iterator[str]:
    """What of *subject*, a part of a partition, differs from *parent* as the server has it."""
    match actual.objects[subject]:
        case Table(unlogged=unlogged):
            if unlogged != getattr(actual.objects.get(parent), "unlogged", unlogged):
                yield "unlogged" if unlogged else "logged"
        case Column() as column:
            name = subject.name[-1]
            of_parent = actual.objects.get(Subject(Kind.COLUMN, (*parent.name, name)))
            differs = () if of_parent is None else compared(of_parent, column, server).differs
            yield from (f"{each} of column {name}" for each in differs if each in _OF_COLUMNS)
        case Statistics():
            pass  # Like the parameters of a partition, they decide on time alone.
        case _ if _parent(actual, subject) is None:
            yield f"{subject.kind}" if subject.kind.place is Place.WHOLE_TABLE else f"{subject.kind} {subject.name[-1]}"
