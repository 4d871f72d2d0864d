"""What text search is made of."""

from itertools import groupby
from typing import Any

from ...model import schema as model
from ...model.schema import Kind, Subject
from ..canonical.text_search import TOKENS
from ..parse import Tree, parse
from .reading import Described, Row, named


def parser(row: Row) -> Described:
    functions: dict[str, Any] = {role: named(each) for role, each in row["functions"].items()}
    yield Subject(Kind.SEARCH_PARSER, (row["schema"], row["name"])), model.SearchParser(**functions)


def template(row: Row) -> Described:
    functions: dict[str, Any] = {role: named(each) for role, each in row["functions"].items()}
    yield Subject(Kind.SEARCH_TEMPLATE, (row["schema"], row["name"])), model.SearchTemplate(**functions)


def dictionary(row: Row) -> Described:
    yield (
        Subject(Kind.SEARCH_DICTIONARY, (row["schema"], row["name"])),
        model.SearchDictionary(named(row["template"]) or "", tuple(sorted(_options(row.get("options", ""))))),
    )


def _options(text: str) -> list[str]:
    """``a = 'x', b = 1`` as CREATE TEXT SEARCH DICTIONARY has it."""
    written = f"CREATE TEXT SEARCH DICTIONARY d (template = t{', ' if text else ''}{text})"
    _, *given = (each["DefElem"] for each in parse(written)[0].node["definition"])
    return [f"{each['defname']}={_value(each['arg'])}" for each in given]


def _value(node: Tree) -> str:
    """A constant; the tree leaves out zero and the empty string."""
    ((kind, value),) = node.items()
    return str(next(iter(value.values()), 0 if kind == "Integer" else ""))


def configuration(row: Row) -> Described:
    mappings = (
        model.TokenMapping(_token(number, row), tuple(named(each[1:]) or "" for each in dictionaries))
        for number, dictionaries in groupby(row.get("mappings", ()), key=lambda each: int(each[0]))
    )
    yield (
        Subject(Kind.SEARCH_CONFIGURATION, (row["schema"], row["name"])),
        model.SearchConfiguration(named(row["parser"]) or "", tuple(sorted(mappings, key=lambda each: each.token))),
    )


def _token(number: int, row: Row) -> str:
    """What its parser calls it: only the default one's words are known, others have their number."""
    return TOKENS[number - 1] if row.get("standard_tokens") else str(number)
