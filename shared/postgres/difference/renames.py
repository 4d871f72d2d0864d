"""Objects that have only another name: found by equal meaning and told of once, whatever else names them.

A renaming maps the server's subjects to the release's. ``renamed`` then gives the server's schema in the release's
names, so that indexes, keys and expressions over a renamed column are compared as if it had kept its name.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from shared.model.schema import Column, Definition, Enum, Expression, Index, Kind, Schema, Sequence, Subject
from shared.postgres.canonical import quoted, spelled
from shared.postgres.canonical.expressions import read, text
from shared.postgres.canonical.literals import OBJECT_NAMES
from shared.postgres.difference.comparing import differing, signatures_agree

Renaming = dict[Subject, Subject]

# Nobody but PostgreSQL goes by their names: another name is worth a word, not an alarm.
UNNAMED_BY_APPLICATIONS = frozenset(
    {Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.FOREIGN_KEY, Kind.CHECK, Kind.EXCLUSION, Kind.INDEX, Kind.TRIGGER,
     Kind.POLICY, Kind.RULE, Kind.SEQUENCE}
)  # fmt: skip
_IN_A_RELATION = frozenset(
    {Kind.COLUMN, Kind.UNIQUE, Kind.FOREIGN_KEY, Kind.CHECK, Kind.EXCLUSION, Kind.TRIGGER, Kind.POLICY, Kind.RULE,
     Kind.PRIMARY_KEY, Kind.ROW_SECURITY}
)  # fmt: skip
_RELATIONS = frozenset({Kind.TABLE, Kind.VIEW, Kind.MATERIALIZED_VIEW})
_ROUTINES = frozenset({Kind.FUNCTION, Kind.PROCEDURE})
# In this order: once a table is known by its old name, so are its columns, and then what is made of them.
_ROUNDS: tuple[frozenset[Kind], ...] = (
    frozenset({Kind.SCHEMA}),
    frozenset({Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE_TYPE, *_ROUTINES}),
    frozenset(_RELATIONS),
    frozenset({Kind.COLUMN}),
    frozenset(UNNAMED_BY_APPLICATIONS),
)
# Beyond so many comparisons in one place the two have nothing to do with each other.
_MOST_COMPARISONS = 100_000
_BETWEEN_NAMES = re.compile(r"([\s,()\[\]]+)")
_NAMES_OF_COLUMNS = frozenset({"columns", "include", "on_delete_columns", "update_of"})


def find_renames(expected: Schema, actual: Schema) -> tuple[Renaming, Schema]:
    """Every object of *actual* that is one of *expected* by another name, and *actual* in the names of *expected*."""
    found: Renaming = {}
    if expected.objects.keys() == actual.objects.keys():
        return found, actual
    if aliases := dict(_spelt_otherwise(expected, actual)):
        actual = renamed(actual, aliases)
    for kinds in _ROUNDS:
        pairs = dict(_pairs(expected, actual, kinds))
        if pairs:
            found.update(pairs)
            actual = renamed(actual, pairs)
    return found, actual


def _spelt_otherwise(expected: Schema, actual: Schema) -> Iterator[tuple[Subject, Subject]]:
    """The same routine, an extension's type bare in the release's signature and qualified in the server's."""
    missing = _by_place(_ROUTINES, (each for each in expected.objects if each not in actual.objects))
    for theirs in actual.objects:
        if theirs.kind in _ROUTINES and theirs not in expected.objects:
            for ours in missing.get((theirs.kind, ()), ()):
                if ours.name[0] == theirs.name[0] and signatures_agree(ours.name[1], theirs.name[1]):
                    yield theirs, ours


def _pairs(expected: Schema, actual: Schema, kinds: frozenset[Kind]) -> Iterator[tuple[Subject, Subject]]:
    """Of each kind and place, what is missing and what is unexpected, where there is one of each that agree."""
    missing = _by_place(kinds, (each for each in expected.objects if each not in actual.objects))
    unexpected = _by_place(kinds, (each for each in actual.objects if each not in expected.objects))
    inside = {id(expected): _insides(expected), id(actual): _insides(actual)} if unexpected else {}
    for place, candidates in unexpected.items():
        wanted = missing.get(place, [])
        if len(wanted) * len(candidates) > _MOST_COMPARISONS:
            continue

        def agree(ours: Subject, theirs: Subject) -> bool:
            return (
                inside[id(expected)].get(ours) == inside[id(actual)].get(theirs)
                and _same_signature(ours, theirs)
                and not differing(expected.objects[ours], actual.objects[theirs])
            )

        for theirs in candidates:
            ours = [each for each in wanted if agree(each, theirs)]
            if len(ours) == 1 and sum(agree(ours[0], each) for each in candidates) == 1:
                yield theirs, ours[0]


def _by_place(kinds: frozenset[Kind], subjects: Iterable[Subject]) -> dict[tuple[Any, ...], list[Subject]]:
    """Parts of a relation are sought within it, types and relations everywhere (SET SCHEMA)."""
    places: dict[tuple[Any, ...], list[Subject]] = defaultdict(list)
    for subject in subjects:
        if subject.kind in kinds:
            place = (
                subject.name[:-1] if subject.kind in _IN_A_RELATION or subject.kind in UNNAMED_BY_APPLICATIONS else ()
            )
            places[subject.kind, place].append(subject)
    return places


def _same_signature(ours: Subject, theirs: Subject) -> bool:
    if ours.kind not in _ROUTINES:
        return True
    return signatures_agree(ours.name[-1].partition("(")[2], theirs.name[-1].partition("(")[2])


def _insides(schema: Schema) -> dict[Subject, set[tuple[str, ...]]]:
    """What a relation or a schema has inside, by name and type, without its own name."""
    insides: dict[Subject, set[tuple[str, ...]]] = defaultdict(set)
    relations = {subject.name: subject for subject in schema.objects if subject.kind in _RELATIONS}
    for subject, definition in schema.objects.items():
        if isinstance(definition, Column) and subject.name[:2] in relations:
            insides[relations[subject.name[:2]]].add((subject.name[2], definition.type.rpartition(".")[2]))
        if subject.kind not in {Kind.SCHEMA, Kind.EXTENSION}:
            insides[Subject(Kind.SCHEMA, subject.name[:1])].add((subject.kind, *subject.name[1:]))
    return insides


def find_replacements(missing: set[Subject], unexpected: set[Subject]) -> Iterator[tuple[Subject, Subject]]:
    """What is there by the same name as something else: a view for a table, a constraint for an index, other types."""
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
    if subject.kind in _IN_RELATIONS_SPACE:
        yield "relation", *subject.name
    if subject.kind in {Kind.UNIQUE, Kind.EXCLUSION}:  # their indexes bear their names
        yield "relation", subject.name[0], subject.name[2]
    if subject.kind in {Kind.UNIQUE, Kind.EXCLUSION, Kind.CHECK, Kind.FOREIGN_KEY}:
        yield "constraint", *subject.name
    if subject.kind in {Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE_TYPE}:
        yield "type", *subject.name
    if subject.kind in _ROUTINES:
        yield "routine", subject.name[0], subject.name[1].partition("(")[0]


_IN_RELATIONS_SPACE = _RELATIONS | {Kind.SEQUENCE, Kind.INDEX, Kind.COMPOSITE_TYPE}


def renamed(schema: Schema, renaming: Renaming) -> Schema:
    """*schema* in the names that *renaming* gives to its objects."""
    writer = _Renamer({**dict(_moved_along(schema, renaming)), **renaming})
    objects = {writer.subject(subject): writer.definition(subject, each) for subject, each in schema.objects.items()}
    return Schema(objects, {writer.subject(subject): because for subject, because in schema.opaque.items()})


def _moved_along(schema: Schema, renaming: Renaming) -> Iterator[tuple[Subject, Subject]]:
    """Indexes and owned sequences go with their table to another schema."""
    moved = {
        new.name: old.name[0] for new, old in renaming.items() if new.name[0] != old.name[0] and len(new.name) == 2
    }
    for subject, definition in schema.objects.items() if moved else ():
        table: tuple[str, ...] = ()
        if isinstance(definition, Index):
            table = definition.table.name
        elif isinstance(definition, Sequence) and definition.owner is not None:
            table = definition.owner.name[:2]
        if table in moved:
            yield subject, Subject(subject.kind, (moved[table], subject.name[1]))


def renamed_values(expected: Schema, actual: Schema) -> Schema:
    """*actual* with the values of renamed enum values (ALTER TYPE … RENAME VALUE) as *expected* has them elsewhere."""
    values: dict[str, dict[str, str]] = {}
    enums = [(subject, ours) for subject, ours in expected.objects.items() if isinstance(ours, Enum)]
    for subject, ours in enums:
        theirs = actual.objects.get(subject)
        if isinstance(theirs, Enum) and len(ours.values) == len(theirs.values):
            changed = {new: old for old, new in zip(ours.values, theirs.values, strict=True) if old != new}
            if changed and not set(changed) & set(ours.values):
                values[spelled(subject.name)] = changed
    if not values:
        return actual

    def rewrite(form: Any) -> Any:
        if isinstance(form, list) and len(form) == 3 and form[0] == "const" and form[2] in values:
            return ["const", values[form[2]].get(form[1], form[1]), form[2]]
        return form

    return Schema(
        {
            subject: _rewritten(each, lambda _, value: _expression(value, rewrite))
            for subject, each in actual.objects.items()
        },
        actual.opaque,
    )


class _Renamer:
    def __init__(self, renaming: Mapping[Subject, Subject]) -> None:
        self._subjects = renaming
        self._schemas = {quoted(new.name[0]): old.name[0] for new, old in renaming.items() if new.kind is Kind.SCHEMA}
        self._relations = {new.name: old.name for new, old in renaming.items() if new.kind in _RELATIONS}
        self._columns: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
        for new, old in renaming.items():
            if new.kind is Kind.COLUMN:
                self._columns[new.name[:2]][new.name[2]] = old.name[2]
        self._every_column = {new: old for columns in self._columns.values() for new, old in columns.items()}
        self._spelled = {
            spelled(_bare(new)): spelled(_bare(old))
            for new, old in renaming.items()
            if len(new.name) == 2 and new.kind not in _IN_A_RELATION
        }
        self._aliases = {new.name[-1]: old.name[-1] for new, old in renaming.items() if new.kind in _RELATIONS}

    def subject(self, subject: Subject) -> Subject:
        if subject in self._subjects:
            return self._subjects[subject]
        name = subject.name
        if subject.kind in _IN_A_RELATION and name[:2] in self._relations:
            name = (*self._relations[name[:2]], *name[2:])
        if subject.kind is Kind.COLUMN and name[2] in self._columns.get(name[:2], ()):
            name = (*name[:2], self._columns[name[:2]][name[2]])
        if (schema := quoted(name[0])) in self._schemas and subject.kind is not Kind.EXTENSION:
            name = (self._schemas[schema], *name[1:])
        if subject.kind in _ROUTINES:
            name = (*name[:-1], self._text(name[-1]))
        return Subject(subject.kind, name)

    def definition(self, subject: Subject, definition: Definition) -> Definition:
        table = definition.table.name if isinstance(definition, Index) else subject.name[:2]
        columns = self._columns.get(table, {})
        referenced = getattr(definition, "referenced_table", None)
        others = self._columns.get(referenced.name, {}) if referenced is not None else {}

        def rewrite(field: str, value: Any) -> Any:
            if isinstance(value, Subject):
                return self.subject(value)
            if isinstance(value, Expression):
                # A view's body names the columns of many tables.
                return _expression(value, lambda form: self._form(form, columns or self._every_column))
            if isinstance(value, str):
                if field == "referenced_columns":
                    return others.get(value, value)
                if field in _NAMES_OF_COLUMNS or field == "column":
                    return columns.get(value, value)
                return self._text(value)
            return value

        new: Definition = _rewritten(definition, rewrite)
        return new

    def _text(self, value: str) -> str:
        """A spelt name, ``app.kind[]``, or a signature in which such names stand."""
        return "".join(self._word(word) for word in _BETWEEN_NAMES.split(value))

    def _word(self, word: str) -> str:
        if word in self._spelled:
            return self._spelled[word]
        schema, dot, rest = word.partition(".")
        return f"{quoted(self._schemas[schema])}.{rest}" if dot and schema in self._schemas else word

    def _form(self, form: Any, columns: Mapping[str, str]) -> Any:
        if isinstance(form, str):
            return self._text(form)
        if isinstance(form, list) and len(form) == 3 and form[0] == "const":
            value = self._text(form[1]) if form[2] in OBJECT_NAMES else form[1]
            return ["const", value, self._text(form[2])]
        if isinstance(form, list) and form and form[0] == "column":
            *qualifier, column = form[1:]
            return ["column", *(self._aliases.get(word, word) for word in qualifier), columns.get(column, column)]
        if isinstance(form, list) and len(form) > 2 and form[0] == "relation":
            return [form[0], self._text(form[1]), self._aliases.get(form[2], form[2]), *form[3:]]
        return form


def _bare(subject: Subject) -> tuple[str, ...]:
    """A routine is called by its name without its types."""
    return (*subject.name[:-1], subject.name[-1].partition("(")[0]) if subject.kind in _ROUTINES else subject.name


def _rewritten(definition: Any, rewrite: Callable[[str, Any], Any]) -> Any:
    """*definition* with every value inside it, however deep, as *rewrite* gives it for its field."""
    changes = {}
    for field in fields(definition):
        value = getattr(definition, field.name)
        new = _rewritten_value(field.name, value, rewrite)
        if new is not value:
            changes[field.name] = new
    return replace(definition, **changes) if changes else definition


def _rewritten_value(field: str, value: Any, rewrite: Callable[[str, Any], Any]) -> Any:
    if isinstance(value, tuple) and not isinstance(value, Subject):
        return tuple(_rewritten_value(field, each, rewrite) for each in value)
    if isinstance(value, Subject | Expression) or not is_dataclass(value):
        return rewrite(field, value)
    return _rewritten(value, rewrite)


def _expression(value: Any, rewrite: Callable[[Any], Any]) -> Any:
    if not isinstance(value, Expression):
        return value
    form = read(value.meaning)
    new = _rewritten_form(form, rewrite)
    return value if new == form else Expression(sql=value.sql, meaning=text(new))


def _rewritten_form(form: Any, rewrite: Callable[[Any], Any]) -> Any:
    new = rewrite(form)
    if isinstance(new, list) and new and new[0] != "const":
        head = [new[0]] if isinstance(new[0], str) else [_rewritten_form(new[0], rewrite)]
        return head + [_rewritten_form(each, rewrite) for each in new[1:]]
    if isinstance(new, dict):
        return {key: _rewritten_form(each, rewrite) for key, each in new.items()}
    return new
