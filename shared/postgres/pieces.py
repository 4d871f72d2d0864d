"""SQL text in pieces: the clauses of a statement and the items of a list, as they are written."""

import re
from collections.abc import Iterator, Sequence

_PIECE = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)"""
    r"""|(?P<text>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"""
    r"""|(?P<word>[^\W\d][\w$]*)"""
    r"""|(?P<other>.)""",
    re.DOTALL,
)


def pieces_of(text: str) -> Iterator[tuple[str, int]]:
    """The pieces of *text* without its comments, each with the depth of the parentheses around it."""
    depth = 0
    for found in _PIECE.finditer(text):
        piece = found[0]
        if found.lastgroup == "blank":
            piece = " "
        depth -= piece in {")", "]"}
        yield piece, depth
        depth += piece in {"(", "["}


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
