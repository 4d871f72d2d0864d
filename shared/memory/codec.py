"""A memory as JSON and back, by the shapes of the model.

pydantic could do it, for the price of its import in every run; it also stumbles over the recursive
type of a finding's evidence.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..model.moment import moment_of

# Builds a value out of what JSON says; raises one of `_NOT_SO`, or `NotInShapeError` with the place.
Reader = Callable[[Any], Any]
_NOT_SO = (TypeError, ValueError, OverflowError)


class NotInShapeError(Exception):
    """A document is not what the shapes say; the text names the place, never a value."""


def to_json(value: Any) -> Any:
    """Give what JSON can say of *value*; a field at its default is left out."""
    match value:
        # Many enumerations are strings, too.
        case None | str() | int() | float():
            return value.value if isinstance(value, Enum) else value
        case tuple() | list():
            return [to_json(inner) for inner in value]
        case Mapping():
            return {key: to_json(inner) for key, inner in value.items()}
    return _fields_to_json(value) if is_dataclass(value) else _moment_to_json(value)


def _fields_to_json(value: Any) -> Any:
    return {
        key: to_json(inner)
        for key, name, default in _written(value.__class__)
        if (inner := getattr(value, name)) != default or name == "version"
    }


def _moment_to_json(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
    return value


@cache
def _written(shape: Any) -> tuple[tuple[str, str, Any], ...]:
    """Give of each field its key in the document, its name and its default."""
    return tuple((_key(field), field.name, _default(field)) for field in fields(shape))


def from_json(hint: Any, value: Any, place: str = "document") -> Any:
    """Build what *hint* says out of JSON; raises `NotInShapeError` where that cannot be."""
    try:
        return _reader(hint)(value)
    except NotInShapeError as error:
        place = f"{place}{error}"
    except _NOT_SO:
        pass
    # Out here no chain holds on to the value.
    raise NotInShapeError(place)


@cache
def _reader(hint: Any) -> Reader:
    """Give what builds *hint*: made once, since a document has thousands of the same."""
    if is_dataclass(hint):
        return _reader_of_fields(hint)
    inner, origin = get_args(hint), get_origin(hint)
    if origin in {Union, UnionType}:
        return _reader_of_either(inner)
    if origin is tuple:
        read_each = _reader(inner[0])
        return lambda value: tuple([_at(read_each, at, each) for at, each in enumerate(_of(list, value))])
    if origin is Mapping:
        read_value = _reader(inner[1])
        return lambda value: {key: _at(read_value, key, each) for key, each in _of(dict, value).items()}
    if origin is Literal:
        return lambda value: inner[inner.index(value)]
    return _reader_of_scalar(hint)


def _at(read: Reader, key: int | str, value: Any) -> Any:
    """Read a part, and name it where it is not in shape."""
    place = f"[{key}]" if isinstance(key, int) else f".{key}"
    try:
        return read(value)
    except NotInShapeError as error:
        place += str(error)
    except _NOT_SO:
        pass
    raise NotInShapeError(place)


def _reader_of_either(kinds: tuple[Any, ...]) -> Reader:
    (*others, last) = (kind for kind in kinds if kind is not NoneType)
    if others:
        # Only evidence is a union of more: whatever JSON says.
        return lambda value: value
    read, may_be_none = _reader(last), NoneType in kinds
    return lambda value: None if value is None and may_be_none else read(value)


def _reader_of_fields(shape: Any) -> Reader:
    stored = _stored(shape)

    def read(value: Any) -> Any:
        given = _of(dict, value)
        if not given.keys() <= stored.keys():
            raise NotInShapeError(f".{min(given.keys() - stored.keys())}")
        named = {}
        for key, inner in given.items():
            name, hint = stored[key]
            named[name] = _at(_reader(hint), key, inner)
        return shape(**named)

    return read


def _reader_of_scalar(hint: Any) -> Reader:
    if hint is datetime:
        return _moment
    if hint is timedelta:
        return lambda value: timedelta(seconds=value)
    if issubclass(hint, Enum):
        of_enumeration: Reader = hint
        return of_enumeration
    return lambda value: _of(hint, value)


def _moment(value: Any) -> datetime:
    moment = moment_of(_of(str, value))
    if moment is None:
        raise ValueError
    return moment


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
