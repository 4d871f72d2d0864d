"""What the condition of a seed reads besides its table, and what it may run with the monitor's rights."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ...model.seed import SeedExpectation
from ...model.value import dataclass
from .owner_code import Name
from .query import Query, from_file, sendable

# Their views run code of nobody else.
_SERVERS_OWN = "pg_catalog", "information_schema"


@dataclass(frozen=True, slots=True)
class ConditionCode:
    """A condition that calls *name* of *schema* runs *what*; without a name, any condition may."""

    schema: str | None
    name: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Named:
    """What a condition names; tables and functions in the schema that is searched for them."""

    tables: frozenset[Name] = frozenset()
    functions: frozenset[Name] = frozenset()
    types: frozenset[str] = frozenset()


def names_in(where: str | None, schema: str) -> Named:
    """Give what *where* names; all its words, where it cannot be parsed here: a newer server may take it."""
    if where is None:
        return Named()
    # Loaded for conditions alone.
    from ...postgres.parse import ParseError, nodes_with, parse  # noqa: PLC0415

    where = sendable(where)
    try:
        trees = [each.tree for each in parse(f"SELECT WHERE (\n{where}\n)")]
    except ParseError:
        words = re.findall(r"\w+", where)
        named = frozenset((schema, word) for each in words for word in (each, each.lower()))
        return Named(named, named, frozenset(word for _, word in named))
    read = [(each.get("schemaname", schema), each["relname"]) for each in nodes_with(trees, "relname")]
    tables = [each for each in read if each[0] not in _SERVERS_OWN]
    called = [_words(each["funcname"]) for each in nodes_with(trees, "funcname")]
    # `row.name` and `(row).name` call a function, too, where there is no such column.
    passed = [_words(each["fields"])[-1:] for each in nodes_with(trees, "fields") if len(each["fields"]) > 1]
    passed += [[word] for each in nodes_with(trees, "indirection") for word in _words(each["indirection"])]
    functions = [(words[-2] if len(words) > 1 else schema, words[-1]) for words in (*called, *passed) if words]
    types = [_words(each["typeName"]["names"])[-1] for each in nodes_with(trees, "typeName")]
    return Named(frozenset(tables), frozenset(functions), frozenset(types))


def ask_condition_code(
    schema: str, seeds: Sequence[SeedExpectation], tables: Sequence[Name]
) -> list[Query[ConditionCode]]:
    """Ask what the conditions of *seeds*, which read *tables*, may run; nothing is asked where no seed has one."""
    named = [names_in(seed.where, schema) for seed in seeds if seed.where is not None]
    if not named:
        return []
    # Operators of the watched schema may be used without any name of it.
    functions = sorted({(schema, ""), *(each for one in named for each in one.functions)})
    parameters = {
        "schemas": [each for each, _ in functions],
        "names": [name for _, name in functions],
        "types": sorted({each for one in named for each in one.types}),
        "table_schemas": [sendable(each) for each, _ in tables],
        "table_names": [sendable(name) for _, name in tables],
    }
    return [from_file("condition_code", ConditionCode, parameters)]


def runs(found: Iterable[ConditionCode], named: Named) -> str | None:
    """Say what of *found* a condition may run that names *named*."""
    for each in found:
        if each.schema is None or each.name is None or (each.schema, each.name) in named.functions:
            return each.what
    return None


def _words(names: Sequence[Any]) -> list[str]:
    return [each["String"]["sval"] for each in names if "String" in each]
