"""A schema by its tables, kept up to date by what statements change."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from ...model.schema import (
    RELATIONS,
    ROUTINES,
    TYPES,
    Check,
    Column,
    Definition,
    Domain,
    Enum,
    Exclusion,
    ForeignKey,
    Index,
    Kind,
    PrimaryKey,
    Sequence,
    Subject,
    Table,
    Trigger,
    Unique,
    View,
)
from .mentioned import mentioned_columns

K = TypeVar("K")
Relation = tuple[str, str]
Changed = Mapping[Subject, tuple[Definition | None, Definition | None]]
# Columns, the relation that they refer to, and its columns.
Link = tuple[tuple[str, ...], Relation, tuple[str, ...]]
# What a part says of its table, by which others are found that say the same: a sort, the table, and what it is.
Fact = tuple[str, Relation, object]
_NAMED_ALONE = frozenset({*TYPES, *ROUTINES, Kind.SEQUENCE})
# Most objects but columns are of these, and there is no fact of them.
_WITHOUT_FACTS = Table | Sequence
_KEYS = PrimaryKey | Unique


class _By(Generic[K]):
    """Subjects by something that is theirs, in the order of their coming. A copy shares what neither side changes."""

    def __init__(self) -> None:
        self._found: dict[K, dict[Subject, None]] = {}
        self._shared: set[K] = set()

    def copy(self) -> "_By[K]":
        copied = _By[K]()
        copied._found = dict(self._found)
        copied._shared = set(self._found)
        self._shared = set(self._found)
        return copied

    def get(self, key: K) -> Iterable[Subject]:
        return self._found.get(key, ())

    def add(self, key: K, subject: Subject) -> None:
        found = self._found.get(key)
        if found is None:
            self._found[key] = {subject: None}
        elif key in self._shared:
            self._shared.discard(key)
            self._found[key] = {**found, subject: None}
        else:
            found[subject] = None

    def remove(self, key: K, subject: Subject) -> None:
        found = self._found.get(key)
        if found is None or subject not in found:
            return
        if len(found) == 1:
            del self._found[key]
            return
        if key in self._shared:
            self._shared.discard(key)
            found = self._found[key] = dict(found)
        del found[subject]


class Tables:
    """The objects of a schema, by the table that they are part of."""

    def __init__(self, objects: Mapping[Subject, Definition]) -> None:
        self._objects = dict(objects)
        self._kinds: dict[Relation, Kind] = {}
        self._parts = _By[tuple[Relation, Kind]]()
        self._referencing = _By[Relation]()
        self._of_type = _By[Subject]()
        self._calling = _By[str]()
        self._saying = _By[Fact]()
        self._to = _By[tuple[Relation, tuple[str, ...], Relation]]()
        self._targets = _By[tuple[Relation, tuple[str, ...]]]()
        for subject, definition in objects.items():
            self._note(subject, definition)

    def copy(self) -> "Tables":
        copied = Tables({})
        copied._objects, copied._kinds = dict(self._objects), dict(self._kinds)
        copied._parts, copied._referencing = self._parts.copy(), self._referencing.copy()
        copied._of_type, copied._calling = self._of_type.copy(), self._calling.copy()
        copied._saying = self._saying.copy()
        copied._to, copied._targets = self._to.copy(), self._targets.copy()
        return copied

    def apply(self, changed: Changed) -> None:
        for subject, (_, after) in changed.items():
            before = self._objects.get(subject)
            if isinstance(before, Column) and isinstance(after, Column) and before.hangs_on == after.hangs_on:
                self._objects[subject] = after  # it is found by what it was found by
                continue
            if before is not None:
                del self._objects[subject]
                self._note(subject, before, is_there=False)
            if after is not None:
                self._objects[subject] = after
                self._note(subject, after)

    def _note(self, subject: Subject, definition: Definition, *, is_there: bool = True) -> None:
        put: Callable[[_By[Any], Any, Subject], None] = _By.add if is_there else _By.remove
        if isinstance(definition, Column):  # most objects are
            put(self._parts, (subject.relation, subject.kind), subject)
            for each in definition.hangs_on:
                put(self._of_type, each, subject)
            return
        for relation in own_tables(subject, definition):
            put(self._parts, (relation, subject.kind), subject)
        if subject.kind in RELATIONS:
            self._note_kind(subject, is_there=is_there)
        if isinstance(definition, _WITHOUT_FACTS):
            return
        for fact in facts(subject, definition):
            put(self._saying, fact, subject)
        if isinstance(definition, ForeignKey):
            table, other = subject.relation, definition.referenced_table.relation
            put(self._referencing, other, subject)
            put(self._to, (table, definition.columns, other), subject)
            put_target = self._targets.add if self._to.get((table, definition.columns, other)) else self._targets.remove
            put_target((table, definition.columns), Subject(Kind.TABLE, other))
        elif isinstance(definition, Trigger):
            put(self._calling, definition.function.replace('"', ""), subject)

    def _note_kind(self, subject: Subject, *, is_there: bool) -> None:
        if is_there:
            self._kinds[subject.relation] = subject.kind
        elif self._kinds.get(subject.relation) is subject.kind:  # else another has its name by now
            del self._kinds[subject.relation]

    def kind(self, table: Relation) -> Kind | None:
        return self._kinds.get(table)

    def view(self, table: Relation) -> View | None:
        kind = self.kind(table)
        found = self._objects.get(Subject(kind, table)) if kind is not None else None
        return found if isinstance(found, View) else None

    def parts(self, table: Relation, *kinds: Kind) -> Iterator[tuple[Subject, Definition]]:
        """The parts of *table* of these *kinds*."""
        return ((subject, self._objects[subject]) for kind in kinds for subject in self._parts.get((table, kind)))

    def find(self, subject: Subject) -> Definition | None:
        return self._objects.get(subject)

    def columns(self, table: Relation) -> dict[str, Column]:
        return {each[0].name[2]: each[1] for each in self.parts(table, Kind.COLUMN) if isinstance(each[1], Column)}

    def has_columns(self, table: Relation) -> bool:
        return any(True for _ in self._parts.get((table, Kind.COLUMN)))

    def column(self, table: Relation, name: str) -> Column | None:
        found = self._objects.get(Subject(Kind.COLUMN, (*table, name)))
        return found if isinstance(found, Column) else None

    def foreign_keys(self, table: Relation) -> Iterator[tuple[Subject, ForeignKey]]:
        parts = self.parts(table, Kind.FOREIGN_KEY)
        return ((subject, each) for subject, each in parts if isinstance(each, ForeignKey))

    def foreign_key(self, subject: Subject) -> ForeignKey | None:
        found = self._objects.get(subject)
        return found if isinstance(found, ForeignKey) else None

    def referencing(self, table: Relation) -> Iterator[tuple[Subject, ForeignKey]]:
        """Foreign keys that refer to *table*."""
        for subject in self._referencing.get(table):
            definition = self._objects[subject]
            if isinstance(definition, ForeignKey):
                yield subject, definition

    def is_referred_to(self, table: Relation) -> bool:
        """Say whether a foreign key refers to *table*."""
        return bool(self._referencing.get(table))

    def has_foreign_keys(self, table: Relation) -> bool:
        """Say whether *table* has a foreign key."""
        return bool(self._parts.get((table, Kind.FOREIGN_KEY)))

    def targets(self, table: Relation, columns: tuple[str, ...]) -> Iterator[Relation]:
        """The relations that foreign keys of these *columns* refer to, each once."""
        return (each.relation for each in self._targets.get((table, columns)))

    def saying(self, fact: Fact) -> Iterable[Subject]:
        """Those for which *fact* is true."""
        return self._saying.get(fact)

    def says(self, fact: Fact) -> bool:
        return any(True for _ in self._saying.get(fact))

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

    def of_type(self, subject: Subject) -> Iterable[Subject]:
        """Columns that hang on the type *subject*."""
        return self._of_type.get(subject)

    def with_trigger_of(self, function: Subject) -> Iterator[Relation]:
        return (each.relation for each in self._calling.get(".".join(function.name).partition("(")[0]))

    def names(self) -> Iterable[Relation]:
        return [*self._kinds]


def conflict_target(key: Definition | None) -> frozenset[str] | None:
    """The set of columns by which ``ON CONFLICT (…)`` names *key*; None where it cannot."""
    if isinstance(key, _KEYS):
        return frozenset(key.columns) if key.deferral == "not deferrable" else None
    if isinstance(key, Index) and key.unique and key.valid and key.predicate is None:
        names = [each.column for each in key.keys]
        return None if None in names else frozenset(name for name in names if name is not None)
    return None


def unique_columns(key: Definition | None) -> tuple[str, ...] | None:
    """The columns that *key* is unique over, those in expressions too; None where it is no unique key."""
    if isinstance(key, _KEYS):
        return tuple(sorted(key.columns))
    if not (isinstance(key, Index) and key.unique):
        return None
    expressions = [each.expression for each in key.keys if each.expression is not None]
    named = [each.column for each in key.keys if each.column is not None]
    return tuple(sorted({*named, *(name for found in expressions for name in mentioned_columns(found))}))


def link(key: ForeignKey) -> Link:
    return key.columns, key.referenced_table.relation, key.referenced_columns


def facts(subject: Subject, definition: Definition) -> Iterator[Fact]:
    if isinstance(definition, ForeignKey):
        table, other = subject.relation, definition.referenced_table.relation
        yield "links", table, link(definition)
        yield "links from", table, definition.columns
        yield "deletes", other, (table, link(definition), definition.on_delete)
        yield from (("refers from", table, name) for name in definition.columns)
        yield from (("refers to", other, name) for name in definition.referenced_columns)
    elif isinstance(definition, Check):
        if definition.enforced:
            yield "checks", subject.relation, definition.expression
    elif isinstance(definition, Exclusion):
        yield "excludes", subject.relation, definition.elements
    elif (unique := unique_columns(definition)) is not None:
        (table,) = own_tables(subject, definition)
        yield "is unique", table, unique
        if (target := conflict_target(definition)) is not None:
            yield "is a target", table, target
            yield from (("is a target of", table, name) for name in target)


def own_tables(subject: Subject, definition: Definition) -> tuple[Relation, ...]:
    """The table that *subject* is part of, or is itself."""
    if isinstance(definition, Index):
        return (definition.table.relation,)
    kind, name = subject
    return ((name[0], name[1]),) if len(name) > 1 and kind not in _NAMED_ALONE else ()
