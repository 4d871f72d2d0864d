"""Whether a query that is printed for a person runs on the database as it is now.

It is cut from a statement of a migration. Later ones may have dropped or renamed what it names, changed the type of a
column, added another one of the same name, or removed a value of an enum: then the query would end with an error.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..model.schema import RELATIONS, Column, Enum, Kind, Subject
from ..model.value import dataclass
from .canonical.types import is_the_servers
from .live import Live
from .mentions import makes
from .naming import unquoted
from .parse import ParseError, Tree, nodes_with, parse
from .refused_values import NUMBERS, STRINGS

_MODIFIER = re.compile(r"\([^)]*\)")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_UUID = re.compile(r"\{?[0-9a-fA-F]{4}(-?[0-9a-fA-F]{4}){7}\}?")
_BOOLEANS = frozenset({"t", "true", "y", "yes", "on", "1", "f", "false", "n", "no", "off", "0"})
_MOMENTS = frozenset({"date", "timestamp without time zone", "timestamp with time zone"})
_COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">=", "BETWEEN", "NOT BETWEEN"})
_OF_TEXT = frozenset({"~~", "!~~", "~~*", "!~~*", "~", "~*", "!~", "!~*"})
_OF_SYSTEM = frozenset({"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"})


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of a query, by the name that it has there. *types*: of its columns, None where one is not known.

    None instead of all: a statement that comes before the query makes the table.
    """

    alias: str
    types: Mapping[str, str | None] | None


@dataclass(frozen=True, slots=True)
class _Made:
    """What the statements before the query make or change, by name; columns with their table's."""

    relations: frozenset[str]
    columns: frozenset[tuple[str, ...]]
    texts: tuple[str, ...]


def runs(sql: str, live: Live, before: Iterable[str]) -> bool:
    """Say whether nothing that *sql* names is in the way of running it once the statements *before* have run."""
    texts = tuple(before)
    made = [name for each in texts for name in (*makes(each), *_retyped(each))]
    reader = _Reader(
        live, _Made(frozenset(n[0] for n in made if len(n) == 1), frozenset(n for n in made if len(n) > 1), texts)
    )
    return all(reader.reads(statement.tree, ()) for statement in parse(sql))


def _retyped(sql: str) -> Iterator[tuple[str, ...]]:
    try:
        statements = parse(sql)
    except ParseError:
        return
    for node in (node for statement in statements for node in nodes_with(statement.tree, "cmds")):
        for command in (each["AlterTableCmd"] for each in node["cmds"] if "relation" in node):
            if command["subtype"] == "AT_AlterColumnType":
                yield node["relation"]["relname"], command["name"]


class _Reader:
    """Reads a query from the outside in: a name belongs to the innermost FROM that has it."""

    def __init__(self, live: Live, made: _Made) -> None:
        self._live = live
        self._made = made

    def reads(self, tree: Any, scopes: Sequence[Sequence[_Table]]) -> bool:
        if isinstance(tree, list):
            return all(self.reads(each, scopes) for each in tree)
        return not isinstance(tree, dict) or all(self._reads(kind, node, scopes) for kind, node in tree.items())

    def _reads(self, kind: str, node: Any, scopes: Sequence[Sequence[_Table]]) -> bool:
        if kind == "SelectStmt":
            tables = [self._table(each) for each in _from(node.get("fromClause", []))]
            known = [each for each in tables if each is not None]
            return len(known) == len(tables) and self.reads(node, (known, *scopes))
        if kind == "ColumnRef":
            return self._finds(node, scopes)[0]
        if kind == "TypeCast" and not self._casts(node):
            return False
        return (kind != "A_Expr" or self._compares(node, scopes)) and self.reads(node, scopes)

    def _table(self, range_var: Tree) -> _Table | None:
        name = range_var["relname"]
        alias = range_var.get("alias", {}).get("aliasname", name)
        if name in self._made.relations:
            return _Table(alias, None)
        full = (range_var.get("schemaname", self._live.schema), name)
        if not any(Subject(kind, full) in self._live.objects for kind in RELATIONS):
            return None
        types: dict[str, str | None] = {
            subject.name[2]: _plain(found.type)
            for subject, found in self._live.objects.items()
            if isinstance(found, Column) and subject.name[:2] == full
        }
        types |= {each[1]: None for each in self._made.columns if each[0] == name}
        return _Table(alias, types)

    def _finds(self, node: Tree, scopes: Sequence[Sequence[_Table]]) -> tuple[bool, str | None]:
        """Say whether exactly one column is meant, and give its type where that is known."""
        *of, name = [each.get("String", {}).get("sval", "*") for each in node["fields"]]
        for scope in scopes:
            tables = [each for each in scope if not of or each.alias == of[-1]]
            if any(each.types is None for each in tables) or (tables and (name == "*" or name in _OF_SYSTEM)):
                return True, None
            found = [each.types[name] for each in tables if each.types is not None and name in each.types]
            if found or (of and tables):
                return len(found) == 1, found[0] if len(found) == 1 else None
            if not of and any(each.alias == name for each in scope):
                return True, None  # the row as a whole
        return name == "*", None

    # Types

    def _casts(self, node: Tree) -> bool:
        """Say whether the type is the server's own or the database's, and an enum has the value."""
        words = [each["String"].get("sval", "") for each in node["typeName"].get("names", ())]
        found = self._live.type(words)
        if isinstance(found, Enum) and "sval" in (constant := node["arg"].get("A_Const", {})):
            return constant["sval"].get("sval", "") in found.values
        return found is not None or words[0] == "pg_catalog" or (len(words) == 1 and is_the_servers(words[0]))

    def _compares(self, node: Tree, scopes: Sequence[Sequence[_Table]]) -> bool:
        """Say whether the operator takes a column with what is on its other side: columns or constants."""
        operator = node["name"][-1]["String"]["sval"] if node.get("name") else "="
        left, right = node.get("lexpr", {}), node.get("rexpr", {})
        for one, other in ((left, right), (right, left)):
            if not isinstance(one, dict) or "ColumnRef" not in one:
                continue
            type_ = self._finds(one["ColumnRef"], scopes)[1]
            family = self._family(type_)
            if type_ is None or family is None:
                continue
            if operator in _OF_TEXT and family != "string":
                return False
            if operator in _COMPARISONS or node["kind"] in ("AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT"):
                items = other.get("List", {}).get("items", [other]) if isinstance(other, dict) else []
                if not all(self._takes(type_, each, scopes) for each in items):
                    return False
        return True

    def _takes(self, type_: str, tree: Tree, scopes: Sequence[Sequence[_Table]]) -> bool:
        if "ColumnRef" in tree:
            other = self._family(self._finds(tree["ColumnRef"], scopes)[1])
            return other is None or other == self._family(type_)
        constant = tree.get("A_Const", {})
        if "sval" in constant:
            return self._reads_as(type_, constant["sval"].get("sval", ""))
        if "ival" in constant or "fval" in constant:
            return type_ in NUMBERS or type_ == "oid"
        return "boolval" not in constant or type_ == "boolean"

    def _reads_as(self, type_: str, text: str) -> bool:
        enum = self._enum(type_)
        if enum is not None:
            return text in enum.values or any(f"'{text}'" in each for each in self._made.texts)
        if type_ in NUMBERS:
            return _NUMBER.fullmatch(text) is not None
        if type_ == "boolean":
            return text.strip().lower() in _BOOLEANS
        return type_ != "uuid" or _UUID.fullmatch(text) is not None

    def _enum(self, type_: str) -> Enum | None:
        found = self._live.objects.get(Subject(Kind.ENUM, unquoted(type_)))
        return found if isinstance(found, Enum) else None

    def _family(self, type_: str | None) -> str | None:
        """Types of one family are compared with each other; None where the database's own type may be with any."""
        if type_ is None or ("." in type_ and self._enum(type_) is None):
            return None
        members = {"number": NUMBERS, "string": STRINGS, "moment": _MOMENTS}
        return next((name for name, types in members.items() if type_ in types), type_)


def _from(items: Sequence[Tree]) -> Iterator[Tree]:
    for item in items:
        if "RangeVar" in item:
            yield item["RangeVar"]
        elif "JoinExpr" in item:
            yield from _from([item["JoinExpr"][side] for side in ("larg", "rarg")])


def _plain(type_: str) -> str:
    return _MODIFIER.sub("", type_)
