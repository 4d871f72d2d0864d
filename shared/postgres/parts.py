"""A statement that does several things, cut into its parts: each with the statement's head is a statement of its own.

These are the commands of an ALTER TABLE, the objects of a DROP, the options of an ALTER SEQUENCE or ALTER FUNCTION.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..model.value import dataclass
from .parse import ParseError, Statement, parse
from .pieces import placed_pieces_of

# Of ASCII a name may begin with letters and an underscore, and go on with digits and a dollar sign. Named are those of
# ASCII that may not be: to name all other characters takes a hundred times as long to compile.
_WORD = r"""(?:"(?:[^"]|"")+"|[^\x00-@\[-^`{-\x7f][^\x00-#%-/:-@\[-^`{-\x7f]*)"""
_NAME = rf"""{_WORD}(?:\s*\.\s*{_WORD})*"""
_TABLE = re.compile(rf"{_NAME}\s*\*?")
_DROPPED_FIRST = re.compile(rf"{_NAME}\s*\Z")
_DROPPED_LAST = re.compile(rf"\s*{_NAME}")
# How the fields of a tree end that are places in the text.
_PLACES = ("location", "list_start", "list_end")
# Where the tree lists the parts.
_LISTS = {"AlterTableStmt": "cmds", "DropStmt": "objects", "AlterSeqStmt": "options", "AlterFunctionStmt": "actions"}


@dataclass(frozen=True, slots=True)
class Parts:
    """*head*, then some of *texts* with a *separator* between them, then *tail*."""

    head: str
    texts: tuple[str, ...]
    separator: str
    tail: str = ""

    def sql(self, numbers: Iterable[int]) -> str:
        """The statement with just these of its parts."""
        return f"{self.head}{self.separator.join(self.texts[number] for number in numbers)}{self.tail}".rstrip()


def parts_of(statement: Statement) -> Parts | None:
    """None where *statement* has no parts, or its text does not show where they end."""
    match statement.kind:
        case "AlterTableStmt":
            found = _of_table(statement)
        case "DropStmt":
            found = _of_drop(statement)
        case "AlterSeqStmt" | "AlterFunctionStmt":
            found = _of_options(statement)
        case _:
            return None
    count = len(statement.node.get(_LISTS[statement.kind], ()))
    return found if found is not None and len(found.texts) == count else None


def several(statement: Statement) -> tuple[Parts, Sequence[Statement]] | None:
    """The parts of *statement*, at least two, and each as a statement; None where these do not mean just the same."""
    listed = _LISTS.get(statement.kind)
    wanted = statement.node.get(listed, ()) if listed is not None else ()
    if listed is None or len(wanted) < 2 or (parts := parts_of(statement)) is None:
        return None
    try:
        found = [each for number in range(len(wanted)) for each in parse(parts.sql([number]))]
    except ParseError:
        return None
    alone = [without_places({**statement.tree[statement.kind], listed: [each]}) for each in wanted]
    return (parts, found) if [without_places(each.node) for each in found] == alone else None


def trimmed(text: str) -> str:
    """*text* without the blanks and comments around it: what is put behind it must not become a part of one."""
    if "--" not in text and "/*" not in text:
        return text.strip()
    kept = [piece for piece in placed_pieces_of(text) if not piece.blank]
    return text[kept[0].start : kept[-1].end] if kept else ""


def split(text: str) -> Iterator[str]:
    """The parts between the commas of *text* that are in no parentheses."""
    begin = 0
    if "," not in text:
        yield text
        return
    for piece in placed_pieces_of(text):
        if piece.text == "," and piece.depth == 0:
            yield text[begin : piece.start]
            begin = piece.end
    yield text[begin:]


def without_places(tree: Any) -> Any:
    """*tree* without what depends on where its text stands."""
    if isinstance(tree, dict):
        return {name: without_places(each) for name, each in tree.items() if not name.endswith(_PLACES)}
    return [without_places(each) for each in tree] if isinstance(tree, list) else tree


def _of_table(statement: Statement) -> Parts | None:
    offset = statement.place(statement.node["relation"])
    sql = statement.sql.encode()
    if not 0 < offset < len(sql):
        return None
    rest = sql[offset:].decode()
    name = _TABLE.match(rest)
    if name is None:
        return None
    texts = tuple(map(trimmed, split(rest[name.end() :])))
    return Parts(f"{sql[:offset].decode()}{name[0].rstrip()} ", texts, ", ")


def _of_drop(statement: Statement) -> Parts | None:
    """Names alone: an operator or a function has more than a name."""
    first, *between = split(statement.sql)
    begin = _DROPPED_FIRST.search(first)
    end = _DROPPED_LAST.match(between[-1]) if between else None
    if begin is None or end is None:
        return None
    texts = (begin[0].strip(), *map(trimmed, between[:-1]), end[0].strip())
    return Parts(first[: begin.start()], texts, ", ", between[-1][end.end() :])


def _of_options(statement: Statement) -> Parts | None:
    options = statement.node.get(_LISTS[statement.kind], ())
    sql = statement.sql.encode()
    places = [statement.place(each["DefElem"]) for each in options]
    if not places or places != sorted(set(places)) or places[0] <= 0:
        return None
    ends = [*places[1:], len(sql)]
    texts = tuple(trimmed(sql[begin:end].decode()) for begin, end in zip(places, ends, strict=True))
    return Parts(sql[: places[0]].decode(), texts, " ")
