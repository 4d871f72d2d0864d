"""A schema in other names: its indexes, keys and expressions as if its objects had always been called so."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any

from ...model.schema import (
    OPERATOR_GROUPS,
    RELATIONS,
    ROUTINES,
    TEXT_SEARCH,
    Definition,
    Enum,
    Expression,
    Index,
    Kind,
    Publication,
    PublishedTable,
    Schema,
    Sequence,
    Statistics,
    Subject,
)
from ...model.value import replace
from ..canonical import operator_name, quoted, spelled, split_method
from ..canonical.expressions import read, text
from ..canonical.literals import OBJECT_NAMES

# From the server's subjects to the release's.
Renaming = dict[Subject, Subject]

_BETWEEN_NAMES = re.compile(r"([\s,()\[\]]+)")
_NAMES_OF_TEXT_SEARCH = frozenset({"dictionaries", "parser", "template"})
_NAMES_OF_FAMILIES = frozenset({"family", "sort_family"})
_NAMES_OF_COLUMNS = frozenset({"columns", "include", "on_delete_columns", "update_of"})


def renamed(schema: Schema, renaming: Renaming) -> Schema:
    """*schema* in the names that *renaming* gives to its objects."""
    writer = _Renamer({**dict(_moved_along(schema, renaming)), **renaming})
    objects = {writer.subject(subject): writer.definition(subject, each) for subject, each in schema.objects.items()}
    opaque = {writer.subject(subject): because for subject, because in schema.opaque.items()}
    return replace(schema, objects=objects, opaque=opaque)


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

    objects = {
        subject: _rewritten(each, lambda _, value: _expression(value, rewrite))
        for subject, each in actual.objects.items()
    }
    return replace(actual, objects=objects)


class _Renamer:
    def __init__(self, renaming: Mapping[Subject, Subject]) -> None:
        self._subjects = renaming
        self._schemas = {quoted(new.name[0]): old.name[0] for new, old in renaming.items() if new.kind is Kind.SCHEMA}
        self._relations = {new.name: old.name for new, old in renaming.items() if new.kind in RELATIONS}
        self._columns: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
        for new, old in renaming.items():
            if new.kind is Kind.COLUMN:
                self._columns[new.name[:2]][new.name[2]] = old.name[2]
        self._every_column = {new: old for columns in self._columns.values() for new, old in columns.items()}
        # A type, a dictionary and an operator family may have the same name.
        self._of_text_search, self._of_families = (
            {_spelled(new): _spelled(old) for new, old in renaming.items() if new.kind in kinds}
            for kinds in (TEXT_SEARCH, (Kind.OPERATOR_FAMILY,))
        )
        self._spelled = {
            _spelled(new): _spelled(old)
            for new, old in renaming.items()
            if len(new.name) == 2 and not new.kind.is_in_relation and new.kind not in (*TEXT_SEARCH, *OPERATOR_GROUPS)
        }
        self._classes = {
            split_method(new.name[-1])[0]: split_method(old.name[-1])[0]
            for new, old in renaming.items()
            if new.kind is Kind.OPERATOR_CLASS
        }
        self._aliases = {new.name[-1]: old.name[-1] for new, old in renaming.items() if new.kind in RELATIONS}

    def subject(self, subject: Subject) -> Subject:
        if subject in self._subjects:
            return self._subjects[subject]
        name = subject.name
        if subject.kind.is_in_relation and name[:2] in self._relations:
            name = (*self._relations[name[:2]], *name[2:])
        if subject.kind is Kind.COLUMN and name[2] in self._columns.get(name[:2], ()):
            name = (*name[:2], self._columns[name[:2]][name[2]])
        if subject.schema is not None and (schema := quoted(name[0])) in self._schemas:
            name = (self._schemas[schema], *name[1:])
        if subject.kind in (*ROUTINES, Kind.CAST, Kind.OPERATOR):
            name = (*name[:-1], self._text(name[-1]))
        return Subject(subject.kind, name)

    def definition(self, subject: Subject, definition: Definition) -> Definition:
        if isinstance(definition, Publication):
            return self._publication(definition)
        table = definition.table.name if isinstance(definition, Index | Statistics) else subject.name[:2]
        columns = self._columns.get(table, {})
        referenced = getattr(definition, "referenced_table", None)
        others = self._columns.get(referenced.name, {}) if referenced is not None else {}

        def rewrite(field: str, value: Any) -> Any:
            if isinstance(value, Subject):
                return self.subject(value)
            if isinstance(value, Expression):
                # A view's body names the columns of many tables.
                return _expression(value, lambda form: self._form(form, columns or self._every_column))
            if isinstance(value, str) and not isinstance(value, StrEnum):  # a word of PostgreSQL's is no name
                if field == "referenced_columns":
                    return others.get(value, value)
                if field in _NAMES_OF_COLUMNS or field == "column":
                    return columns.get(value, value)
                return self._name_in(field, value)
            return value

        new: Definition = _rewritten(definition, rewrite)
        return replace(new, columns=tuple(sorted(new.columns))) if isinstance(new, Statistics) else new

    def _name_in(self, field: str, value: str) -> str:
        if field == "operator_class":
            return self._classes.get(value, value)
        if field in _NAMES_OF_FAMILIES:
            return self._text(value, self._of_families)
        return self._text(value, self._of_text_search if field in _NAMES_OF_TEXT_SEARCH else self._spelled)

    def _publication(self, definition: Publication) -> Publication:
        tables = (self._published(each, self._columns.get(each.table.name, {})) for each in definition.tables)
        schemas = (self._schemas.get(quoted(each), each) for each in definition.schemas)
        in_order = tuple(sorted(tables, key=lambda each: each.table))
        return replace(definition, tables=in_order, schemas=tuple(sorted(schemas)))

    def _published(self, published: PublishedTable, columns: Mapping[str, str]) -> PublishedTable:
        return PublishedTable(
            self.subject(published.table),
            tuple(sorted(columns.get(each, each) for each in published.columns)),
            _expression(published.where, lambda form: self._form(form, columns)),
        )

    def _text(self, value: str, names: Mapping[str, str] | None = None) -> str:
        """A spelt name, ``app.kind[]``, or a signature in which such names stand."""
        names = self._spelled if names is None else names
        return "".join(self._word(word, names) for word in _BETWEEN_NAMES.split(value))

    def _word(self, word: str, names: Mapping[str, str]) -> str:
        if word in names:
            return names[word]
        schema, dot, rest = word.partition(".")
        return f"{quoted(self._schemas[schema])}.{rest}" if dot and schema in self._schemas else word

    def _form(self, form: Any, columns: Mapping[str, str]) -> Any:
        if isinstance(form, str):
            return self._text(form)
        if isinstance(form, list) and len(form) == 3 and form[0] == "const":
            is_of_text_search = form[2] in ("regconfig", "regdictionary")
            names = self._of_text_search if is_of_text_search else self._spelled
            value = self._text(form[1], names) if form[2] in OBJECT_NAMES else form[1]
            return ["const", value, self._text(form[2])]
        if isinstance(form, list) and form and form[0] == "column":
            *qualifier, column = form[1:]
            return ["column", *(self._aliases.get(word, word) for word in qualifier), columns.get(column, column)]
        if isinstance(form, list) and len(form) > 2 and form[0] == "relation":
            return [form[0], self._text(form[1]), self._aliases.get(form[2], form[2]), *form[3:]]
        return form


def _spelled(subject: Subject) -> str:
    """A routine is called by its name without its types, and so is an operator."""
    if subject.kind is Kind.OPERATOR:
        return operator_name(_bare(subject))
    if subject.kind in OPERATOR_GROUPS:
        return spelled((*subject.name[:-1], split_method(subject.name[-1])[0]))
    return spelled(_bare(subject) if subject.kind in ROUTINES else subject.name)


def _bare(subject: Subject) -> tuple[str, ...]:
    return (*subject.name[:-1], subject.name[-1].partition("(")[0])


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
