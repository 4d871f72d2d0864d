"""SQL text in pieces: the clauses of a statement and the items of a list, as they are written."""

import re
from collections.abc import Iterator, Sequence

from ..model.value import dataclass

_PIECE = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)"""
    r"""|(?P<text>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"""
    r"""|(?P<word>[^\W\d][\w$]*)"""
    r"""|(?P<other>.)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, a constant or a sign, or a *blank*: spaces, a comment. *depth* is that of the parentheses around it."""

    text: str
    start: int
    end: int
    depth: int
    blank: bool


def placed_pieces_of(text: str) -> Iterator[Piece]:
    """All of *text*, piece by piece."""
    depth = 0
    for found in _PIECE.finditer(text):
        depth -= found[0] in {")", "]"}
        yield Piece(found[0], found.start(), found.end(), depth, found.lastgroup == "blank")
        depth += found[0] in {"(", "["}


def pieces_of(text: str) -> Iterator[tuple[str, int]]:
    """The pieces of *text* without its comments, each with the depth of the parentheses around it."""
    return ((" " if piece.blank else piece.text, piece.depth) for piece in placed_pieces_of(text))


def clauses_of(text: str, openings: Sequence[str]) -> dict[str, str]:
    """The clauses of a statement by the words that open them, which come in the order of *openings*."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    left = list(openings)
    previous = ""
    for piece, depth in pieces_of(text.rstrip().removesuffix(";")):
        word = piece.upper()
        # IS DISTINCT FROM opens nothing.
        if depth == 0 and word in left and previous != "DISTINCT":
            del left[: left.index(word) + 1]
            current = found[word] = []
        else:
            current.append(piece)
        previous = previous if piece == " " else word
    return {word: "".join(pieces).strip() for word, pieces in found.items()}


def items_of(text: str) -> list[str]:
    """*text* cut at its commas, but for those in parentheses."""
    parts = [""]
    for piece, depth in pieces_of(text):
        if piece == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def in_brackets(text: str) -> str:
    """The text within the first brackets of *text*."""
    found: list[str] = []
    is_open = False
    for piece, depth in pieces_of(text):
        if is_open and depth == 0:
            break
        if is_open:
            found.append(piece)
        is_open = is_open or piece == "("
    return "".join(found)
