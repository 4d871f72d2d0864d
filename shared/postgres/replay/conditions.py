"""Conditions of DO blocks: ``IF NOT EXISTS (SELECT … FROM pg_type WHERE typname = 'x')``, answered by the replay.

The system's views are rows made up on demand, a row carrying what people join to it as well. An answer is True, False
or None: not known here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...model.value import dataclass
from ..parse import ParseError, Tree, parse
from .names import relation_in_quotes, words
from .state import State
from .system_views import SYSTEM_VIEWS, Row, rows

_UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class Answer:
    holds: bool | None
    of_rows: bool = False  # whether it asks for what is in the tables, which no replay knows


def answer(state: State, condition: str, values: Mapping[str, str]) -> Answer:
    """Say whether *condition* holds now; *values* are the block's variables, as far as they are known."""
    try:
        (statement,) = parse(f"SELECT {condition}")
        tree = statement.node["targetList"][0]["ResTarget"]["val"]
    except (ParseError, ValueError, KeyError):
        return Answer(None)
    asked = _Question(state, values)
    return Answer(asked.holds(tree), asked.of_rows)


class _Question:
    def __init__(self, state: State, values: Mapping[str, str]) -> None:
        self._state = state
        self._values = values
        self.of_rows = False

    def holds(self, tree: Tree) -> bool | None:  # noqa: PLR0911  (one a kind of condition)
        ((kind, node),) = tree.items()
        if kind == "BoolExpr":
            parts = [self.holds(each) for each in node["args"]]
            if node["boolop"] == "NOT_EXPR":
                return None if parts[0] is None else not parts[0]
            decisive = node["boolop"] == "OR_EXPR"
            return decisive if decisive in parts else None if None in parts else not decisive
        if kind == "SubLink" and node.get("subLinkType", "EXISTS_SUBLINK") == "EXISTS_SUBLINK":
            return self._exists(node["subselect"].get("SelectStmt", {}))
        if kind == "NullTest":
            value = self._value(node["arg"])
            return None if value is _UNKNOWN else (value is None) == (node.get("nulltesttype", "IS_NULL") == "IS_NULL")
        if kind == "A_Const" and "boolval" in node:
            return bool(node["boolval"].get("boolval", False))
        if kind == "A_Expr" and "lexpr" in node:
            return self._compares(words(node["name"])[-1], node)
        return None

    def _compares(self, operator: str, node: Tree) -> bool | None:
        left, right = self._value(node["lexpr"]), self._value(node.get("rexpr", {}))
        if left is _UNKNOWN or right is _UNKNOWN:
            return None
        if operator in ("=", "<>", "!="):
            return (str(left) == str(right)) == (operator == "=")
        if isinstance(left, int) and isinstance(right, int):
            return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}.get(operator)
        return None

    def _value(self, tree: Tree) -> Any:  # noqa: PLR0911  (one a kind of expression)
        """A constant's value, an oid, None for NULL, or _UNKNOWN."""
        if not tree:
            return _UNKNOWN
        ((kind, node),) = tree.items()
        if kind == "A_Const":
            return _constant(node)
        if kind == "ColumnRef":
            name = words(node["fields"])
            return self._values.get(name[-1], _UNKNOWN) if len(name) == 1 else _UNKNOWN
        if kind == "SubLink" and node.get("subLinkType") == "EXPR_SUBLINK":
            return self._count(node["subselect"].get("SelectStmt", {}))
        if kind == "TypeCast":
            value = self._value(node["arg"])
            target = words(node["typeName"]["names"])[-1]
            return self._oid(target, value) if target in ("regclass", "regtype", "regnamespace") else value
        if kind == "SQLValueFunction" and node.get("op") == "SVFOP_CURRENT_SCHEMA":
            return self._state.names.watched
        if kind == "FuncCall":
            return self._called(words(node["funcname"])[-1], node.get("args", ()))
        return _UNKNOWN

    def _called(self, name: str, arguments: Any) -> Any:
        if name in ("current_schema", "current_schemas"):
            return self._state.names.watched
        if name in ("to_regclass", "to_regtype") and arguments:
            return self._oid(name.removeprefix("to_"), self._value(arguments[0]))
        if name in ("lower", "quote_ident") and arguments:
            value = self._value(arguments[0])
            return value.lower() if isinstance(value, str) and name == "lower" else value
        return _UNKNOWN

    def _oid(self, target: str, value: Any) -> Any:
        if not isinstance(value, str):
            return _UNKNOWN
        name = relation_in_quotes(value)
        if name is None:
            return None
        if target == "regnamespace":
            return self._state.catalog.find("schema", 0, name["relname"])
        if target == "regtype":
            return self._state.names.find_type([each for each in (name.get("schemaname"), name["relname"]) if each])
        return self._state.names.find_relation(name)

    def _count(self, select: Tree) -> Any:
        target = select.get("targetList", [{}])[0].get("ResTarget", {}).get("val", {})
        if words(target.get("FuncCall", {}).get("funcname", ()))[-1:] != ("count",):
            return _UNKNOWN
        rows = self._rows(select)
        return _UNKNOWN if rows is None else len(rows)

    def _exists(self, select: Tree) -> bool | None:
        rows = self._rows(select)
        return None if rows is None else bool(rows)

    def _rows(self, select: Tree) -> list[Row] | None:
        """The rows that a query of the catalog finds; None if it asks for what is not known here."""
        relations = list(_relations(select.get("fromClause", ())))
        if not relations:
            return None
        if any(each not in SYSTEM_VIEWS for each in relations):
            self.of_rows = not all(each.startswith(("pg_", "information_schema")) for each in relations)
            return None
        source = min(relations, key=list(SYSTEM_VIEWS).index)
        conditions = list(_conjuncts(select.get("whereClause")))
        found = list(rows(source, self._state, dict(self._equals(conditions))))
        for condition in conditions:
            tested = [self._meets(row, condition) for row in found]
            if None in tested:
                return None
            found = [row for row, holds in zip(found, tested, strict=True) if holds]
        return found

    def _equals(self, conditions: Iterable[Tree]) -> Iterator[tuple[str, str]]:
        """Each column that is to equal a text that is known, and that text."""
        for condition in conditions:
            node = condition.get("A_Expr", {})
            if (
                node.get("kind") == "AEXPR_OP"
                and words(node["name"]) == ("=",)
                and "ColumnRef" in node.get("lexpr", {})
            ):
                value = self._value(node["rexpr"]) if "SubLink" not in node["rexpr"] else _UNKNOWN
                column = words(node["lexpr"]["ColumnRef"]["fields"])
                if isinstance(value, str) and column:
                    yield column[-1], value

    def _meets(self, row: Row, condition: Tree) -> bool | None:
        node = condition.get("A_Expr")
        if node is None or "lexpr" not in node:
            return self.holds(condition)
        left, right = (self._in_row(row, node[side]) for side in ("lexpr", "rexpr"))
        operator = words(node["name"])[-1]
        if node["kind"] == "AEXPR_IN" and isinstance(right, list):
            return None if left is _UNKNOWN else left in right
        if left is _UNKNOWN or right is _UNKNOWN:
            return None
        if node["kind"] in ("AEXPR_OP", "AEXPR_OP_ANY") and operator in ("=", "<>"):
            return (str(left) == str(right)) == (operator == "=")
        return None

    def _in_row(self, row: Row, tree: Any) -> Any:
        if "List" in tree:
            return [self._value(each) for each in tree["List"]["items"]]
        if "ColumnRef" in tree:
            name = words(tree["ColumnRef"]["fields"])
            if name[-1] in row:
                return row[name[-1]]
            if len(name) > 1 and name[-1] == "oid":  # a join of the catalogs: the row is joined already
                return _UNKNOWN
        if "TypeCast" in tree:
            return (
                self._in_row(row, tree["TypeCast"]["arg"])
                if "ColumnRef" in tree["TypeCast"]["arg"]
                else self._value(tree)
            )
        if "SubLink" in tree:  # typnamespace = (SELECT oid FROM pg_namespace WHERE …)
            rows = self._rows(tree["SubLink"]["subselect"].get("SelectStmt", {}))
            return _UNKNOWN if rows is None else rows[0].get("oid") if rows else None
        return self._value(tree)


def _constant(node: Tree) -> Any:
    if node.get("isnull"):
        return None
    for kind, empty in (("sval", ""), ("ival", 0), ("boolval", False)):
        if kind in node:
            return node[kind].get(kind, empty)
    return _UNKNOWN


def _relations(items: Any) -> Iterator[str]:
    for item in items:
        if "RangeVar" in item:
            name = item["RangeVar"]
            prefix = "information_schema." if name.get("schemaname") == "information_schema" else ""
            yield prefix + name["relname"]
        elif "JoinExpr" in item:
            yield from _relations((item["JoinExpr"]["larg"], item["JoinExpr"]["rarg"]))
        else:
            yield ""


def _conjuncts(tree: Tree | None) -> Iterator[Tree]:
    if tree is None:
        return
    node = tree.get("BoolExpr")
    if node is not None and node["boolop"] == "AND_EXPR":
        for each in node["args"]:
            yield from _conjuncts(each)
    else:
        yield tree
