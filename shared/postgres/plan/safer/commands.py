"""The commands of an ALTER TABLE as they are written, and names as SQL spells them."""

import re
from collections.abc import Iterable, Iterator

from ....model.plan import Relation
from ...canonical.sql import identifier
from ...parse import Statement
from ...pieces import placed_pieces_of

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
    kept = [piece for piece in placed_pieces_of(text) if not piece.blank]
    return text[kept[0].start : kept[-1].end] if kept else ""


def split(text: str) -> Iterator[str]:
    """The parts between the commas of *text* that are in no parentheses."""
    begin = 0
    for piece in placed_pieces_of(text):
        if piece.text == "," and piece.depth == 0:
            yield text[begin : piece.start]
            begin = piece.end
    yield text[begin:]


def after_word(text: str, word: str) -> str | None:
    """What follows the keyword *word*, where it stands in no parentheses."""
    found = (piece for piece in placed_pieces_of(text) if piece.depth == 0 and piece.text.lower() == word)
    piece = next(found, None)
    return text[piece.end :].strip() if piece is not None else None


def concurrently(sql: str, *, after: str) -> str | None:
    """*sql* with CONCURRENTLY behind its first keyword *after*: INDEX."""
    for piece in placed_pieces_of(sql):
        if piece.text.lower() == after:
            return f"{sql[: piece.end]} CONCURRENTLY{sql[piece.end :]}"
        if piece.text == "(":
            return None
    return None
