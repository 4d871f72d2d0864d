"""What a message of the server's mentions, in whatever language, and what a statement does."""

import re
from collections.abc import Iterator
from typing import Any

from ..parse import Statement, Tree

# The marks that the server's translations put around names.
_QUOTED = re.compile('"([^"]+)"|»\\s*([^«»]+?)\\s*«|«\\s*([^«»]+?)\\s*»|“([^“”]+)”|「([^「」]+)」')
_WORD = re.compile(r'"((?:[^"]|"")*)"|([^\W\d][\w$]*)')
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
# Fields of trees that say what kind of node it is.
_KINDS = frozenset({"contype", "subtype", "objtype", "objectType", "removeType", "relationType", "renameType", "kind",
                    "behavior", "relpersistence", "ordering", "nulls_ordering", "op", "boolop"})  # fmt: skip


def quoted_in(message: str) -> frozenset[str]:
    """Every name, or value, that *message* puts in quotation marks."""
    return frozenset(next(filter(None, found)) for found in _QUOTED.findall(message))


def stands_in(word: str, message: str, as_said: str = "{}") -> bool:
    """Say whether *word* stands in *message*, not as a part of a longer name. Other scripts may join it with theirs.

    *as_said* is how: with what directly before it or after it.
    """
    before, _, after = as_said.partition("{}")
    said = f"{re.escape(before)}{re.escape(word)}{re.escape(after)}"
    return re.search(rf"(?<![A-Za-z0-9_$]){said}(?![A-Za-z0-9_$])" if as_said == "{}" else said, message) is not None


def names_in(statement: Statement) -> frozenset[str]:
    """Every name and constant of *statement*; of the text of a DO block or an SQL function, every word.

    A function in another language is not read until it is called.
    """
    is_function = statement.kind == "CreateFunctionStmt"
    return frozenset(_names(_without_body(statement.node) if is_function else statement.node))


def _without_body(function: Tree) -> Tree:
    options = {each["DefElem"]["defname"]: each for each in function.get("options", ())}
    language = options.get("language", {}).get("DefElem", {}).get("arg", {}).get("String", {}).get("sval", "sql")
    return function if language.lower() == "sql" else {key: function[key] for key in function if key != "options"}


def _names(tree: Any) -> Iterator[str]:
    rest = [tree]
    while rest:
        node = rest.pop()
        if isinstance(node, str):
            yield node
            if not node.isidentifier():
                yield from (quoted.replace('""', '"') or bare for quoted, bare in _WORD.findall(node))
        elif isinstance(node, list):
            rest.extend(node)
        elif isinstance(node, dict):
            rest.extend(value for key, value in node.items() if key not in _KINDS)


def raises(statement: Statement, message: str) -> bool:
    """Say whether a RAISE in the text of *statement* has this *message*, with any values in the place of its ``%``."""
    said = message.partition(": ")[2] or message
    return any(_fits(format_, said) for format_ in _LITERAL.findall(statement.sql) if format_.strip(" %"))


def _fits(format_: str, said: str) -> bool:
    parts = " ".join(format_.replace("''", "'").split()).split("%")
    return re.fullmatch(".*".join(map(re.escape, parts)), said) is not None
