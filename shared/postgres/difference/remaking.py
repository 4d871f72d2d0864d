"""Statements that make one schema of another where nothing can be lost: a schema that is only followed has no rows.

They are meant for a replay, which then is what a live catalog is, hand-made objects included. What cannot be written
(the body of a view is not known) is written as far as others depend on it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...model import schema as model
from ...model.difference import Difference
from ...model.schema import ON_A_TABLE, RELATIONS, Definition, Kind, Schema, Subject
from ..canonical.sql import UNWRITTEN, identifier, literal
from .comparing import differing
from .corrective import MAKERS, SWITCHED_OFF, Corrections
from .fragments import named, names, qualified
from .probe import Probe
from .storing import FREELY_SET, change_storing

_ON_VIEWS = frozenset({Kind.INDEX, Kind.TRIGGER})
_ALTERED = frozenset({Kind.COLUMN, Kind.ENUM, Kind.DOMAIN, Kind.TABLE, Kind.SEQUENCE, Kind.EXTENSION})


def remade(differences: Iterable[Difference], made: Schema, live: Schema) -> Iterator[str]:
    """Statements by which *made* becomes more of what *live* is, in an order in which they can be run.

    What a drop takes along is a difference from then on: compare again and repeat.
    """
    found = tuple(differences)
    maker = _Maker(live, made, _unguarded)
    renamed = {each.subject: each.found_as for each in found if "name" in each.attributes and each.found_as is not None}
    names = {*renamed, *renamed.values()}
    subjects = dict.fromkeys(subject for each in found for subject in _subjects(each) if subject not in names)
    there, here = live.objects, made.objects
    altered = [each for each in subjects if each.kind in _ALTERED and each in there and each in here]
    for subject, found_as in renamed.items():
        yield from maker.rename(subject, found_as)
    others = subjects.keys() - altered
    yield from (_dropped(each, here[each]) for each in subjects if each in others and each in here)
    for subject in altered:
        yield from maker.alter(subject)
    yield from maker.make([each for each in subjects if each in others and each in there])


def _subjects(difference: Difference) -> Iterator[Subject]:
    yield difference.subject
    if difference.found_as is not None:
        yield difference.found_as
    yield from difference.folded


def _unguarded(
    _subject: Subject,
    _wanted: Definition | None,
    _drifted: Definition | None,
    statements: Sequence[str],
    _probe: Probe | None,
) -> str | None:
    return "\n".join(statements)


class _Maker(Corrections):
    """Makes objects of its expected schema, the live one, or makes those of the actual schema the same."""

    def rename(self, subject: Subject, found_as: Subject) -> Iterator[str]:
        yield from _written(self._rename(found_as, subject, ("name",)))

    def alter(self, subject: Subject) -> Iterator[str]:
        """What others depend on stays while it is changed."""
        live, made = self._expected.objects[subject], self._actual.objects[subject]
        if isinstance(live, model.Column):
            yield from _altered(subject, live, made)
            yield from _written(change_storing(subject, live, made, differing(live, made)))
        else:
            attributes = differing(live, made)
            yield from _written(change_storing(subject, live, made, attributes))
            others = tuple(each for each in attributes if each not in FREELY_SET)
            yield from _written(self._change(subject, live, made, others)) if others else ()

    def make(self, subjects: Iterable[Subject]) -> Iterator[str]:
        found = {each: self._expected.objects[each] for each in subjects}
        for subject, definition in found.items():
            if isinstance(definition, model.Routine):
                yield _routine(subject, definition)
            elif isinstance(definition, model.Subscription):
                yield _subscription(subject, definition)
        makeable = [each for each, definition in found.items() if type(definition) in MAKERS]
        yield from _written(self._make_all(each for each in makeable if each.kind not in _ON_VIEWS))
        views = {each: definition for each, definition in found.items() if isinstance(definition, model.View)}
        while views:
            # One that needs another comes after it.
            relations = {each.name for each in views}
            free = [each for each, view in views.items() if relations.isdisjoint(use.name[:2] for use in view.uses)]
            for each in free or list(views):
                yield _view(each, views.pop(each))
        yield from _written(self._make_all(each for each in makeable if each.kind in _ON_VIEWS))

    def _create_table(self, subject: Subject, table: model.Table) -> Iterator[str | None]:
        if table.partition_of is None or table.bound is None:
            yield from super()._create_table(subject, table)
        else:
            parent = qualified(table.partition_of.name)
            yield f"CREATE TABLE {qualified(subject.name)} PARTITION OF {parent} {table.bound.sql};"


def _written(statements: Iterable[str | None]) -> Iterator[str]:
    return (each for each in statements if each is not None and UNWRITTEN not in each)


def _subscription(subject: Subject, subscription: model.Subscription) -> str:
    """Without the connection, which is not known."""
    slot = "NONE" if subscription.slot is None else literal(subscription.slot)
    options = f"connect = false, enabled = {str(subscription.enabled).lower()}, slot_name = {slot}"
    publications = names(subscription.publications)
    return f"CREATE SUBSCRIPTION {qualified(subject.name)} CONNECTION '' PUBLICATION {publications} WITH ({options});"


def _dropped(subject: Subject, definition: Definition) -> str:
    table, name = qualified(subject.name[:2]), subject.name[-1]
    if subject.kind in SWITCHED_OFF:
        return f"ALTER TABLE {table} {SWITCHED_OFF[subject.kind]};"
    if isinstance(definition, model.Cast):
        return f"DROP CAST ({definition.source} AS {definition.target}) CASCADE;"
    word = subject.kind.word
    if subject.kind in ON_A_TABLE:
        return f"DROP {word} {identifier(name)} ON {table} CASCADE;"
    if subject.kind.is_in_relation:
        own = definition.name if isinstance(definition, model.PrimaryKey) else name
        return f"ALTER TABLE {table} DROP {word} {identifier(own)} CASCADE;"
    return f"DROP {word} {named(subject)} CASCADE;"


def _altered(subject: Subject, live: Any, made: Any) -> Iterator[str]:
    """A column keeps what depends on it."""
    column = f"ALTER TABLE {qualified(subject.name[:2])} ALTER COLUMN {identifier(subject.name[2])}"
    if not isinstance(made, model.Column) or live.generated != made.generated or live.identity != made.identity:
        return
    if live.default != made.default and made.default is not None:
        yield f"{column} DROP DEFAULT;"
    if (live.type, live.collation) != (made.type, made.collation):
        collation = f" COLLATE {live.collation}" if live.collation else ""
        yield f"{column} TYPE {live.type}{collation};"
    if live.default != made.default and live.default is not None and UNWRITTEN not in live.default.sql:
        yield f"{column} SET DEFAULT {live.default.sql};"
    if live.nullable != made.nullable:
        yield f"{column} {'DROP' if live.nullable else 'SET'} NOT NULL;"


def _view(subject: Subject, view: model.View) -> str:
    """A view of the same columns that needs the same tables and columns."""
    word = "MATERIALIZED VIEW" if subject.kind is Kind.MATERIALIZED_VIEW else "VIEW"
    relations = dict.fromkeys(each.name[:2] for each in view.uses if each.kind is Kind.COLUMN or each.kind in RELATIONS)
    columns = [each.name for each in view.uses if each.kind is Kind.COLUMN]
    source = f" FROM {', '.join(map(qualified, relations))}" if relations else ""
    needed = f" WHERE ROW({', '.join(map(qualified, columns))}) IS NOT NULL" if columns else ""
    values = ", ".join("NULL" for _ in view.columns)
    own = f" ({names(view.columns)})" if view.columns else ""
    return f"CREATE {word} {qualified(subject.name)}{own} AS SELECT {values}{source}{needed};"


def _routine(subject: Subject, routine: model.Routine) -> str:
    word = "PROCEDURE" if subject.kind is Kind.PROCEDURE else "FUNCTION"
    name = qualified((subject.name[0], subject.name[-1].partition("(")[0]))
    returns = f" RETURNS {routine.result}" if routine.result is not None else ""
    return f"CREATE {word} {name}({routine.arguments}){returns} LANGUAGE {identifier(routine.language)} AS '';"
