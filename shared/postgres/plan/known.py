"""The schema before a statement, looked up by relation. Kept up to date by what each statement changes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from ...model.plan import Relation
from ...model.schema import (
    CONSTRAINTS,
    INDEXED_CONSTRAINTS,
    NAMED_AS_RELATIONS,
    NAMED_AS_TYPES,
    RELATIONS,
    ROUTINES,
    Check,
    Column,
    Definition,
    ForeignKey,
    ForeignTable,
    Index,
    Kind,
    Place,
    PrimaryKey,
    Rule,
    Subject,
    Table,
    Trigger,
    Unique,
)
from ..naming import index_column_names, joined_columns, object_name
from ..parse import Tree, name_called, nodes_with

Changed = Mapping[Subject, tuple[Definition | None, Definition | None]]
_NAMED_CONSTRAINTS = frozenset(kind for kind in CONSTRAINTS if kind.place is Place.RELATION)


class Known:
    """Objects by their relation; *search_path* is where unqualified names are looked up."""

    def __init__(self, objects: Mapping[Subject, Definition], search_path: tuple[str, ...] = ("public",)) -> None:
        self.objects: dict[Subject, Definition] = {}
        self.search_path = search_path
        self.hidden: set[str] = set()  # by temporary relations, which are no objects of the schema
        self._relations: dict[Relation, Subject] = {}
        self._parts: defaultdict[Relation, dict[Kind, dict[Subject, None]]] = defaultdict(dict)
        self._children: defaultdict[Relation, dict[Relation, None]] = defaultdict(dict)
        self._referencing: defaultdict[Relation, dict[Subject, None]] = defaultdict(dict)
        self._dependents: defaultdict[Subject, dict[Subject, None]] = defaultdict(dict)
        self._routines: defaultdict[str, dict[Subject, None]] = defaultdict(dict)
        self._default_partitions: dict[Relation, Relation] = {}
        for subject, definition in objects.items():
            self._add(subject, definition)

    def apply(self, changed: Changed) -> None:
        """What is changed keeps its place among the parts of its table."""
        for subject, (_, after) in changed.items():
            if subject in self.objects:
                keeps = {*_owners(subject, after)} if after is not None else set()
                self._remove(subject, self.objects[subject], keeps)
        for subject, (_, after) in changed.items():
            if after is not None:
                self._add(subject, after)

    def _add(self, subject: Subject, definition: Definition) -> None:
        self.objects[subject] = definition
        if _is_plain(subject, definition):
            self._parts[subject.relation].setdefault(Kind.COLUMN, {})[subject] = None
            for holder in definition.hangs_on:
                self._dependents[holder][subject] = None
            return
        for name in _own_relations(subject, definition):
            self._relations[name] = subject
        for owner in _owners(subject, definition):
            self._parts[owner].setdefault(subject.kind, {})[subject] = None
        for parent in _parents(definition):
            self._children[parent][subject.relation] = None
        if isinstance(definition, ForeignKey):
            self._referencing[definition.referenced_table.relation][subject] = None
        for holder in definition.hangs_on:
            self._dependents[holder][subject] = None
        if subject.kind in ROUTINES:
            self._routines[_routine(subject)][subject] = None
        if (whole := _default_of(definition)) is not None:
            self._default_partitions[whole] = subject.relation

    def order_columns(self, table: Relation, names: Sequence[str]) -> None:
        there = self._parts[table].get(Kind.COLUMN, {})
        ordered = [each for each in (Subject(Kind.COLUMN, (*table, name)) for name in names) if each in there]
        self._parts[table][Kind.COLUMN] = dict.fromkeys((*ordered, *there))

    def _remove(self, subject: Subject, definition: Definition, keeps: Set[Relation]) -> None:
        del self.objects[subject]
        for owner in _owners(subject, definition):
            if owner not in keeps:
                self._parts[owner].get(subject.kind, {}).pop(subject, None)
        for holder in definition.hangs_on:
            self._dependents[holder].pop(subject, None)
        if not _is_plain(subject, definition):
            self._remove_names(subject, definition)

    def _remove_names(self, subject: Subject, definition: Definition) -> None:
        for name in _own_relations(subject, definition):
            if self._relations.get(name) == subject:
                del self._relations[name]
        for parent in _parents(definition):
            self._children[parent].pop(subject.relation, None)
        if isinstance(definition, ForeignKey):
            self._referencing[definition.referenced_table.relation].pop(subject, None)
        if subject.kind in ROUTINES:
            self._routines[_routine(subject)].pop(subject, None)
        if (whole := _default_of(definition)) is not None:
            self._default_partitions.pop(whole, None)

    @property
    def default_schema(self) -> str:
        """Where what has no schema is made: a path may name what does not exist."""
        existing = (
            each for each in self.search_path if each == "public" or Subject(Kind.SCHEMA, (each,)) in self.objects
        )
        return next(existing, self.search_path[0] if self.search_path else "pg_catalog")

    def find(self, range_var: Tree) -> Relation | None:
        """The relation that a RangeVar names, if it is known."""
        return self.named([*([range_var["schemaname"]] if "schemaname" in range_var else []), range_var["relname"]])

    def tables(self) -> Iterator[Relation]:
        """All tables and views."""
        return (name for name, subject in self._relations.items() if subject.kind in RELATIONS)

    def named(self, words: Iterable[str]) -> Relation | None:
        *schema, name = words
        if not schema and name in self.hidden:
            return None
        for each in schema[-1:] or self.search_path:
            if (each, name) in self._relations:
                return each, name
        return None

    def kind(self, relation: Relation | None) -> Kind | None:
        found = self._relations.get(relation) if relation is not None else None
        return found.kind if found is not None else None

    def subject(self, relation: Relation) -> Subject | None:
        """The object that the name *relation* means: a table, a view, an index, or the constraint with one."""
        return self._relations.get(relation)

    def column(self, table: Relation, name: str) -> Column | None:
        found = self.objects.get(Subject(Kind.COLUMN, (*table, name)))
        return found if isinstance(found, Column) else None

    def parts(self, table: Relation, *kinds: Kind) -> Iterator[tuple[Subject, Definition]]:
        """Columns, constraints, indexes, triggers, policies and rules of *table*: all, or those of these *kinds*."""
        parts = self._parts[table]
        found = [subject for kind in kinds or parts for subject in parts.get(kind, ())]
        return ((subject, self.objects[subject]) for subject in found)

    def indexes(self, table: Relation) -> Iterator[tuple[Relation, Subject]]:
        """Every index of *table*, with the object that it is or belongs to.

        A partition's own part of its parent's index is no object of the schema: it has the name that the server gives.
        """
        for subject, definition in self.parts(table, *INDEXED_CONSTRAINTS, Kind.INDEX):
            yield from ((name, subject) for name in _own_relations(subject, definition))
        own = self.objects.get(Subject(Kind.TABLE, table))
        if isinstance(own, Table) and own.partition_of is not None:
            for _, subject in self.indexes(own.partition_of.relation):
                yield (table[0], _partitioned_name(table[1], self.objects[subject])), subject

    def owned_sequences(self, table: Relation) -> Iterator[Relation]:
        """The sequences of serial and identity columns of *table*."""
        for subject, definition in self.parts(table, Kind.COLUMN):
            if isinstance(definition, Column):
                if definition.identity is not None:
                    yield identity_sequence(subject)
                yield from (each.relation for each in self.dependents(subject) if each.kind is Kind.SEQUENCE)

    def table_of(self, index: Relation) -> Relation | None:
        """The table or materialized view that *index* is on."""
        subject = self._relations.get(index)
        definition = self.objects.get(subject) if subject is not None else None
        if isinstance(definition, Index):
            return definition.table.relation
        return subject.relation if subject is not None and subject.kind in INDEXED_CONSTRAINTS else None

    def children(self, table: Relation) -> tuple[Relation, ...]:
        """Partitions and inheriting tables, one level down."""
        return tuple(self._children[table])

    def family(self, table: Relation) -> Iterator[Relation]:
        """*table* and all below it."""
        yield table
        for child in self.children(table):
            yield from self.family(child)

    def partitions(self, table: Relation) -> Iterator[Relation]:
        """*table* and its partitions, without tables that only inherit."""
        yield table
        for child in self.children(table):
            definition = self.objects.get(Subject(Kind.TABLE, child))
            if isinstance(definition, Table) and definition.partition_of is not None:
                yield from self.partitions(child)

    def referencing(self, table: Relation) -> Iterator[tuple[Subject, ForeignKey]]:
        """Foreign keys that refer to *table*."""
        for subject in list(self._referencing[table]):
            definition = self.objects[subject]
            if isinstance(definition, ForeignKey):
                yield subject, definition

    def routines(self, name: str) -> Iterator[tuple[Subject, Definition]]:
        """Functions and procedures of that name, of every schema."""
        return ((subject, self.objects[subject]) for subject in self._routines.get(name, ()))

    @property
    def has_routines(self) -> bool:
        return any(self._routines.values())

    def calls_own(self, tree: Any) -> bool:
        """Say whether an expression calls a function of the database's own."""
        return self.has_routines and any(self._routines.get(name_called(call)) for call in nodes_with(tree, "funcname"))

    def triggers(self, table: Relation, event: str) -> Iterator[Subject]:
        """Triggers and rules that act when rows of *table* or below are changed: insert, update, delete, truncate."""
        for each in self.family(table):
            for subject, definition in self.parts(each, Kind.TRIGGER, Kind.RULE):
                if (
                    isinstance(definition, Trigger) and event in definition.events and definition.enabled != "disabled"
                ) or (isinstance(definition, Rule) and event == definition.event and definition.enabled != "disabled"):
                    yield subject

    def own_type(self, words: Iterable[str]) -> tuple[str, ...] | None:
        """Schema and name of the type of the database's own that *words* name."""
        *schema, name = words
        for each in schema[-1:] or self.search_path:
            found = each, name
            for kind in NAMED_AS_TYPES:
                if Subject(kind, found) in self.objects:
                    return found
        return None

    def columns(self, table: Relation) -> Iterator[tuple[str, Column]]:
        """The columns of *table* by name, in their order."""
        for subject, definition in self.parts(table, Kind.COLUMN):
            if isinstance(definition, Column):
                yield subject.name[2], definition

    def constraint(self, table: Relation, name: str) -> Subject | None:
        """The constraint of *table* that has this name: its own, or else the one of a parent that it has from there."""
        for kind, parts in self._parts[table].items():
            if kind in _NAMED_CONSTRAINTS and (found := Subject(kind, (*table, name))) in parts:
                return found
            if kind is Kind.PRIMARY_KEY:
                for primary in parts:
                    if isinstance(key := self.objects[primary], PrimaryKey) and key.name == name:
                        return primary
        return self.inherited_constraint(table, name)

    def required_column(self, table: Relation, constraint: str) -> str | None:
        """The column whose NOT NULL has the name *constraint* on servers that give it one."""
        required = ((name, column) for name, column in self.columns(table) if not column.nullable)
        return next((name for name, each in required if not_null_name(table, name, each) == constraint), None)

    def inherited_constraint(self, table: Relation, name: str) -> Subject | None:
        """The constraint of a parent that *table* has from there under this name: no object of the schema itself."""
        return next((subject for each, subject in self.inherited(table) if each == name), None)

    def inherited(self, table: Relation) -> Iterator[tuple[str, Subject]]:
        """The constraints that *table* has from its parents, each with the name that it has there."""
        own = self.objects.get(Subject(Kind.TABLE, table))
        if not isinstance(own, Table):
            return
        parents = [*own.inherits, *([own.partition_of] if own.partition_of is not None else [])]
        passed_on = CONSTRAINTS if own.partition_of is not None else (Kind.CHECK,)
        for parent in (each.relation for each in parents):
            for subject, definition in self.parts(parent, *passed_on):
                if not (isinstance(definition, Check) and definition.no_inherit):
                    yield _name_below(table, subject, definition), subject
            yield from (
                (_name_below(table, subject, self.objects[subject]), subject)
                for _, subject in self.inherited(parent)
                if subject.kind in passed_on
            )

    def dependents(self, subject: Subject) -> tuple[Subject, ...]:
        """What hangs on *subject*."""
        return tuple(self._dependents[subject])

    def is_partitioned(self, table: Relation) -> bool:
        definition = self.objects.get(Subject(Kind.TABLE, table))
        return isinstance(definition, Table) and definition.partition_by is not None

    def has_storage(self, table: Relation) -> bool:
        """Say whether there are rows in it itself: not in a partitioned table, nor in a view."""
        definition = self.objects.get(self._relations.get(table, Subject(Kind.TABLE, table)))
        if isinstance(definition, Table):
            return definition.partition_by is None
        return self.kind(table) is Kind.MATERIALIZED_VIEW

    def default_partition(self, table: Relation) -> Relation | None:
        return self._default_partitions.get(table)


def identity_sequence(column: Subject) -> Relation:
    """The sequence of an identity column, which is no object of the schema: it has the name that the server gives."""
    schema, table, name = column.name
    return schema, object_name(table, name, "seq")


def _is_plain(subject: Subject, definition: Definition) -> bool:
    """Say whether it is such a column as most objects are: one that is a part of its table, and no more than that."""
    return isinstance(definition, Column) and definition.identity is None and subject.kind is Kind.COLUMN


def _default_of(definition: Definition) -> Relation | None:
    """What it is the default partition of."""
    if not isinstance(definition, Table | ForeignTable) or definition.bound is None or definition.partition_of is None:
        return None
    return definition.partition_of.relation if definition.bound.sql == "default" else None


def _routine(subject: Subject) -> str:
    return subject.name[-1].partition("(")[0]


def _own_relations(subject: Subject, definition: Definition) -> Iterator[Relation]:
    if subject.kind in NAMED_AS_RELATIONS:
        yield subject.relation
    elif isinstance(definition, PrimaryKey):
        yield subject.name[0], definition.name
    elif isinstance(definition, Column) and definition.identity is not None:
        yield identity_sequence(subject)
    elif subject.kind in INDEXED_CONSTRAINTS:
        yield subject.name[0], subject.name[2]


def _owners(subject: Subject, definition: Definition) -> Iterator[Relation]:
    if isinstance(definition, Index):
        yield definition.table.relation
    elif subject.kind.is_in_relation:
        yield subject.relation


def _parents(definition: Definition) -> Iterator[Relation]:
    if isinstance(definition, Table | ForeignTable) and definition.partition_of is not None:
        yield definition.partition_of.relation
    if isinstance(definition, Table):
        yield from (each.relation for each in definition.inherits)


def not_null_name(table: Relation, name: str, column: Column) -> str:
    """What servers that give a NOT NULL a name call the column's."""
    return column.not_null_name or object_name(table[1], name, "not_null")


def _name_below(table: Relation, subject: Subject, definition: Definition) -> str:
    """The name that a constraint has in a table below its own: an index gets one of its own there."""
    return _partitioned_name(table[1], definition) if subject.kind in INDEXED_CONSTRAINTS else subject.name[2]


def _partitioned_name(table: str, definition: Definition) -> str:
    if isinstance(definition, PrimaryKey):
        return object_name(table, None, "pkey")
    if isinstance(definition, Unique):
        label = "excl" if definition.without_overlaps else "key"
        return object_name(table, joined_columns(definition.columns), label)
    keys = definition.keys if isinstance(definition, Index) else ()
    return object_name(table, joined_columns(index_column_names(key.column for key in keys)), "idx")
