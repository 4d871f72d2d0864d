"""A memory as JSON and back, by the shapes of the model.

pydantic could do it, for the price of its import in every run; it also stumbles over the recursive
type of a finding's evidence.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..model.moment import moment_of


class NotInShapeError(Exception):
    """A document is not what the shapes say; the text names the place, never a value."""


def to_json(value: Any) -> Any:
    """Give what JSON can say of *value*; a field at its default is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            _key(field): to_json(inner)
            for field in fields(value)
            if (inner := getattr(value, field.name)) != _default(field) or field.name == "version"
        }
    match value:
        case Mapping():
            return {key: to_json(inner) for key, inner in value.items()}
        case tuple() | list():
            return [to_json(inner) for inner in value]
    return _scalar_to_json(value)


def _scalar_to_json(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
    return value


def from_json(hint: Any, value: Any, place: str = "document") -> Any:
    """Build what *hint* says out of JSON; raises `NotInShapeError` where that cannot be."""
    try:
        return _dataclass(hint, value, place) if is_dataclass(hint) else _generic(hint, value, place)
    except (TypeError, ValueError, OverflowError):
        pass  # raised below, where no chain holds on to the value
    raise NotInShapeError(place)


def _generic(hint: Any, value: Any, place: str) -> Any:
    inner = get_args(hint)
    match get_origin(hint):
        case origin if origin in {Union, UnionType}:
            return _either(inner, value, place)
        case origin if origin is tuple:
            return tuple(from_json(inner[0], each, f"{place}[{at}]") for at, each in enumerate(_of(list, value)))
        case origin if origin is Mapping:
            return {key: from_json(inner[1], each, f"{place}.{key}") for key, each in _of(dict, value).items()}
        case origin if origin is Literal:
            return inner[inner.index(value)]
    return _scalar(hint, value)


def _either(kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    if value is None and NoneType in kinds:
        return None
    (*others, last) = (kind for kind in kinds if kind is not NoneType)
    # Only evidence is a union of more: whatever JSON says.
    return value if others else from_json(last, value, place)


def _dataclass(shape: Any, value: Any, place: str) -> Any:
    given, stored = _of(dict, value), _stored(shape)
    if not given.keys() <= stored.keys():
        raise NotInShapeError(f"{place}.{min(given.keys() - stored.keys())}")
    named = ((*stored[key], key, inner) for key, inner in given.items())
    return shape(**{name: from_json(hint, inner, f"{place}.{key}") for name, hint, key, inner in named})


def _scalar(hint: Any, value: Any) -> Any:
    if hint is datetime:
        moment = moment_of(_of(str, value))
        if moment is None:
            raise ValueError
        return moment
    if hint is timedelta:
        return timedelta(seconds=value)
    if issubclass(hint, Enum):
        return hint(value)
    return _of(hint, value)


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:  # JSON's true is not 1
        raise TypeError
    return value


@cache
def _stored(shape: Any) -> dict[str, tuple[str, Any]]:
    """By the key in the document: the name of the field, and its hint."""
    hints = get_type_hints(shape)
    return {_key(field): (field.name, hints[field.name]) for field in fields(shape)}


def _key(field: Any) -> str:
    return str(field.metadata.get("key", field.name))


def _default(field: Any) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default
