"""How large a statement is and how deeply it nests, counted before the grammar is asked.

The counts are of tokens, and never too low: what opens a level (a parenthesis, CASE) or lengthens a chain whose tree
leans to one side (operators, casts, NOT, UNION, JOIN) counts, until a comma, AND or a clause of its own ends the chain.
"""

import re
from collections.abc import Iterator

from .scanning import comment_end

# The library's stack of 8 MiB is full after some 30,000, that of a thread under musl (1 MiB) after 3,700.
MOST_LEVELS = 2_000
# A token becomes half a kilobyte of tree.
MOST_TOKENS = 300_000
# Of a longer INSERT only so many rows are read: all are alike to the grammar, and none leaves a trace in a catalog.
_ROWS_READ = 1_000

_TOKEN = re.compile(
    rb"""(?:\b[eE]'(?:[^'\\]++|''|\\.)*+'|'[^']*+'|"[^"]*+"|--[^\n\r]*+|\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*+)?\$)
       | /\* | [A-Za-z_\x80-\xff][\w$\x80-\xff]*+ | [\d.]++\w*+ | ::? | [(\[)\],;] | [-+*/<>=~!@\#%^&|`?]++""",
    re.VERBOSE | re.DOTALL,
)
_OPENS, _CLOSES = frozenset({b"(", b"[", b"CASE"}), frozenset({b")", b"]", b"END"})
_CHAINS = frozenset(
    b"""NOT IS ISNULL NOTNULL COLLATE AT BETWEEN LIKE ILIKE SIMILAR IN OVERLAPS OPERATOR UNION INTERSECT EXCEPT JOIN
    """.split()
)
# These lean to one side over all of a query's clauses and lists.
_LONG_CHAINS = frozenset({b"UNION", b"INTERSECT", b"EXCEPT", b"JOIN"})
_ENDS = frozenset(b", AND OR WHEN THEN ELSE SELECT FROM WHERE GROUP ORDER HAVING LIMIT ON SET VALUES AS".split())
_OPERATOR = frozenset(b"-+*/<>=~!@#%^&|`?:")


class TooLargeError(Exception):
    """The text says what there is too much of, and how much is read."""


def readable(statement: bytes) -> bytes:
    """*statement*, or of a long INSERT its first rows. Raises TooLargeError for what the grammar had better not see."""
    levels = _Levels()
    for number, (token, _) in enumerate(_tokens(statement)):
        if number == MOST_TOKENS:
            return _first_rows(statement)
        levels.add(token)
    levels.close_all()
    return statement


class _Levels:
    """The depth of the tree that tokens make, of each open parenthesis from the inside out."""

    def __init__(self) -> None:
        self._around: list[tuple[int, int, int, int]] = []
        self._start()

    def _start(self) -> None:
        self._deepest = 0  # of the elements of a list that have ended
        self._chain = 0  # links of the present element
        self._within = 0  # the deepest operand of the present element
        self._long_chain = 0

    def add(self, token: bytes) -> None:
        word = token.upper()
        if word in _OPENS:
            self._around.append((self._deepest, self._chain, self._within, self._long_chain))
            self._start()
        elif word in _CLOSES:
            self._close()
        elif word in _LONG_CHAINS:
            self._long_chain += 1
        elif word in _ENDS:
            self._end_element()
        elif word in _CHAINS or word[0] in _OPERATOR:
            self._chain += 1

    def close_all(self) -> None:
        while self._around:
            self._close()
        self._depth()

    def _end_element(self) -> None:
        self._deepest = max(self._deepest, self._chain + self._within)
        self._chain = self._within = 0

    def _close(self) -> None:
        depth = self._depth()
        if self._around:
            self._deepest, self._chain, self._within, self._long_chain = self._around.pop()
            self._within = max(self._within, depth + 1)

    def _depth(self) -> int:
        self._end_element()
        depth = self._deepest + self._long_chain
        if depth > MOST_LEVELS:
            raise TooLargeError(f"it nests more than {MOST_LEVELS:,} levels deep")
        return depth


def _first_rows(statement: bytes) -> bytes:
    """An INSERT … VALUES cut off after some rows. Raises TooLargeError for any other statement."""
    depth = rows = 0
    in_values = False
    for number, (token, end) in enumerate(_tokens(statement)):
        word = token.upper()
        if number == 0 and word != b"INSERT":
            break
        if word in (b"(", b"["):
            depth += 1
        elif word in (b")", b"]"):
            depth -= 1
            rows += in_values and depth == 0
            if rows == _ROWS_READ:
                return readable(statement[:end])
        elif depth == 0 and word == b"VALUES":
            in_values = True
        elif depth == 0 and in_values and word != b",":
            break
    raise TooLargeError(f"it has more than {MOST_TOKENS:,} words and signs")


def top_level_words(statement: bytes) -> Iterator[bytes]:
    """The words and signs of *statement* that are in no parentheses, in upper case."""
    depth = 0
    for token, _ in _tokens(statement):
        if token in (b")", b"]"):
            depth -= 1
        if depth <= 0:
            yield token.upper()
        if token in (b"(", b"["):
            depth += 1


def _tokens(statement: bytes) -> Iterator[tuple[bytes, int]]:
    """Each token with its end; quoted text and comments as one that counts for nothing else."""
    at = 0
    while (found := _TOKEN.search(statement, at)) is not None:
        token, at = found[0], found.end()
        if token == b"/*":
            at = comment_end(statement, found.start())
        elif token.startswith(b"$"):
            closed = statement.find(token, at)
            at = len(statement) if closed < 0 else closed + len(token)
            yield b"'", at
        else:
            yield token, at
