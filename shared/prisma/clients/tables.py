"""A schema by its tables, kept up to date by what statements change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from shared.model.schema import (
    RELATIONS,
    ROUTINES,
    Column,
    Definition,
    Domain,
    Enum,
    ForeignKey,
    Index,
    Kind,
    PrimaryKey,
    Subject,
    Trigger,
    Unique,
    View,
)

Relation = tuple[str, str]
Changed = Mapping[Subject, tuple[Definition | None, Definition | None]]
_NAMED_ALONE = frozenset({Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE_TYPE, Kind.SEQUENCE, *ROUTINES})


class Tables:
    """The objects of a schema, by the table that they are part of."""

    def __init__(self, objects: Mapping[Subject, Definition]) -> None:
        self._objects = dict(objects)
        self._parts: defaultdict[Relation, dict[Subject, None]] = defaultdict(dict)
        self._referencing: defaultdict[Relation, dict[Subject, None]] = defaultdict(dict)
        for subject, definition in objects.items():
            self._add(subject, definition)

    def copy(self) -> "Tables":
        copied = Tables({})
        copied._objects = dict(self._objects)
        for table, parts in self._parts.items():
            copied._parts[table] = dict(parts)
        for table, keys in self._referencing.items():
            copied._referencing[table] = dict(keys)
        return copied

    def apply(self, changed: Changed) -> None:
        for subject, (_, after) in changed.items():
            before = self._objects.pop(subject, None)
            if before is not None:
                for relation in own_tables(subject, before):
                    self._parts[relation].pop(subject, None)
                if isinstance(before, ForeignKey):
                    self._referencing[_relation(before.referenced_table)].pop(subject, None)
            if after is not None:
                self._objects[subject] = after
                self._add(subject, after)

    def _add(self, subject: Subject, definition: Definition) -> None:
        for relation in own_tables(subject, definition):
            self._parts[relation][subject] = None
        if isinstance(definition, ForeignKey):
            self._referencing[_relation(definition.referenced_table)][subject] = None

    def kind(self, table: Relation) -> Kind | None:
        return next((kind for kind in RELATIONS if Subject(kind, table) in self._objects), None)

    def view(self, table: Relation) -> View | None:
        for kind in (Kind.VIEW, Kind.MATERIALIZED_VIEW):
            found = self._objects.get(Subject(kind, table))
            if isinstance(found, View):
                return found
        return None

    def parts(self, table: Relation) -> Iterator[tuple[Subject, Definition]]:
        for subject in self._parts.get(table, ()):
            yield subject, self._objects[subject]

    def has_the_same_guards(self, table: Relation, other: "Tables") -> bool:
        """Say whether all of *table* but its columns is alike in *other*."""
        mine = {each for each in self._parts.get(table, ()) if each.kind is not Kind.COLUMN}
        others = {each for each in other._parts.get(table, ()) if each.kind is not Kind.COLUMN}
        return mine == others and all(self._objects[each] == other._objects[each] for each in mine)

    def columns(self, table: Relation) -> dict[str, Column]:
        return {each[0].name[2]: each[1] for each in self.parts(table) if isinstance(each[1], Column)}

    def column(self, table: Relation, name: str) -> Column | None:
        found = self._objects.get(Subject(Kind.COLUMN, (*table, name)))
        return found if isinstance(found, Column) else None

    def foreign_keys(self, table: Relation) -> Iterator[ForeignKey]:
        return (each for _, each in self.parts(table) if isinstance(each, ForeignKey))

    def referencing(self, table: Relation) -> Iterator[tuple[Relation, ForeignKey]]:
        """Foreign keys that refer to *table*, with their own tables."""
        for subject in self._referencing.get(table, ()):
            definition = self._objects[subject]
            if isinstance(definition, ForeignKey):
                yield _relation(subject), definition

    def conflict_targets(self, table: Relation) -> set[frozenset[str]]:
        """The sets of columns that ``ON CONFLICT (…)`` can name."""
        found = set()
        for _, each in self.parts(table):
            if isinstance(each, PrimaryKey | Unique) and each.deferral == "not deferrable":
                found.add(frozenset(each.columns))
            elif isinstance(each, Index) and each.unique and each.valid and each.predicate is None:
                names = [key.column for key in each.keys]
                if None not in names:
                    found.add(frozenset(name for name in names if name is not None))
        return found

    def enum(self, column: Column) -> tuple[Subject, Enum] | None:
        """The enum of *column*, or of its elements."""
        for subject in column.hangs_on:
            found = self._objects.get(subject)
            if isinstance(found, Enum):
                return subject, found
        return None

    def domain(self, column: Column) -> Domain | None:
        for subject in column.hangs_on:
            found = self._objects.get(subject)
            if isinstance(found, Domain):
                return found
        return None

    def has(self, subject: Subject) -> bool:
        return subject in self._objects

    def of_type(self, subject: Subject) -> Iterator[Relation]:
        """Tables with a column that hangs on the type *subject*."""
        for column, definition in self._objects.items():
            if isinstance(definition, Column) and subject in definition.hangs_on:
                yield _relation(column)

    def with_trigger_of(self, function: Subject) -> Iterator[Relation]:
        called = ".".join(function.name).partition("(")[0]
        for subject, definition in self._objects.items():
            if isinstance(definition, Trigger) and definition.function.replace('"', "") == called:
                yield _relation(subject)

    def names(self) -> Iterable[Relation]:
        return [_relation(each) for each in self._objects if each.kind in RELATIONS]


def own_tables(subject: Subject, definition: Definition) -> Iterator[Relation]:
    """The table that *subject* is part of, or is itself."""
    if isinstance(definition, Index):
        yield _relation(definition.table)
    elif len(subject.name) > 1 and subject.kind not in _NAMED_ALONE:
        yield _relation(subject)


def _relation(subject: Subject) -> Relation:
    return subject.name[0], subject.name[1]
