"""Statements without a tree: what they may have made, changed or dropped follows from the names in them."""

import re

from ..parse import Tree
from .state import State

# They change rows, or what is not compared.
_TRACELESS = frozenset(
    """
    analyze begin call cluster comment commit copy delete end explain grant insert listen lock merge notify prepare
    refresh reindex reset revoke set show start table truncate update vacuum values
    """.split()  # noqa: SIM905 - quotes around each word would double it
)
_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_NAMES = re.compile(r'"((?:[^"]|"")*)"|([^\W\d][\w$]*)')
# What makes one object, named right there: the others that it mentions stay as they are.
_MAKES = re.compile(
    r"create\s+(?:or\s+replace\s+)?(?:(?:unlogged|materialized|recursive|foreign)\s+)*"
    r"(?:table|view|type|domain|sequence|schema)\s+(?:if\s+not\s+exists\s+)?"
    rf"(?P<name>{_NAME}(?:\s*\.\s*{_NAME})*)",
    re.IGNORECASE,
)


def run(state: State, node: Tree) -> None:
    """Note what the statement bears on. Nothing takes it back: whether it ran or not, its objects are not compared."""
    if names := aims(node["text"]):
        state.mentioned.setdefault(names, node["because"])
        state.unread = node["because"]


def aims(text: str) -> frozenset[str]:
    """The names of what a statement may make, change or drop, in lower case; none where it leaves no trace."""
    first = _NAMES.search(text)
    if first is None or first[0].lower() in _TRACELESS:
        return frozenset()
    made = _MAKES.match(text)
    found = _NAMES.findall(text if made is None else made["name"])
    return frozenset((quoted.replace('""', '"') or bare).casefold() for quoted, bare in found)
