"""The commands of an ALTER TABLE as they are written, and names as SQL spells them."""

import re
from collections.abc import Iterable, Iterator

from ....model.plan import Relation
from ...canonical.sql import identifier
from ...parse import Statement

_TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|[A-Za-z_\x80-\U0010ffff][\w$]*|[()\[\],]|.""",
    re.DOTALL,
)
_NAME = re.compile(
    r"""(?:"(?:[^"]|"")+"|[A-Za-z_\x80-\U0010ffff][\w$]*)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[A-Za-z_\x80-\U0010ffff][\w$]*))*\s*\*?"""
)


def spelled(relation: Relation) -> str:
    """The name, with its schema unless that is where unqualified names go."""
    schema, name = relation
    return identifier(name) if schema == "public" else f"{identifier(schema)}.{identifier(name)}"


def columns(names: Iterable[str]) -> str:
    return ", ".join(map(identifier, names))


def commands(statement: Statement) -> tuple[str, ...] | None:
    """The text of each command of an ALTER TABLE; None where the text does not show its end."""
    offset = statement.place(statement.node["relation"])
    sql = statement.sql.encode()
    if not 0 < offset < len(sql):
        return None
    rest = sql[offset:].decode()
    name = _NAME.match(rest)
    if name is None:
        return None
    found = tuple(map(_trimmed, split(rest[name.end() :])))
    return found if len(found) == len(statement.node["cmds"]) else None


def _trimmed(text: str) -> str:
    """*text* without the blanks and comments around it: what is put behind it must not become a part of one."""
    kept = [token for token in _TOKEN.finditer(text) if not token[0].isspace() and token[0][:2] not in ("--", "/*")]
    return text[kept[0].start() : kept[-1].end()] if kept else ""


def split(text: str) -> Iterator[str]:
    """The parts between the commas of *text* that are in no parentheses."""
    depth = begin = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in "([") - (token[0] in ")]")
        if token[0] == "," and depth == 0:
            yield text[begin : token.start()]
            begin = token.end()
    yield text[begin:]


def after_word(text: str, word: str) -> str | None:
    """What follows the keyword *word*, where it stands in no parentheses."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in "([") - (token[0] in ")]")
        if depth == 0 and token[0].lower() == word:
            return text[token.end() :].strip()
    return None


def concurrently(sql: str, *, after: str) -> str | None:
    """*sql* with CONCURRENTLY behind its first keyword *after*: INDEX."""
    for token in _TOKEN.finditer(sql):
        if token[0].lower() == after:
            return f"{sql[: token.end()]} CONCURRENTLY{sql[token.end() :]}"
        if token[0] == "(":
            return None
    return None
