"""What a query runs: the functions that it calls, and those of the CHECKs of domains whose values it reads or makes."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ...model.schema import CompositeType, Domain, Kind, Subject
from ..canonical.expressions import read as read_form
from ..canonical.literals import NUMBERS
from ..canonical.sql import UNWRITTEN, rendered
from ..naming import unquoted
from ..offending_rows import COUNT
from ..parse import ParseError, Tree, nodes_with, parse
from .known import Known
from .writing import UnwrittenError, is_extract

# Names, constants, signs and words that make no call and no type. A name before a bracket is a function's, and one
# before a text a type's.
_WITHOUT_CALLS = re.compile(
    r"""(?:"(?:[^"]|"")*"(?!\s*[('"])|'(?:[^']|'')*'|\d+|/(?!\*)|-(?!-)|[^\w"':$\\/-]"""
    r"""|\b(?:AND|AS|BY|EXISTS|FROM|GROUP|HAVING|IS|NOT|NULL|ONLY|OPERATOR|OR|SELECT|WHERE)\b|\bpg_catalog\.(?=\W))*+"""
)
# Longer ones may nest too deeply to be read.
_SHORT = 4_096


def routines_of(known: Known, sql: str, types: Iterable[str] = ()) -> tuple[str, ...]:
    """Give the functions as ``schema.name``; *sql* names all that is not of pg_catalog with its schema.

    *types*, as columns spell them, are those that literals of it may be read as. Raises UnwrittenError where a type is
    not known.
    """
    found = _Called(known)
    uncounted = sql.replace(COUNT, "0")
    if len(sql) > _SHORT or not _WITHOUT_CALLS.fullmatch(uncounted):
        found.in_tree([statement.tree for statement in _parsed(sql)])
    elif uncounted != sql:
        found.routines[COUNT.removesuffix("(*)")] = None
    for each in types:
        found.in_type(each)
    return tuple(found.routines)


class _Called:
    def __init__(self, known: Known) -> None:
        self._known = known
        self._types: set[tuple[str, ...]] = set()
        self.routines: dict[str, None] = {}

    def in_tree(self, tree: Any) -> None:
        for call in nodes_with(tree, "funcname"):
            # What EXTRACT calls on 13; later its own function, which differs in the type that it gives.
            called = ("pg_catalog", "date_part") if is_extract(call) else _words(call["funcname"])
            self.routines[".".join(called)] = None
        for each in nodes_with(tree, "typeName"):
            self._in_type(_words(each["typeName"]["names"]))

    def in_type(self, spelled: str) -> None:
        bare = spelled.partition("(")[0].removesuffix("[]")
        if "." in bare:
            self._in_type(unquoted(bare))

    def _in_type(self, name: tuple[str, ...]) -> None:
        if name[0] == "pg_catalog" or name in self._types or Subject(Kind.ENUM, name) in self._known.objects:
            return
        self._types.add(name)
        domain = self._known.objects.get(Subject(Kind.DOMAIN, name))
        composite = self._known.objects.get(Subject(Kind.COMPOSITE_TYPE, name))
        if isinstance(domain, Domain):
            self.in_tree([catalog_tree(check.expression.meaning) for check in domain.checks])
            self.in_type(domain.type)
        elif isinstance(composite, CompositeType):
            for attribute in composite.attributes:
                self.in_type(attribute.type)
        else:
            raise UnwrittenError


def _words(names: list[Tree]) -> tuple[str, ...]:
    """Schema and name: what has no schema is of pg_catalog."""
    words = tuple(each["String"]["sval"] for each in names)
    return words if len(words) > 1 else ("pg_catalog", *words)


def _parsed(sql: str) -> list[Any]:
    try:
        return list(parse(sql))
    except (ParseError, ValueError) as error:
        raise UnwrittenError from error


# Thousands of tables may have one and the same CHECK.
@lru_cache(maxsize=256)
def catalog_tree(meaning: str) -> Tree:
    """The tree of an expression that the catalog has in canonical form, in which constants have lost their casts."""
    written = rendered(_with_casts(read_form(meaning)))
    if UNWRITTEN in written:
        raise UnwrittenError
    (statement,) = _parsed(f"SELECT ({written})")
    tree: Tree = statement.node["targetList"][0]["ResTarget"]["val"]
    return tree


def _with_casts(form: Any) -> Any:
    if not isinstance(form, list):
        return {key: _with_casts(value) for key, value in form.items()} if isinstance(form, dict) else form
    if form[:1] == ["const"] and len(form) > 2 and form[2] in NUMBERS and form[2] not in ("", "number"):
        return ["cast", form[2], form]
    return [_with_casts(each) for each in form]
