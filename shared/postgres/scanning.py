"""Where the statements of a script begin and end, and how deeply each nests: found by a scan, without the grammar.

Quotes, dollar quotes, comments (which nest) and the bodies of BEGIN ATOMIC are known here as PostgreSQL's scanner knows
them (scan.l, psqlscan.l), with standard_conforming_strings on. All of it is linear in the script's length.
"""

import re

from ..model.value import dataclass

# All up to a semicolon, or up to what takes a closer look: an E'' string, a dollar, a block comment, an open quote.
_PLAIN = re.compile(rb"""(?:[^'"$;/\-]++|"[^"]*+"|'(?<![eE]')[^']*+'|--[^\n\r]*+|-|/(?!\*))*+""")
_DOLLAR = re.compile(rb"\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*+)?\$")
_ESCAPED = re.compile(rb"'(?:[^'\\]++|''|\\.)*+'", re.DOTALL)
_COMMENT_EDGE = re.compile(rb"/\*|\*/")
_IN_A_NAME = re.compile(rb"[\w$\x80-\xff]")
_ATOMIC = re.compile(rb"\bbegin\s+atomic\b", re.IGNORECASE)
_BODY_WORD = re.compile(rb"""'[^']*+'|"[^"]*+"|--[^\n\r]*+|[A-Za-z_\x80-\xff][\w$\x80-\xff]*+""")


class UnterminatedError(Exception):
    """A quote or comment begins at byte *at* and never ends; *what* it is is in the server's words."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what, at)
        self.what = what
        self.at = at

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True, slots=True)
class Scan:
    """*spans* of text up to each semicolon, it included; *comments*, the block comments by where they are."""

    spans: tuple[tuple[int, int], ...]
    comments: tuple[tuple[int, int], ...]


def scan(script: bytes) -> Scan:
    """Raises UnterminatedError."""
    spans, comments = list[tuple[int, int]](), list[tuple[int, int]]()
    begin = at = 0
    body = _Body(script)
    while at < len(script):
        plain = _PLAIN.match(script, at)
        at = at if plain is None else plain.end()
        match script[at : at + 1]:
            case b";":
                at += 1
                if not body.is_open(begin, at):
                    spans.append((begin, at))
                    begin = at
            case b"/":
                end = comment_end(script, at)
                comments.append((at, end))
                at = end
            case b"":
                break
            case mark:
                at = _after_quote(script, at, mark)
    spans.append((begin, len(script)))
    return Scan(tuple(spans), tuple(comments))


def ended(statement: str) -> str:
    """Give *statement* with its semicolon, which a comment at its end must not swallow."""
    text = statement.rstrip().removesuffix(";")
    return f"{text}\n;" if "--" in text and "--" in text.rpartition("\n")[2] else f"{text};"


def comment_end(script: bytes, at: int) -> int:
    """The end of the block comment that begins *at* a byte. Raises UnterminatedError."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(script, at):
        depth += 1 if edge[0] == b"/*" else -1
        if depth == 0:
            return edge.end()
    raise UnterminatedError("unterminated /* comment", at)


def without_comments(script: bytes, found: Scan) -> bytes:
    """*script* with blanks for the bytes of its block comments; lines stay lines."""
    parts, at = [], 0
    for begin, end in found.comments:
        parts += [script[at:begin], script[begin:end].translate(_BLANKS)]
        at = end
    return b"".join([*parts, script[at:]])


_BLANKS = bytes(each if each in b"\n\r" else ord(" ") for each in range(256))


def _after_quote(script: bytes, at: int, mark: bytes) -> int:
    """The end of what a quote or dollar at byte *at* opens."""
    before = _IN_A_NAME.match(script, at - 1) if at else None
    if mark == b"$":
        opening = _DOLLAR.match(script, at)
        if before is not None or opening is None:  # part of a name, or a parameter: $1
            return at + 1
        end = script.find(opening[0], opening.end())
        if end < 0:
            raise UnterminatedError("unterminated dollar-quoted string", at)
        return end + len(opening[0])
    if mark == b'"':
        raise UnterminatedError("unterminated quoted identifier", at)
    escapes = (
        script[at - 1 : at] in b"eE" and before is not None and not _IN_A_NAME.match(script, max(at - 2, 0), at - 1)
    )
    if escapes:
        quoted = _ESCAPED.match(script, at)
        end = -1 if quoted is None else quoted.end() - 1
    else:
        end = script.find(b"'", at + 1)
    if end < 0:
        raise UnterminatedError("unterminated quoted string", at)
    return end + 1


class _Body:
    """The body of a routine in the SQL standard's form, whose semicolons end no statement."""

    def __init__(self, script: bytes) -> None:
        self._script = script
        self._has_any = _ATOMIC.search(script) is not None
        self._begin = -1
        self._counted = 0
        self._depth = 0

    def is_open(self, begin: int, at: int) -> bool:
        """Say whether byte *at* of the statement that starts at *begin* is within its body."""
        if not self._has_any:
            return False
        if begin != self._begin:
            self._begin, self._counted, self._depth = begin, begin, 0
        previous = b""
        for found in _BODY_WORD.finditer(self._script, self._counted, at):
            word = found[0].lower()
            # CASE ends with END as well; a BEGIN that is not ATOMIC is a transaction's.
            if (word == b"atomic" and previous == b"begin") or (word == b"case" and self._depth):
                self._depth += 1
            elif word == b"end" and self._depth:
                self._depth -= 1
            previous = word
        self._counted = at
        return self._depth > 0
