"""The commands of an ALTER TABLE as they are written, and names as SQL spells them."""

from collections.abc import Iterable

from ....model.plan import Relation
from ...canonical.sql import identifier
from ...parse import Statement
from ...parts import parts_of
from ...pieces import placed_pieces_of


def spelled(relation: Relation) -> str:
    """The name, with its schema unless that is where unqualified names go."""
    schema, name = relation
    return identifier(name) if schema == "public" else f"{identifier(schema)}.{identifier(name)}"


def columns(names: Iterable[str]) -> str:
    return ", ".join(map(identifier, names))


def commands(statement: Statement) -> tuple[str, ...] | None:
    """The text of each command of an ALTER TABLE; None where the text does not show its end."""
    parts = parts_of(statement)
    return None if parts is None else parts.texts


def after_word(text: str, word: str) -> str | None:
    """What follows the keyword *word*, where it stands in no parentheses."""
    if word not in text.lower():
        return None
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
