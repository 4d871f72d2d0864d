"""Columns as Prisma compares them: their types, whether they take NULL, and those defaults that it distinguishes."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ...model.schema import Column, Definition, Domain, Expression, Kind, Subject
from ...model.value import replace

# Types that a field can have, but for enums. All others are `Unsupported(…)`: one is as good as another.
_TYPES = frozenset({
    "bigint", "bit", "bit varying", "boolean", "bytea", "character", "character varying", "citext", "date",
    "double precision", "inet", "integer", "json", "jsonb", "money", "numeric", "oid", "real", "smallint", "text",
    "time with time zone", "time without time zone", "timestamp with time zone", "timestamp without time zone", "uuid",
    "xml",
})  # fmt: skip
_UNSUPPORTED = "a type without a name in schema.prisma"
_MODIFIER = re.compile(r"\([^()]*\)")
# Six digits of a second are what a type has that names none.
_USUAL_PRECISION = re.compile(r"\(6\)(?= with)")
_AUTOINCREMENT = Expression("autoincrement()", '["autoincrement"]')
_NOW = '["call","now",[]]'
_TIMES = ("date", "time")
_NUMBERS = frozenset({"numeric", "real", "double precision"})
_JSON = frozenset({"json", "jsonb"})


def seen_column(column: Column, objects: Mapping[Subject, Definition]) -> Column:
    """*column* with its own type, default and NULL alone. A generated one has its expression as its default."""
    type_ = _seen_type(column.type, objects)
    default = column.default if column.generated is None else column.generated.expression
    if column.identity is not None or (default is not None and _calls(default, "nextval")):
        default = _AUTOINCREMENT
    # A list is a list, whether or not it may be NULL.
    return Column(type_, column.nullable or type_.endswith("[]"), default, hangs_on=column.hangs_on)


def seen_pair(expected: Column, actual: Column) -> Column:
    """*actual*, with the default of *expected* where Prisma does not distinguish the two."""
    return replace(actual, default=expected.default) if _is_same_default(expected, actual.default) else actual


def _seen_type(type_: str, objects: Mapping[Subject, Definition]) -> str:
    element, list_ = (type_.removesuffix("[]"), "[]") if type_.endswith("[]") else (type_, "")
    found = _named(element, objects)
    if found is not None and found.kind is Kind.ENUM:
        return type_
    domain = None if found is None else objects[found]
    if isinstance(domain, Domain):
        return _seen_type(f"{domain.type}{list_}", objects)
    bare = _MODIFIER.sub("", element).rpartition(".")[2]
    if bare not in _TYPES:
        return f"{_UNSUPPORTED}{list_}"
    return f"{_USUAL_PRECISION.sub('', element)}{list_}"


def _named(type_: str, objects: Mapping[Subject, Definition]) -> Subject | None:
    if "." not in type_:
        return None
    schema, name = (each.replace('""', '"') for each in _words(type_))
    subjects = (Subject(kind, (schema, name)) for kind in (Kind.ENUM, Kind.DOMAIN))
    return next((each for each in subjects if each in objects), None)


def _words(type_: str) -> tuple[str, str]:
    """The two words of a qualified name, without their quotes."""
    found = re.fullmatch(r'("(?:[^"]|"")*"|[^".]+)\.("(?:[^"]|"")*"|[^".]+)', type_)
    return ("", "") if found is None else (_unquoted(found[1]), _unquoted(found[2]))


def _unquoted(word: str) -> str:
    return word[1:-1] if word.startswith('"') else word


def _is_same_default(expected: Column, actual: Expression | None) -> bool:
    wanted = expected.default
    if wanted is None:
        # `@default(dbgenerated())` says that there is one, and not which: it is lowered to none.
        return actual is not None and not _is_plain(actual, expected.type)
    if actual is None:
        return False
    if expected.type.startswith(_TIMES) and _is_value(wanted):
        return True
    return _values_agree(_meaning(wanted), _meaning(actual), expected.type.removesuffix("[]"))


def _is_plain(default: Expression, type_: str) -> bool:
    """Say whether Prisma reads *default* as a value, as now() or as autoincrement()."""
    is_now = default.meaning == _NOW and type_.startswith(_TIMES)
    is_literal = _is_value(default) and not type_.startswith((*_TIMES, "uuid", _UNSUPPORTED))
    return is_now or is_literal or default is _AUTOINCREMENT


def _is_value(default: Expression) -> bool:
    return _meaning(default)[0] in {"const", "array"}


def _values_agree(expected: Any, actual: Any, type_: str) -> bool:
    match expected, actual:
        case ["array", *wanted], ["array", *found]:
            pairs = zip(wanted, found, strict=False)
            return len(wanted) == len(found) and all(_values_agree(*pair, type_) for pair in pairs)
        case ["const", str(wanted), *_], ["const", str(found), *_]:
            return _constants_agree(wanted, found, type_)
    return bool(expected == actual)


def _constants_agree(expected: str, actual: str, type_: str) -> bool:
    try:
        if type_ in _JSON:
            return bool(json.loads(expected) == json.loads(actual))
        if type_.partition("(")[0] in _NUMBERS:
            return Decimal(expected) == Decimal(actual)
    except (ValueError, RecursionError, InvalidOperation):
        return False
    return expected == actual


def _meaning(default: Expression) -> list[Any]:
    meaning: list[Any] = json.loads(default.meaning)
    return meaning


def _calls(default: Expression, function: str) -> bool:
    return _meaning(default)[:2] == ["call", function]
