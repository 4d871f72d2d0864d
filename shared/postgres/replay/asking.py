"""A question to the server's own analyser: which types have the columns of a query, at this state of the catalog?

The tables that the query names are put in front as common table expressions of their columns' types, so that nothing of
the database is used but types and functions. A string constant is asked as NULL, which is typed alike: reading one
may run the CHECK of a domain within its type.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...model.question import Accepted, Answer, Question
from ...model.value import dataclass
from ..canonical.names import delimited
from ..parse import ParseError, Statement, Tree, parse
from . import records
from .builtin import TYPES
from .names import Names
from .offered import columns_of
from .records import Oid, TypeRef

# Names that no script has: the query as a whole, and with a number each table that it reads.
_WHOLE = '"~"'
# A question that is longer is not asked: each column of a table made of tables made of queries repeats those.
_LONGEST = 64_000
# PostgreSQL's own limit of columns of a result; two of them describe one column.
_MOST_COLUMNS = 800
_NAME = rb'(?:"(?:[^"]|"")*"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*)'
_QUALIFIED = re.compile(rb"%b(?:\s*\.\s*%b)*" % (_NAME, _NAME))
_STRING = re.compile(rb"[nN]?'(?:[^']|'')*'|[eE]'(?:[^'\\]|''|\\.)*'|(\$\w*\$).*?\1", re.DOTALL)
# Names, comments and strings as a whole, parentheses and all else by the character.
_TOKEN = re.compile(
    rb"--[^\n]*|/\*.*?\*/|[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(\$\w*\$).*?\1|[A-Za-z_\x80-\xff][\w$\x80-\xff]*|.",
    re.DOTALL,
)
_INTO = re.compile(rb"\binto\s+(?:(?:temp|temporary|unlogged|local|global|table)\s+)*$", re.IGNORECASE)
_END = re.compile(rb"\swith\s+(?:no\s+)?data\s*$|\swith\s+(?:local\s+|cascaded\s+)?check\s+option\s*$", re.IGNORECASE)
_SPACE = rb"\s*\.\s*"

_Edit = tuple[int, int, bytes]


class _NotAskedError(Exception):
    """The query cannot be asked about in this form; its types stay unknown."""


@dataclass(frozen=True, slots=True)
class Asked:
    """*common*: the WITH clause that has the query as ``~``, with *columns* ``c1`` and so on."""

    common: str
    columns: int

    def type_of(self, place: int) -> str:
        """An expression that has the type of the column at *place*, from 0."""
        return f'({self.common} SELECT "c{place + 1}" FROM "~")'  # noqa: S608  # numbers alone

    def question(self, places: Iterable[int], search_path: tuple[str, ...]) -> Question:
        """Of each column the type, and the type of an array of it: only that shows a domain."""
        columns = ", ".join(f'"c{place + 1}", ARRAY["c{place + 1}"]' for place in places)
        return Question(f'{self.common} SELECT {columns} FROM "~"', search_path)  # noqa: S608  # numbers alone


def asked(names: Names, text: str, columns: int) -> Asked | None:
    """How to ask about the query that *text*, a whole statement, makes something of; None where that cannot be."""
    try:
        common = _common(names, text.encode(), columns)
    except (ParseError, ValueError, LookupError, _NotAskedError):
        return None
    return Asked(common, columns) if len(common) <= _LONGEST and columns <= _MOST_COLUMNS else None


def _common(names: Names, text: bytes, columns: int) -> str:
    (statement,) = parse(text)
    query, into = _query_of(statement.tree)
    begin, end, cut = _span(text, query, into["location"])
    tables: dict[Oid, int] = {}
    edits = [*cut, *_edits(names, text, query, tables)]
    _insist_on_no_string(edits, text, begin, end)
    asked_query = _edited(text, begin, end, edits).decode()
    named = ", ".join(f'"c{place + 1}"' for place in range(columns))
    clauses = [_table(names, oid, place) for oid, place in tables.items()]
    return f"WITH {', '.join([*clauses, f'{_WHOLE}({named}) AS ({asked_query})'])}"


def _query_of(tree: Tree) -> tuple[Tree, Tree]:
    """The SELECT within a statement, and the name of what it is made into."""
    ((kind, node),) = tree.items()
    if kind == "CreateTableAsStmt":
        return node["query"]["SelectStmt"], node["into"]["rel"]
    if kind == "ViewStmt":
        return node["query"]["SelectStmt"], node["view"]
    return node, node["intoClause"]["rel"]


def query_text(statement: Statement) -> str:
    """The query within a CREATE VIEW or CREATE TABLE AS. Raises ValueError where it cannot be found."""
    query, into = _query_of(statement.tree)
    text = statement.sql.encode()
    try:
        begin, end, cut = _span(text, query, statement.place(into))
    except _NotAskedError:
        raise ValueError from None
    return _edited(text, begin, end, cut).decode()


def _span(text: bytes, query: Tree, into: int) -> tuple[int, int, list[_Edit]]:
    """Where the query is in *text*, and what is not its own; *into* is where the name of its target begins."""
    name = _QUALIFIED.match(text, into) if into >= 0 else None
    if name is None:
        raise _NotAskedError
    if "intoClause" in query:
        before = _INTO.search(text, 0, into)
        if before is None:
            raise _NotAskedError
        return 0, len(text), [(before.start(), name.end(), b"")]
    depth = 0
    for token in _TOKEN.finditer(text, name.end()):
        depth += {b"(": 1, b")": -1}.get(token[0], 0)
        if depth == 0 and token[0].lower() == b"as":
            ending = _END.search(text, token.end())
            return token.end(), len(text) if ending is None else ending.start(), []
    raise _NotAskedError


def _nodes(tree: Any, *kinds: str) -> Mapping[str, Sequence[Tree]]:
    """All nodes of each of the *kinds* within *tree*, in the order of the text. One loop: there are thousands."""
    found: dict[str, list[Tree]] = {kind: [] for kind in kinds}
    waiting = [("", tree)]
    while waiting:
        key, each = waiting.pop()
        if isinstance(each, dict):
            if key in found:
                found[key].append(each)
            waiting += reversed(each.items())
        elif isinstance(each, list):
            waiting += [("", one) for one in reversed(each)]
    return found


def _edits(names: Names, text: bytes, query: Tree, tables: dict[Oid, int]) -> Iterator[_Edit]:
    own = {key: value for key, value in query.items() if key != "intoClause"}
    nodes = _nodes(own, "CommonTableExpr", "RangeVar", "ColumnRef", "TypeCast", "A_Const")
    common = frozenset(each["ctename"] for each in nodes["CommonTableExpr"])
    for node in nodes["RangeVar"]:
        yield from _relation(names, text, node, common, tables)
    for node in nodes["ColumnRef"]:
        if len(node["fields"]) > 2:
            found = _QUALIFIED.match(text, node["location"])
            first = re.compile(_NAME + _SPACE).match(text, node["location"])
            if found is None or first is None or len(node["fields"]) > 3:
                raise _NotAskedError
            yield node["location"], first.end(), b""
    kept = {each["arg"]["A_Const"]["location"] for each in nodes["TypeCast"] if _is_typed_literal(each)}
    for node in nodes["A_Const"]:
        literal = _STRING.match(text, node["location"]) if "sval" in node else None
        if literal is not None:
            yield literal.start(), literal.end(), literal[0] if node["location"] in kept else b"NULL"


def _is_typed_literal(cast: Tree) -> bool:
    """``date '2026-01-01'``: the literal belongs to the syntax. Harmless, since only PostgreSQL's own types read it."""
    if cast.get("location", -1) != -1 or "sval" not in cast["arg"].get("A_Const", {}):
        return False
    names = cast["typeName"]["names"]
    if len(names) != 2 or names[0]["String"]["sval"] != "pg_catalog":
        word = names[-1]["String"]["sval"]
        if len(names) != 1 or word not in TYPES:
            raise _NotAskedError
    return True


def _relation(names: Names, text: bytes, node: Tree, common: frozenset[str], tables: dict[Oid, int]) -> Iterator[_Edit]:
    oid = names.find_relation(node)
    is_common = "schemaname" not in node and node["relname"] in common
    if is_common and oid is not None:
        raise _NotAskedError  # which of the two is meant hangs on where it stands
    if is_common or oid is None:
        return
    found = _QUALIFIED.match(text, node["location"])
    if found is None:
        raise _NotAskedError
    alias = "" if "alias" in node else f" AS {delimited(node['relname'])}"
    place = tables.setdefault(oid, len(tables) + 1)
    yield found.start(), found.end(), f'"~{place}"{alias}'.encode()


def _table(names: Names, oid: Oid, place: int) -> str:
    """A relation as a common table expression: one row of NULLs of its columns' types."""
    record = names.catalog[oid]
    if isinstance(record, records.Sequence):
        return f'"~{place}"("last_value", "log_cnt", "is_called") AS (SELECT NULL::bigint, NULL::bigint, NULL::boolean)'
    columns = list(columns_of(names, oid))
    if not columns:
        return f'"~{place}" AS (SELECT)'
    values = []
    for each in columns:
        if each.type is None:
            raise _NotAskedError
        values.append(each.type.asked or f"NULL::{names.spelled(each.type)}")
    return f'"~{place}"({", ".join(delimited(each.name) for each in columns)}) AS (SELECT {", ".join(values)})'


def _insist_on_no_string(edits: list[_Edit], text: bytes, begin: int, end: int) -> None:
    """Every string of the query is either NULL now or one of PostgreSQL's own types: none was overlooked."""
    known = {start for start, _, _ in edits}
    spans = sorted((start, stop) for start, stop, _ in edits)
    for token in _TOKEN.finditer(text, begin, end):
        is_string = token[0][:1] == b"'" or token[0][:2].lower() == b"e'" or (token[1] is not None)
        if is_string and token.start() not in known and not any(a <= token.start() < b for a, b in spans):
            raise _NotAskedError


def _edited(text: bytes, begin: int, end: int, edits: Iterable[_Edit]) -> bytes:
    parts, at = [], begin
    for start, stop, new in sorted(set(edits)):
        if start < at or stop > end:
            raise _NotAskedError
        parts += [text[at:start], new]
        at = stop
    return b"".join([*parts, text[at:end]])


# What the server answers

_MODIFIER = re.compile(r"\(\d+(?:,-?\d+)?\)")


def answered_types(answer: Answer | None, names: Names) -> list[TypeRef | None]:
    """The types of the columns that a question of `Asked` was about; none where the server did not say."""
    if not isinstance(answer, Accepted):
        return []
    pairs = zip(answer.columns[::2], answer.columns[1::2], strict=True)
    return [_type_ref(_own_type(one.type, many.type), names) for one, many in pairs]


def _own_type(type_: str, of_array: str) -> str:
    """*type_*, or the domain over it that only the array's type shows."""
    element = of_array.removesuffix("[]")
    if type_.endswith("[]") and type_ == of_array:
        return type_
    return type_ if _MODIFIER.sub("", type_) == _MODIFIER.sub("", element) else element


def _type_ref(spelled: str, names: Names) -> TypeRef | None:
    try:
        (statement,) = parse(f"SELECT NULL::{spelled}")
        tree = statement.node["targetList"][0]["ResTarget"]["val"]["TypeCast"]["typeName"]
    except (ParseError, LookupError, ValueError):
        return None
    return names.type_ref(tree)
