"""A schema as a document of our own and back: JSON in which each value says which class of the model it is of.

Whatever a document says, nothing but those classes is made of it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from . import question, schema, session
from .schema import Kind, Schema, Subject

_VALUES: Mapping[str, Any] = {
    each.__name__: each
    for module in (schema, question, session)
    for each in vars(module).values()
    if isinstance(each, type)
    and f"{each.__module__}.".startswith(f"{module.__name__}.")
    and hasattr(each, "__dataclass_fields__")
}
_ENUMS: Mapping[str, type[StrEnum]] = {each.__name__: each for each in (schema.Kind, schema.Deferral)}
_KINDS: Mapping[str, Kind] = {each.value: each for each in Kind}
# What other errors a document of another shape may lead to.
_NOT_SO = (TypeError, ValueError, LookupError, AttributeError, RecursionError)


class NoSchemaError(Exception):
    """The document is none of a schema."""


def as_document(made: Schema) -> bytes:
    return json.dumps(_said(made), separators=(",", ":")).encode()


def from_document(document: bytes) -> Schema:
    """Give the schema that `as_document` was given; raises `NoSchemaError`."""
    try:
        made = _meant(json.loads(document))
    except _NOT_SO as error:
        raise NoSchemaError from error
    if not isinstance(made, Schema):
        raise NoSchemaError
    return made


def _said(value: Any) -> Any:  # noqa: PLR0911  (one a shape)
    """A list is a tuple; an object has one key, which says what it is."""
    if value is None or type(value) in (str, bool, int):
        return value
    if type(value) is Subject:
        return {"subject": [value.kind.value, *value.name]}
    if isinstance(value, tuple):
        return [_said(each) for each in value]
    if isinstance(value, frozenset):
        return {"set": sorted((_said(each) for each in value), key=repr)}
    if isinstance(value, Mapping):
        return {"mapping": [[_said(key), _said(each)] for key, each in value.items()]}
    if isinstance(value, StrEnum):
        return {type(value).__name__: value.value}
    return {type(value).__name__: _fields_of(value.__class__)(value)}


@cache
def _fields_of(of_class: Any) -> Callable[[Any], dict[str, Any]]:
    known = [(each.name, each.default, attrgetter(each.name)) for each in fields(of_class)]

    def said(value: Any) -> dict[str, Any]:
        found = ((name, default, get(value)) for name, default, get in known)
        return {name: _said(each) for name, default, each in found if default is MISSING or each is not default}

    return said


def _meant(said: Any) -> Any:
    if type(said) is list:
        return tuple([_meant(each) for each in said])
    if type(said) is not dict:
        return said
    ((word, inner),) = said.items()
    reader = _OTHERS.get(word)
    return reader(inner) if reader is not None else _VALUES[word](**{name: _meant(inner[name]) for name in inner})


_OTHERS: Mapping[str, Callable[[Any], Any]] = {
    "subject": lambda inner: Subject(_KINDS[inner[0]], tuple(inner[1:])),
    "set": lambda inner: frozenset(map(_meant, inner)),
    "mapping": lambda inner: MappingProxyType({_meant(key): _meant(each) for key, each in inner}),
    **_ENUMS,
}
