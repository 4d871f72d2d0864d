"""One change, one finding: the consequences of a change are reported with it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from ...model.schema import (
    CONSTRAINTS,
    TYPES,
    ClusterMark,
    Column,
    CompositeType,
    Definition,
    FamilyMember,
    ForeignTable,
    Index,
    Kind,
    Operator,
    OperatorClass,
    OperatorFamily,
    Publication,
    ReplicaIdentity,
    Schema,
    Sequence,
    Subject,
)
from ...model.value import dataclass
from ..canonical import names_agree, operator_name, spelled

Changed = Mapping[Subject, tuple[str, ...]]
# What is missing, by the words of its name.
_Gone = Iterable[tuple[str, Subject]]
_Members = tuple[FamilyMember, ...] | None

# What an operator has by the statement that makes or drops another one, too.
OPERATOR_LINKS = frozenset({"commutator", "negator"})
_KEYS = frozenset({*CONSTRAINTS, Kind.INDEX, Kind.TRIGGER})
_FAMILY = frozenset({"partition_of", "inherits"})


@dataclass(frozen=True, slots=True)
class Differing:
    """What the two schemas differ in, before it is folded.

    *replacing* is what exists in the place of something missing that has its name, and what that is.
    """

    expected: Schema
    actual: Schema
    missing: frozenset[Subject]
    unexpected: frozenset[Subject]
    changed: Changed
    replacing: Mapping[Subject, Subject]

    def folded(self) -> dict[Subject, Subject]:
        """Each difference that another one explains, and which one that is in the end."""
        reasons = dict(self._reasons())
        return {subject: _last(subject, reasons) for subject in reasons}

    def _reasons(self) -> Iterator[tuple[Subject, Subject]]:
        gone = [(spelled(each.name), each) for each in self.missing if each.kind in (*TYPES, Kind.COLLATION)]
        for subject in self.missing:
            ancestors = (each for each in self._ancestors(self.expected, subject) if each in self.missing)
            others = (self._lost_collations(subject, gone), self._joined_family(subject), self._lost_mark(subject))
            yield from _first(subject, chain(ancestors, *others))
            yield from _first(subject, self._lost_defaults(subject))
        for subject in self.unexpected:
            yield from _first(
                subject,
                (
                    self.replacing.get(each, each)
                    for each in self._ancestors(self.actual, subject)
                    if each in self.unexpected or each in self.replacing
                ),
            )
            yield from _first(subject, self._left_family(subject))
        for subject in self.changed:
            yield from _first(subject, self._changed_with(subject))
            yield from _first(subject, self._lost_parts(subject, gone))

    @staticmethod
    def _ancestors(schema: Schema, subject: Subject) -> Iterator[Subject]:
        """Whatever takes *subject* along when dropped, and what takes those along."""
        seen = {subject}
        waiting = [subject]
        while waiting:
            for parent in schema.parents(waiting.pop(0)):
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
                    yield parent

    def _lost_defaults(self, subject: Subject) -> Iterator[Subject]:
        """A missing sequence is reported with the column that used it and no longer does."""
        if subject.kind is not Kind.SEQUENCE:
            return
        name = json.dumps(spelled(subject.name), ensure_ascii=False)
        for column, attributes in self.changed.items():
            default = getattr(self.expected.objects[column], "default", None)
            if "default" in attributes and default is not None and name in default.meaning:
                yield column

    def _lost_collations(self, subject: Subject, gone: _Gone) -> Iterator[Subject]:
        """DROP COLLATION … CASCADE takes the columns, domains and indexes along that are sorted by it."""
        definition = self.expected.objects[subject]
        keys = definition.keys if isinstance(definition, Index) else (definition,)
        for each in keys:
            yield from _named(gone, getattr(each, "collation", None))

    def _lost_parts(self, subject: Subject, gone: _Gone) -> Iterator[Subject]:
        """DROP TYPE … CASCADE takes the attributes and columns along that are of it, where these are no objects."""
        ours, theirs = _parts(self.expected.objects[subject]), _parts(self.actual.objects[subject])
        if self.changed[subject] not in (("attributes",), ("columns",)) or not ours:
            return
        reasons = [
            reason
            for name, type_, collation in ours
            if name not in {each for each, *_ in theirs}
            for reason in (*_named(gone, type_.removesuffix("[]")), *_named(gone, collation))
        ]
        if reasons and len(ours) == len(theirs) + len(reasons):
            yield reasons[0]

    def _lost_mark(self, subject: Subject) -> Iterator[Subject]:
        """A cluster mark goes with the index, be that made again or not."""
        definition = self.expected.objects[subject]
        if isinstance(definition, ClusterMark) and definition.index in self.changed:
            yield definition.index

    def _joined_family(self, subject: Subject) -> Iterator[Subject]:
        """What a table had itself is its parent's once it is a part of that."""
        if subject.kind in _KEYS:
            for parent in self.expected.parents(subject):
                if parent.kind is Kind.TABLE and _FAMILY & set(self.changed.get(parent, ())):
                    yield parent

    def _left_family(self, subject: Subject) -> Iterator[Subject]:
        """What a table had from its parent becomes its own when it leaves it."""
        if subject.kind in _KEYS:
            for parent in self.actual.parents(subject):
                if parent.kind is Kind.TABLE and _FAMILY & set(self.changed.get(parent, ())):
                    yield parent

    def _changed_with(self, subject: Subject) -> Iterator[Subject]:  # noqa: C901  (one branch a kind)
        definition, attributes = self.expected.objects[subject], self.changed[subject]
        other = self.actual.objects[subject]
        if isinstance(definition, Column):
            for parent in self._ancestors(self.expected, subject):
                if parent.kind is Kind.COLUMN and set(attributes) <= set(self.changed.get(parent, ())):
                    yield parent
            key = Subject(Kind.PRIMARY_KEY, subject.name[:2])
            by_key = isinstance(other, Column) and not other.nullable and attributes == ("nullable",)
            if by_key and (key in self.unexpected or "columns" in self.changed.get(key, ())):
                yield key
        if isinstance(definition, ReplicaIdentity) and isinstance(other, ReplicaIdentity) and other.index is None:
            # The index was dropped, and may have been made again.
            index = definition.index
            if index is not None and (index in self.missing or index in self.changed):
                yield index
        if isinstance(definition, Publication) and isinstance(other, Publication) and attributes == ("tables",):
            # A table that is dropped leaves its publications.
            gone = {each.table for each in definition.tables} - {each.table for each in other.tables}
            kept = tuple(each for each in definition.tables if each.table not in gone)
            if kept == other.tables and gone <= self.missing:
                yield min(gone)
        if isinstance(definition, Operator) and isinstance(other, Operator) and OPERATOR_LINKS.issuperset(attributes):
            yield from self._linked(definition, other)
        if isinstance(definition, OperatorFamily) and isinstance(other, OperatorFamily):
            yield from self._members_with(subject, definition, other)
        if isinstance(definition, Sequence) and definition.owner in self.changed and attributes == ("owner",):
            yield definition.owner  # type: ignore[misc]  # in self.changed, so not None

    def _linked(self, *operators: Operator) -> Iterator[Subject]:
        """Operators that were made, dropped or made again, and that one of *operators* is linked to."""
        links = {each for operator in operators for each in (operator.commutator, operator.negator)}
        made_again = (each for each, attributes in self.changed.items() if not OPERATOR_LINKS.isdisjoint(attributes))
        candidates = sorted({*self.missing, *self.unexpected, *made_again})
        yield from (each for each in candidates if _symbol(each) in links)

    def _members_with(self, subject: Subject, family: OperatorFamily, other: OperatorFamily) -> Iterator[Subject]:
        """What took all members along that the family lacks, and brought all that it has besides."""
        reasons = []
        for ours, theirs in ((family.operators, other.operators), (family.functions, other.functions)):
            for each in (*_beyond(ours, theirs), *_beyond(theirs, ours)):
                is_lost = ours is not None and each in ours
                found = self._why_lost(each) if is_lost else self._brought_by(subject, each)
                if found is None:
                    return
                reasons.append(found)
        yield from reasons[:1]

    def _why_lost(self, member: FamilyMember) -> Subject | None:
        """Members go with their class, with the operator or function, and with a type of it."""
        names = {member.member, member.left.removesuffix("[]"), member.right.removesuffix("[]")}
        gone = (each for each in self.missing if each == member.of_class or not names.isdisjoint(_as_member(each)))
        return min(gone, default=None)

    def _brought_by(self, family: Subject, member: FamilyMember) -> Subject | None:
        for each in sorted(self.unexpected):
            definition = self.actual.objects[each]
            if (
                isinstance(definition, OperatorClass)
                and family in definition.hangs_on
                and definition.type == member.left
            ):
                return each
        return None


def _beyond(some: _Members, others: _Members) -> list[FamilyMember]:
    if some is None or others is None:
        return []
    return [each for each in some if each not in others]


def _as_member(subject: Subject) -> tuple[str, ...]:
    """What a family calls it: an operator or function by its name alone, a type."""
    if subject.kind in TYPES:
        return (spelled(subject.name),)
    symbol = _symbol(subject)
    if symbol is None and subject.kind is Kind.FUNCTION:
        symbol = spelled((subject.name[0], subject.name[1].partition("(")[0]))
    return () if symbol is None else (symbol,)


def _symbol(subject: Subject) -> str | None:
    if subject.kind is not Kind.OPERATOR:
        return None
    return operator_name((subject.name[0], subject.name[1].partition("(")[0]))


def _named(gone: _Gone, name: str | None) -> Iterator[Subject]:
    """Give what is *gone* and has this *name*, with its schema or without."""
    yield from (each for own, each in gone if name is not None and names_agree(name, own))


def _parts(definition: Definition) -> list[tuple[str, str, str | None]]:
    """The attributes of a composite type, or the columns of a foreign table: names, types and collations."""
    if isinstance(definition, CompositeType):
        return [(each.name, each.type, each.collation) for each in definition.attributes]
    if isinstance(definition, ForeignTable):
        return [(each.name, each.column.type, each.column.collation) for each in definition.columns]
    return []


def _first(subject: Subject, reasons: Iterable[Subject]) -> Iterator[tuple[Subject, Subject]]:
    for reason in reasons:
        if reason != subject:
            yield subject, reason
            return


def _last(subject: Subject, reasons: Mapping[Subject, Subject]) -> Subject:
    """The end of the chain of reasons; of a circle, its smallest, so that something remains to be reported."""
    seen = [subject]
    while (reason := reasons.get(seen[-1])) is not None:
        if reason in seen:
            return min(seen[seen.index(reason) :])
        seen.append(reason)
    return seen[-1]
