"""An expression of a statement as SQL again, with every name qualified: for probes and questions.

What is not written here raises `UnwrittenError`: then nobody is asked. Everything compound is in parentheses, since
an operator that is qualified has another precedence.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..canonical.sql import literal
from ..naming import unquoted
from ..parse import Tree, name_called, nodes_with
from .known import Known

_SYMBOLIC = {"AEXPR_OP", "AEXPR_LIKE", "AEXPR_ILIKE", "AEXPR_OP_ANY", "AEXPR_OP_ALL"}
_BETWEEN = {
    "AEXPR_BETWEEN": "BETWEEN", "AEXPR_NOT_BETWEEN": "NOT BETWEEN",
    "AEXPR_BETWEEN_SYM": "BETWEEN SYMMETRIC", "AEXPR_NOT_BETWEEN_SYM": "NOT BETWEEN SYMMETRIC",
}  # fmt: skip
_VALUES = {
    "SVFOP_CURRENT_DATE": "CURRENT_DATE", "SVFOP_CURRENT_TIMESTAMP": "CURRENT_TIMESTAMP",
    "SVFOP_CURRENT_TIME": "CURRENT_TIME", "SVFOP_LOCALTIME": "LOCALTIME", "SVFOP_LOCALTIMESTAMP": "LOCALTIMESTAMP",
    "SVFOP_CURRENT_USER": "CURRENT_USER", "SVFOP_SESSION_USER": "SESSION_USER", "SVFOP_USER": "CURRENT_USER",
    "SVFOP_CURRENT_ROLE": "CURRENT_USER", "SVFOP_CURRENT_CATALOG": "CURRENT_CATALOG",
    "SVFOP_CURRENT_SCHEMA": "CURRENT_SCHEMA",
}  # fmt: skip
# Functions of the system's own that act, or that give another answer to another session.
_ACTING = ("nextval", "setval", "currval", "lastval", "set_config", "pg_", "lo_", "dblink", "txid_", "random", "clock_")


class UnwrittenError(Exception):
    """The tree holds what is not written here."""


def quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def qualified(words: Iterable[str]) -> str:
    return ".".join(map(quoted, words))


class Writer:
    """Writes trees; *types_of_own* are those that it wrote. *columns* are replaced by other SQL."""

    def __init__(self, known: Known, columns: Mapping[str, str] | None = None) -> None:
        self._known = known
        self._columns = columns or {}
        self.types_of_own: dict[tuple[str, ...], None] = {}

    def write(self, tree: Any) -> str:
        if not isinstance(tree, dict) or len(tree) != 1:
            raise UnwrittenError
        ((kind, node),) = tree.items()
        writer = _WRITERS.get(kind)
        if writer is None:
            raise UnwrittenError
        return writer(self, node)

    def all(self, trees: Iterable[Any]) -> list[str]:
        return [self.write(each) for each in trees]

    def type(self, node: Tree) -> str:
        """A type with its modifiers, as the search path leads to it."""
        words = [each["String"].get("sval", "") for each in node.get("names", ())]
        if not words or node.get("setof") or node.get("pct_type"):
            raise UnwrittenError
        if len(words) == 1:
            found = self._known.own_type(words)
            words = [*found] if found is not None else ["pg_catalog", *words]
        if words[0] != "pg_catalog":
            self.types_of_own[tuple(words)] = None
        modifiers = ", ".join(self.all(node.get("typmods", ())))
        array = "[]" if node.get("arrayBounds") else ""
        if words == ["pg_catalog", "interval"] and modifiers:
            raise UnwrittenError
        return f"{qualified(words)}{f'({modifiers})' if modifiers else ''}{array}"

    def column(self, node: Tree) -> str:
        fields = node["fields"]
        if not all("String" in each for each in fields):
            raise UnwrittenError
        words = [each["String"]["sval"] for each in fields]
        if len(words) > 2:  # a relation of the FROM clause has an alias here, and no schema
            words = words[-2:]
        if len(words) == 1 and words[0] in self._columns:
            return self._columns[words[0]]
        return qualified(words)

    def call(self, node: Tree) -> str:
        if any(key in node for key in ("over", "agg_filter", "agg_order", "agg_within_group", "func_variadic")):
            raise UnwrittenError
        words = [each["String"].get("sval", "") for each in node["funcname"]]
        arguments = node.get("args", [])
        if any("NamedArgExpr" in each for each in arguments):
            raise UnwrittenError
        if is_extract(node) and len(arguments) == 2:
            part, source = self.all(arguments)
            return f"EXTRACT({part} FROM {source})"
        written = "*" if node.get("agg_star") else ", ".join(self.all(arguments))
        return f"{self._routine(words)}({'DISTINCT ' if node.get('agg_distinct') else ''}{written})"

    def _routine(self, words: list[str]) -> str:
        *schema, name = words
        if schema in ([], ["pg_catalog"]):
            if name.startswith(_ACTING) or name in _ACTING:
                raise UnwrittenError
            own = next((each for each, _ in self._known.routines(name)), None)
            if own is None or schema:
                return f"pg_catalog.{quoted(name)}"
            schema = [own.name[0]]
        return qualified([schema[-1], name])

    def operator(self, node: Tree) -> str:
        words = [each["String"]["sval"] for each in node["name"]]
        if len(words) > 1 and words[0] != "pg_catalog":
            raise UnwrittenError
        return f"OPERATOR(pg_catalog.{words[-1]})"

    def literal(self, node: Tree) -> str:
        return constant(node)

    def cast(self, node: Tree) -> str:
        return f"CAST(({self.write(node['arg'])}) AS {self.type(node['typeName'])})"

    def operation(self, node: Tree) -> str:
        kind = node["kind"]
        left = f"({self.write(node['lexpr'])})" if "lexpr" in node else ""
        right = node.get("rexpr")
        if kind in _SYMBOLIC:
            symbol = self.operator(node)
            word = {"AEXPR_OP_ANY": " ANY ", "AEXPR_OP_ALL": " ALL "}.get(kind, "")
            return f"{left} {symbol} {word}({self.write(right)})"
        if kind == "AEXPR_IN" and right is not None:
            words = " NOT IN " if node["name"][0]["String"]["sval"] == "<>" else " IN "
            return f"{left}{words}({', '.join(self.all(right['List']['items']))})"
        if kind in ("AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT"):
            return f"{left} IS {'NOT ' if kind == 'AEXPR_NOT_DISTINCT' else ''}DISTINCT FROM ({self.write(right)})"
        if kind == "AEXPR_NULLIF":
            return f"NULLIF({left}, {self.write(right)})"
        if kind in _BETWEEN and right is not None:
            low, high = self.all(right["List"]["items"])
            return f"{left} {_BETWEEN[kind]} ({low}) AND ({high})"
        raise UnwrittenError

    def boolean(self, node: Tree) -> str:
        parts = [f"({each})" for each in self.all(node["args"])]
        if node["boolop"] == "NOT_EXPR":
            return f"NOT {parts[0]}"
        return (" AND " if node["boolop"] == "AND_EXPR" else " OR ").join(parts)

    def case(self, node: Tree) -> str:
        subject = f" ({self.write(node['arg'])})" if "arg" in node else ""
        branches = "".join(
            f" WHEN ({self.write(each['CaseWhen']['expr'])}) THEN ({self.write(each['CaseWhen']['result'])})"
            for each in node["args"]
        )
        otherwise = f" ELSE ({self.write(node['defresult'])})" if "defresult" in node else ""
        return f"CASE{subject}{branches}{otherwise} END"

    def indirection(self, node: Tree) -> str:
        written = f"({self.write(node['arg'])})"
        for each in node["indirection"]:
            index = each.get("A_Indices", {})
            if "uidx" not in index or index.get("is_slice"):
                raise UnwrittenError
            written += f"[{self.write(index['uidx'])}]"
        return written


def is_extract(call: Tree) -> bool:
    """Say whether it is EXTRACT(… FROM …), which PostgreSQL 13 has no function of that name for."""
    is_syntax = call.get("funcformat") == "COERCE_SQL_SYNTAX"
    return is_syntax and name_called(call) == "extract"


def constant(node: Tree) -> str:
    """A constant as it is written; strings whatever standard_conforming_strings says."""
    if node.get("isnull"):
        return "NULL"
    for kind, field in (("ival", "ival"), ("fval", "fval"), ("sval", "sval"), ("bsval", "bsval")):
        if kind in node:
            value = node[kind].get(field, 0 if kind == "ival" else "")
            if kind == "bsval":
                return f"{value[:1].upper()}'{value[1:]}'"
            return literal(value) if kind == "sval" else str(value)
    if "boolval" in node:
        return "true" if node["boolval"].get("boolval") else "false"
    raise UnwrittenError


def _collated(writer: Writer, node: Tree) -> str:
    words = [each["String"]["sval"] for each in node["collname"]]
    return f"({writer.write(node['arg'])}) COLLATE {qualified(words if len(words) > 1 else ['pg_catalog', *words])}"


def _value(_: Writer, node: Tree) -> str:
    if node["op"] not in _VALUES:
        raise UnwrittenError
    return _VALUES[node["op"]]


_WRITERS: Mapping[str, Callable[[Writer, Any], str]] = {
    "A_ArrayExpr": lambda writer, node: f"ARRAY[{', '.join(writer.all(node.get('elements', ())))}]",
    "A_Const": lambda writer, node: writer.literal(node),
    "A_Expr": Writer.operation,
    "A_Indirection": Writer.indirection,
    "BoolExpr": Writer.boolean,
    "BooleanTest": lambda writer, node: f"({writer.write(node['arg'])}) {node['booltesttype'].replace('_', ' ')}",
    "CaseExpr": Writer.case,
    "CoalesceExpr": lambda writer, node: f"COALESCE({', '.join(writer.all(node['args']))})",
    "CollateClause": _collated,
    "ColumnRef": Writer.column,
    "FuncCall": lambda writer, node: writer.call(node),
    "MinMaxExpr": lambda writer, node: (
        f"{node['op'].removeprefix('IS_')}({', '.join(writer.all(node['args']))})"
    ),
    "NullTest": lambda writer, node: f"({writer.write(node['arg'])}) {node['nulltesttype'].replace('_', ' ')}",
    "RowExpr": lambda writer, node: f"ROW({', '.join(writer.all(node['args']))})",
    "SQLValueFunction": _value,
    "TypeCast": lambda writer, node: writer.cast(node),
}  # fmt: skip


class Verbatim(Writer):
    """Writes names as they are written, for the search path to lead to; *names* and *types* are those it wrote."""

    def __init__(self, known: Known) -> None:
        super().__init__(known)
        self.names: list[str] = []
        self.types: list[Tree] = []

    def type(self, node: Tree) -> str:
        words = [each["String"].get("sval", "") for each in node.get("names", ())]
        if not words or node.get("setof") or node.get("pct_type"):
            raise UnwrittenError
        self.names.append(words[-1])
        self.types.append(node)
        modifiers = ", ".join(self.all(node.get("typmods", ())))
        if words == ["pg_catalog", "interval"] and modifiers:
            raise UnwrittenError
        return f"{qualified(words)}{f'({modifiers})' if modifiers else ''}{'[]' if node.get('arrayBounds') else ''}"

    def _routine(self, words: list[str]) -> str:
        self.names.append(words[-1])
        return qualified(words)

    def call(self, node: Tree) -> str:
        self.names += _last_words(node.get("args", ()))
        return super().call(node)

    def cast(self, node: Tree) -> str:
        if node["typeName"].get("names", [{}])[-1].get("String", {}).get("sval", "").startswith("reg"):
            self.names += _last_words([node["arg"]])
        return super().cast(node)

    def operator(self, node: Tree) -> str:
        words = [each["String"]["sval"] for each in node["name"]]
        *schema, symbol = words
        return f"OPERATOR({'.'.join([*map(quoted, schema), symbol])})" if schema else symbol


def strings(trees: Iterable[Any]) -> list[str]:
    """The string constants of *trees*."""
    found = (each["A_Const"] for each in nodes_with(list(trees), "A_Const"))
    return [each["sval"].get("sval", "") for each in found if "sval" in each]


def _last_words(trees: Iterable[Any]) -> list[str]:
    """What a function takes may be the name of a sequence, or of anything else, qualified or not."""
    return [word for each in strings(trees) for word in unquoted(each)[-1:]]
