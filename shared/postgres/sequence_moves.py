"""Statements that set where a sequence goes on: ``setval``, ``RESTART``. A second run of one may give numbers twice.

Nothing shows whether such a statement ran, and the sequence may have moved on since. So it is written in a way that
never goes back behind the sequence's next number: whether it ran or not, no number is given a second time. It is meant
for ascending sequences.
"""

# ruff: noqa: S608  # SQL is what this module writes

import re
from collections.abc import Iterable, Iterator, Sequence

from .canonical.sql import identifier, literal
from .parse import Statement, Tree, name_called, nodes_with
from .parts import parts_of
from .pieces import Piece, placed_pieces_of

_MAY_MOVE = re.compile(r"\bsetval\b|\brestart\b", re.IGNORECASE)
# Beside setval itself, what may be called: it reads, and gives the same a second time.
_READING = frozenset(
    {"abs", "ceil", "count", "floor", "format", "max", "min", "nullif", "pg_get_serial_sequence", "quote_ident",
     "round", "setval", "sum"}
)  # fmt: skip
# A value made of these depends on how far the sequence is: a second run goes on from there.
_POSITION = frozenset({"is_called", "last_value"})


def may_move(sql: str) -> bool:
    """Say whether *sql*, which need not be parsed for that, may set a sequence."""
    return _MAY_MOVE.search(sql) is not None


def never_back(statement: Statement) -> Sequence[str]:
    """SQL for *statement* by which no sequence goes back; nothing if it sets none, or nobody can write that."""
    if not may_move(statement.sql):
        return ()
    match statement.kind:
        case "SelectStmt":
            return tuple(_of_calls(statement))
        case "AlterSeqStmt":
            return tuple(_of_sequence(statement))
        case "AlterTableStmt":
            return tuple(_of_identity(statement))
    return ()


def may_go_back(statement: Statement) -> bool:
    """Say whether a second run may set a sequence back, and `never_back` cannot be written."""
    if not may_move(statement.sql) or never_back(statement):
        return False
    is_restart = any(each["defname"] == "restart" for each in nodes_with(statement.node, "defname"))
    return is_restart or statement.kind in ("DoStmt", "SelectStmt")


def sets_by_rows(statement: Statement) -> bool:
    """Say whether each sequence is set by the rows that exist: ``setval('s', (SELECT max(id) FROM t))``."""
    if statement.kind != "SelectStmt" or not never_back(statement):
        return False
    calls = (each for each in nodes_with(statement.node, "funcname") if name_called(each) == "setval")
    return "fromClause" in statement.node or all(any(nodes_with(each["args"][1], "fromClause")) for each in calls)


def _of_calls(statement: Statement) -> Iterator[str]:
    names = [name_called(each) for each in nodes_with(statement.node, "funcname")]
    fields = (each["fields"][-1] for each in nodes_with(statement.node, "fields"))
    is_relative = any(each.get("String", {}).get("sval") in _POSITION for each in fields)
    does_more = "intoClause" in statement.node or any(nodes_with(statement.node, "ctequery"))
    if "setval" not in names or not _READING.issuperset(names) or is_relative or does_more:
        return
    pieces = [*placed_pieces_of(statement.sql)]
    written = [*_written_calls(pieces)]
    if len(written) == names.count("setval"):
        yield _with_each(pieces, written)


def _written_calls(pieces: Sequence[Piece]) -> Iterator[Sequence[int]]:
    """Where each call of setval has its brackets and the commas between them."""
    opened = None
    for at, piece in enumerate(pieces):
        if piece.text.lower() in ("setval", '"setval"'):
            opened = at
        elif opened is not None and not piece.blank:
            if piece.text == "(":
                inside = [other for other in range(at + 1, len(pieces)) if pieces[other].depth <= piece.depth + 1]
                end = next(other for other in inside if pieces[other].depth == piece.depth)
                yield (at, *(other for other in inside if other < end and pieces[other].text == ","), end)
            opened = None


def _with_each(pieces: Sequence[Piece], calls: Iterable[Sequence[int]]) -> str:
    texts = [" " if each.blank else each.text for each in pieces]
    for begin, comma, *more in calls:
        sequence = "".join(texts[begin + 1 : comma]).strip()
        texts[comma] = ", greatest("
        texts[comma + 1] = texts[comma + 1].strip()
        texts[more[0]] = f", nextval({sequence})){texts[more[0]]}"
    return "".join(texts).strip()


def _of_sequence(statement: Statement) -> Iterator[str]:
    options = [each["DefElem"] for each in statement.node.get("options", ())]
    restarting = [each for each in options if each["defname"] == "restart"]
    others = [number for number, each in enumerate(options) if each not in restarting]
    parts = parts_of(statement) if others else None
    if len(restarting) != 1 or (others and parts is None):
        return
    if parts is not None:
        yield parts.sql(others)
    named = literal(_qualified(statement.node["sequence"]))
    yield _restarted(f"to_regclass({named})" if statement.node.get("missing_ok") else named, restarting[0])


def _of_identity(statement: Statement) -> Iterator[str]:
    node = statement.node
    named = literal(_qualified(node["relation"]))
    table = f"to_regclass({named})::text" if node.get("missing_ok") else named
    for each in node["cmds"]:
        command = each["AlterTableCmd"]
        options = command["def"]["List"]["items"] if command["subtype"] == "AT_SetIdentity" else ()
        if [option["DefElem"]["defname"] for option in options] != ["restart"]:
            return
    for each in node["cmds"]:
        command = each["AlterTableCmd"]
        sequence = f"pg_get_serial_sequence({table}, {literal(command['name'])})"
        yield _restarted(sequence, command["def"]["List"]["items"][0]["DefElem"])


def _restarted(sequence: str, option: Tree) -> str:
    """``RESTART WITH n``, or from the value with which the sequence starts."""
    start = f"(SELECT seqstart FROM pg_sequence WHERE seqrelid = {sequence}::regclass)"
    first = _number(option["arg"]) if "arg" in option else start
    return f"SELECT setval({sequence}, greatest({first}, nextval({sequence})), false)"


def _number(value: Tree) -> str:
    return str(value["Float"]["fval"]) if "Float" in value else str(value["Integer"].get("ival", 0))


def _qualified(relation: Tree) -> str:
    return ".".join(identifier(relation[part]) for part in ("schemaname", "relname") if part in relation)
