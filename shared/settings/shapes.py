"""What the shapes of the settings expect at a place of the file, in words and by example."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from ..model.azure import Identity
from ..model.setting_types import FromEnvironment, Secret, toml_key
from .file import SettingsFile
from .problem import Location, table_header

# An annotation without its marks: a class, a Literal, tuple[...], Mapping[...]; None where nothing is expected.
Hint = Any


class Expected(NamedTuple):
    """What belongs to a key: *what* completes "expected …", *example* is a line to paste."""

    what: str
    example: str


_VALUES: dict[Hint, Expected] = {
    bool: Expected("true or false", "true"),
    int: Expected("a whole number", "6"),
    date: Expected("a date", "2027-01-31"),
    datetime: Expected("a moment", "2026-12-06T04:00:00Z"),
    tuple: Expected("a list", '["…"]'),
    Secret: Expected("the name of a secret", '"env:NAME"'),
    Identity: Expected("the identity for Azure", '"managed"'),
}
_TEXT = Expected("text", '"…"')
_STAND_INS: dict[Hint, object] = {
    int: 1,
    date: date.max,
    datetime: datetime.max.replace(tzinfo=UTC),
    timedelta: "1m",
    Identity: "managed",
}


def keys_at(location: Location) -> dict[str, Hint]:
    """Give the keys of the table at *location* and what each may hold; none where any are allowed."""
    hint = _table_at(location)
    if not _is_table(hint):
        return {}
    hints = get_type_hints(hint, include_extras=True)
    return {key: _bare(hints[field.name]) for key, field in _fields(hint).items()}


def choices_at(location: Location) -> tuple[str, ...]:
    return get_args(hint_at(location))


def expected_at(location: Location) -> Expected:
    hint, header = hint_at(location), table_header(location)
    if _one_will_do(location):
        return Expected("a table", f"[{header}]")
    if _is_list_of_tables(hint) or (_is_table(hint) and isinstance(location[-1], int)):
        return Expected("tables", f"[[{header}]]")
    if _is_table(hint) or _origin(hint) is Mapping:
        return Expected("a table", f"[{header}]")
    what, value = _VALUES.get(_origin(hint) or hint, _TEXT)
    if example := _example(location):
        value = value.replace("…", example)
    return Expected(what, f"{location[-1]} = {value}" if isinstance(location[-1], str) else value)


def can_be_left_out(location: Location) -> bool:
    """Say whether the table around *location* means the same without it: it has a default, or is none of its keys.

    A place in a list cannot, for others would move up; nor can what has no default but None, for
    other keys may depend on it.
    """
    *table, key = location
    if isinstance(key, int):
        return False
    hint = _table_at(tuple(table))
    field = _fields(hint).get(key) if _is_table(hint) else None
    return field is None or field.default_factory is not MISSING or field.default not in {MISSING, None}


def decides_for_table(location: Location) -> bool:
    """Say whether the other keys of its table mean something only once this one is right: ``kind``, ``source``."""
    *table, key = location
    field = _fields(hint).get(str(key)) if _is_table(hint := _table_at(tuple(table))) else None
    return field is not None and field.default is MISSING and _origin(hint_at(location)) is Literal


def stand_in(location: Location, text: str) -> object:
    """Give a value whose type is right for *location*, with *text* for each of its texts."""
    hint = _table_at(location) if _one_will_do(location) else hint_at(location)
    if _is_table(hint):
        required = (
            key for key, field in _fields(hint).items() if field.default is MISSING and field.default_factory is MISSING
        )
        return {key: stand_in((*location, key), text) for key in required}
    if hint is Secret:
        return FromEnvironment("https://stand-in.example", "env:NAME")
    if _origin(hint) is Literal:
        return get_args(hint)[0]
    if _origin(hint) is tuple:
        return []
    return _STAND_INS.get(hint) or _example(location) or text


def _example(location: Location) -> str | None:
    """Give the text that a shape shows as an example of its key: not every text would do there."""
    while location and isinstance(location[-1], int):
        location = location[:-1]
    *table, key = location
    return _metadata((*table, key)).get("example")


def _metadata(location: Location) -> Mapping[str, Any]:
    *table, key = location
    holder = _table_at(tuple(table))
    field = _fields(holder).get(str(key)) if _is_table(holder) else None
    return {} if field is None else field.metadata


def _one_will_do(location: Location) -> bool:
    """Say whether a single table may stand at *location* instead of a list of such."""
    return bool(location) and bool(_metadata(location).get("one"))


def _table_at(location: Location) -> Hint:
    """Give the shape of the table at *location*, also of one that is written for a list of one."""
    hint = hint_at(location)
    return _bare(get_args(hint)[0]) if _is_list_of_tables(hint) and _one_will_do(location) else hint


def hint_at(location: Location) -> Hint:
    hint: Hint = SettingsFile
    for depth, step in enumerate(location):
        if _is_table(hint) or (_is_list_of_tables(hint) and isinstance(step, str)):
            hint = keys_at(location[:depth]).get(str(step))
        elif _origin(hint) is tuple:
            hint = _bare(get_args(hint)[0])
        else:
            hint = _bare(get_args(hint)[1]) if _origin(hint) is Mapping else None
    return hint


def _fields(table: Hint) -> dict[str, "Field[Any]"]:
    return {toml_key(field.name): field for field in fields(table)}


def _is_table(hint: Hint) -> bool:
    return is_dataclass(hint) and hint not in {Secret, Identity}


def _is_list_of_tables(hint: Hint) -> bool:
    return _origin(hint) is tuple and _is_table(_bare(get_args(hint)[0]))


def _origin(hint: Hint) -> Hint:
    return get_origin(hint)


def _bare(hint: Hint) -> Hint:
    """Take off what does not bear on the words: marks, and that a key may be left out."""
    if _origin(hint) is Annotated:
        return _bare(get_args(hint)[0])
    if _origin(hint) in {Union, UnionType}:
        return _bare(next(kind for kind in get_args(hint) if kind is not NoneType))
    return hint
