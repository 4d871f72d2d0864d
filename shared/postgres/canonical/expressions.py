"""The canonical form of an expression: nested lists, the first word saying what it is.

``["const", text, type]`` (type ``""``: not said) · ``["null"]`` · ``["column", …words]`` · ``["cast", type, x]`` ·
``["op", name, left, right]`` (left null: prefix) · ``["any" | "all", operator, x, array]`` · ``["and" | "or", …]`` ·
``["not", x]`` · ``["call", name, [arguments], {…}]`` · ``["array", …]`` · ``["row", …]`` · ``["relation", …]``

All else keeps the grammar's own name and fields: ``["CaseExpr", {…}]``. What the server rewrites while it analyses or
prints an expression is rewritten here in the same way (parse_expr.c, ruleutils.c).
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .constants import cast, constant
from .names import Names, spelled, words
from .types import type_of

Form = list[Any]
Tree = dict[str, Any]

# Nested too deeply to be followed: nothing is said of it, and it agrees with anything.
DEEP: Form = ["deep"]

# Where something stands and how it was spelt has no meaning; ResTarget's name is the view's business (see selects).
_SPELLING_ONLY = frozenset(
    {"location", "rexpr_list_start", "rexpr_list_end", "list_start", "list_end", "funcformat", "row_format",
     "coercionform", "typmod", "inh", "relpersistence", "argnumber", "stmt_location", "stmt_len", "name_location"}
)  # fmt: skip
_BETWEEN = {
    "AEXPR_BETWEEN": ("and", ">=", "<="),
    "AEXPR_NOT_BETWEEN": ("or", "<", ">"),
    "AEXPR_BETWEEN_SYM": ("and", ">=", "<="),
    "AEXPR_NOT_BETWEEN_SYM": ("or", "<", ">"),
}
# The same function under other names: what SQL's own syntax is kept as differs between server versions.
_SAME_FUNCTION = {"extract": "date_part"}
_USUAL_OF_JSON = {"quotes": {"JS_QUOTES_UNSPEC", "JS_QUOTES_KEEP"}, "wrapper": {"JSW_UNSPEC", "JSW_NONE"}}
_OF_SEQUENCES = frozenset({"nextval", "currval", "setval"})
_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def form(tree: Tree | None, names: Names, *, strict: bool = False) -> Form:
    """The canonical form of an expression tree. If *strict*, raises UnknowableError rather than leave a guess in it."""
    if tree is None:
        return ["null"]
    try:
        return _Reader(names, strict=strict).expression(tree)
    except RecursionError:  # some hundred operators in a row
        return DEEP


def text(canonical: Form) -> str:
    """The form as one line, by which forms are stored and compared."""
    return _encoded(canonical)


def read(meaning: str) -> Form:
    """The form again, from its line."""
    canonical: Form = json.loads(meaning)
    return canonical


class UnknowableError(Exception):
    """The meaning of a query hangs on the columns of its tables."""


class _Reader:
    def __init__(self, names: Names, *, strict: bool) -> None:
        self._names = names
        self._strict = strict

    def expression(self, tree: Tree) -> Form:
        kind, node = next(iter(tree.items()))
        reader = _READERS.get(kind)
        return reader(self, node) if reader is not None else [kind, self._fields(node)]

    def _all(self, trees: Any) -> Iterator[Form]:
        return (self.expression(tree) for tree in trees)

    def _fields(self, node: Any) -> Any:
        """Any node this module has no rule for, as it is but for spelling."""
        if isinstance(node, list):
            return [self._fields(item) for item in node]
        if not isinstance(node, dict):
            return node
        if len(node) == 1 and (kind := next(iter(node))) and kind[0].isupper():
            return self.expression(node)
        return {
            field: self._field(field, value)
            for field, value in sorted(node.items())
            if field not in _SPELLING_ONLY and not (isinstance(value, str) and value.endswith("_DEFAULT"))
        }

    def _join(self, node: Tree) -> Form:
        merged = [self._merged(each) for each in node.get("usingClause", ())]
        return ["JoinExpr", self._fields(node) | ({"usingClause": merged} if merged else {})]

    def _function_as_table(self, node: Tree) -> Form:
        """The server names all columns that it gives, and says LATERAL wherever it holds."""
        if "coldeflist" in node or "alias" not in node or node.get("guessed"):
            raise UnknowableError
        functions = [self._fields(each["List"]["items"][0]) for each in node["functions"]]
        return [
            "RangeFunction",
            {
                "alias": {"aliasname": node["alias"]["aliasname"]},
                "functions": functions,
                "ordinality": bool(node.get("ordinality")),
            },
        ]

    def _merged(self, column: Tree) -> str:
        """A name of USING; a kept query has it with both of its columns, of two names where one was renamed."""
        items = column["List"]["items"] if "List" in column else [column]
        called = {words(each["ColumnRef"]["fields"])[-1] if "ColumnRef" in each else words([each])[0] for each in items}
        if len(called) > 1:
            raise UnknowableError
        return called.pop()

    def _field(self, field: str, value: Any) -> Any:
        # A field of a fixed type has no name of the type around it: {"relation": {"relname": …}}.
        if isinstance(value, dict):
            if "relname" in value:
                return self._relation(value)
            if field == "typeName":
                return type_of(value, self._names)
            if field in {"larg", "rarg"} and "op" in value:  # of a UNION; a join's are nodes
                return self._select(value)
        return self._fields(value)

    def _column(self, node: Tree) -> Form:
        fields = [field.get("String", {}).get("sval", "*") for field in node["fields"]]
        return ["column", *fields[-2:]]

    def _relation(self, node: Tree) -> Form:
        name = (node["schemaname"], node["relname"]) if "schemaname" in node else (node["relname"],)
        alias = node.get("alias", {})
        columns = [words([column])[0] for column in alias.get("colnames", ())]
        return ["relation", spelled(self._names.relation(name)), alias.get("aliasname", node["relname"]), *columns]

    def _target(self, node: Tree) -> Form:
        return self.expression(node["val"]) if "val" in node else ["target", node.get("name", "")]

    def _select(self, node: Tree) -> Form:
        """A query, aliases and positions in its ORDER BY and GROUP BY replaced as the server does."""
        fields = self._fields(
            {field: part for field, part in node.items() if field not in {"sortClause", "groupClause"}}
        )
        targets = {
            target["ResTarget"]["name"]: self.expression(target["ResTarget"]["val"])
            for target in node.get("targetList", ())
            if "name" in target.get("ResTarget", {}) and "val" in target["ResTarget"]
        }
        if "sortClause" in node:
            fields["sortClause"] = [self._sort(sort["SortBy"], targets) for sort in node["sortClause"]]
        if "groupClause" in node:
            groups: list[Form] = []
            for group in map(self.expression, _without_rows(node["groupClause"])):
                if group[0] == "GroupingSet" or group not in groups:
                    groups.append(group)
            for group in _grouped(groups):
                # A column of the tables goes before an alias, and only they know whether there is one.
                self._know(not _is_position(group))
                self._know(group[0] != "column" or targets.get(group[-1], group)[-1] == group[-1])
            fields["groupClause"] = groups
        return ["SelectStmt", fields]

    def _know(self, known: bool) -> None:
        if self._strict and not known:
            raise UnknowableError

    def _sort(self, node: Tree, targets: dict[str, Form]) -> Form:
        key = self.expression(node["node"])
        self._know(not _is_position(key))
        if key[0] == "column" and len(key) == 2:
            key = targets.get(key[1], key)
        descending = node.get("sortby_dir") == "SORTBY_DESC"
        nulls = node.get("sortby_nulls")
        nulls_first = descending if nulls in {None, "SORTBY_NULLS_DEFAULT"} else nulls == "SORTBY_NULLS_FIRST"
        return ["sort", key, descending, nulls_first]

    def _collated(self, node: Tree) -> Form:
        return ["collate", words(node["collname"])[-1], self.expression(node["arg"])]

    def _boolean(self, node: Tree) -> Form:
        arguments = list(self._all(node["args"]))
        if node["boolop"] == "NOT_EXPR":
            return ["not", *arguments]
        return _joined("and" if node["boolop"] == "AND_EXPR" else "or", arguments)

    def _cast(self, node: Tree) -> Form:
        target = type_of(node["typeName"], self._names)
        return cast(self.expression(node["arg"]), target, self._names)

    def _case(self, node: Tree) -> Form:
        fields = self._fields(node)
        if fields.get("defresult") == ["null"]:  # printed although nobody wrote it
            del fields["defresult"]
        return ["CaseExpr", fields]

    def _sublink(self, node: Tree) -> Form:
        fields = self._fields(node)
        if fields["subLinkType"] == "EXISTS_SUBLINK":
            fields["subselect"][1].pop("targetList", None)  # whatever it selects
        if fields.get("operName") == [["String", {"sval": "="}]] and fields["subLinkType"] == "ANY_SUBLINK":
            del fields["operName"]  # x = ANY (SELECT …) is x IN (SELECT …)
        return ["SubLink", fields]

    def _call(self, node: Tree) -> Form:
        given = words(node["funcname"])
        arguments = list(self._all(node.get("args", ())))
        name = self._names.function(given)
        if len(given) == 1 and given[0] in _OF_SEQUENCES and arguments:
            arguments[0] = cast(arguments[0], "regclass", self._names)
        if len(name) == 1:
            name = (_SAME_FUNCTION.get(name[0], name[0]),)
        more = {
            field: self._field(field, value)
            for field, value in node.items()
            if field not in {"funcname", "args"} and field not in _SPELLING_ONLY
        }
        return ["call", spelled(name), arguments, more] if more else ["call", spelled(name), arguments]

    def _json_function(self, node: Tree) -> Form:
        """JSON_VALUE, JSON_QUERY, JSON_EXISTS: their path read as one, and without what the server adds by default."""
        fields = self._fields(node)
        fields["pathspec"] = cast(fields["pathspec"], "jsonpath", self._names)
        for field, usual in _USUAL_OF_JSON.items():
            if fields.get(field) in usual:
                del fields[field]
        return ["JsonFuncExpr", fields]

    def _json_parsed(self, node: Tree) -> Form:
        """JSON('…') is a cast, but for WITH UNIQUE KEYS."""
        if "unique_keys" in node or "output" in node:
            return ["JsonParseExpr", self._fields(node)]
        return cast(self.expression(node["expr"]["raw_expr"]), "json", self._names)

    def _operation(self, node: Tree) -> Form:
        kind = node["kind"]
        left = self.expression(node["lexpr"]) if "lexpr" in node else None
        if kind in _BETWEEN:
            low, high = self._all(node["rexpr"]["List"]["items"])
            return _between(kind, left, low, high)
        name = _operator(node["name"])
        if kind == "AEXPR_IN":
            return self._listed(name, left, node["rexpr"]["List"]["items"])
        right = self.expression(node["rexpr"])
        if kind in {"AEXPR_OP_ANY", "AEXPR_OP_ALL"}:
            return ["any" if kind == "AEXPR_OP_ANY" else "all", name, left, right]
        if kind in {"AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT"}:
            return _distinct(left, right, equal=kind == "AEXPR_NOT_DISTINCT")
        if kind == "AEXPR_NULLIF":
            return ["nullif", left, right]
        return _op(name, left, right)

    def _listed(self, name: str, left: Form | None, items: list[Tree]) -> Form:
        """``x IN (…)``: an array of what holds no column, a comparison for each of the rest (transformAExprIn)."""
        forms = list(self._all(items))
        rows = any(item[0] == "row" for item in (left, *forms) if item)
        constant = [] if rows else [item for item in forms if not _holds_column(item)]
        alone = [item for item in forms if _holds_column(item)] if len(constant) > 1 else forms
        word, quantifier = ("or", "any") if name == "=" else ("and", "all")
        parts = [[quantifier, name, left, ["array", *constant]]] if len(constant) > 1 else []
        return _joined(word, [*parts, *(_op(name, left, item) for item in alone)])


def _without_rows(groups: Iterable[Tree]) -> Iterator[Tree]:
    """GROUP BY (a, b) is GROUP BY a, b; ROW(a, b) is a value."""
    for group in groups:
        row = group.get("RowExpr", {})
        if row.get("row_format") == "COERCE_IMPLICIT_CAST":
            yield from _without_rows(row.get("args", ()))
        else:
            yield group


def _grouped(groups: Iterable[Form]) -> Iterator[Form]:
    """What *groups* name, also within ROLLUP, CUBE, GROUPING SETS and rows."""
    for group in groups:
        if group[0] == "GroupingSet":
            yield from _grouped(group[1].get("content", ()))
        elif group[0] == "row":
            yield from _grouped(group[1:])
        else:
            yield group


def _is_position(canonical: Form) -> bool:
    return bool(canonical[0] == "const" and canonical[2] == "number")


def _operator(name: list[Tree]) -> str:
    *schema, symbol = words(name)
    return f"{spelled(tuple(schema))}.{symbol}" if schema else symbol


def _op(name: str, left: Form | None, right: Form) -> Form:
    if left is None and name in {"-", "+"} and right[0] == "const" and right[2] == "number":
        negative = right[1].startswith("-")
        if name == "+":
            return right
        return ["const", right[1][1:] if negative else "-" + right[1], "number"]
    if left is not None and left[0] == right[0] == "row" and name in {"=", "<>"}:
        pairs = zip(left[1:], right[1:], strict=False)
        return _joined("and" if name == "=" else "or", [_op(name, a, b) for a, b in pairs])
    return ["op", name, left, right]


def _joined(word: str, parts: list[Form]) -> Form:
    """AND and OR are flat, and one part needs no word."""
    flat = [inner for part in parts for inner in (part[1:] if part[0] == word else [part])]
    return flat[0] if len(flat) == 1 else [word, *flat]


def _between(kind: str, value: Form | None, low: Form, high: Form) -> Form:
    word, at_least, at_most = _BETWEEN[kind]
    one_way = _joined(word, [_op(at_least, value, low), _op(at_most, value, high)])
    if not kind.endswith("_SYM"):
        return one_way
    other_way = _joined(word, [_op(at_least, value, high), _op(at_most, value, low)])
    return _joined("or" if word == "and" else "and", [one_way, other_way])


def _distinct(left: Form | None, right: Form, *, equal: bool) -> Form:
    """A bare NULL on either side makes it a null test (transformAExprDistinct)."""
    if right == ["null"] or left == ["null"]:
        tested = left if right == ["null"] else right
        return ["NullTest", {"arg": tested, "nulltesttype": "IS_NULL" if equal else "IS_NOT_NULL"}]
    return ["not", ["distinct", left, right]] if equal else ["distinct", left, right]


def _holds_column(canonical: Any) -> bool:
    if isinstance(canonical, dict):
        return any(map(_holds_column, canonical.values()))
    if not isinstance(canonical, list):
        return False
    return bool(canonical) and (canonical[0] == "column" or any(map(_holds_column, canonical)))


def _value_function(node: Tree) -> Form:
    operation = node["op"].removeprefix("SVFOP_").removesuffix("_N").lower()
    if operation == "current_timestamp" and not node["op"].endswith("_N"):
        return ["call", "now", []]  # stored otherwise, means the same
    if operation in {"current_role", "user"}:
        operation = "current_user"
    return ["value", operation, node["typmod"]] if node["op"].endswith("_N") else ["value", operation]


# Of the class and not of each reader, which would hold itself then.
_READERS: dict[str, Callable[[_Reader, Tree], Form]] = {
    "A_Const": lambda _, node: constant(node),
    "A_Expr": _Reader._operation,
    "A_ArrayExpr": lambda reader, node: ["array", *reader._all(node.get("elements", ()))],
    "BoolExpr": _Reader._boolean,
    "CaseExpr": _Reader._case,
    "CollateClause": _Reader._collated,
    "ColumnRef": _Reader._column,
    "FuncCall": _Reader._call,
    "JoinExpr": _Reader._join,
    "JsonFuncExpr": _Reader._json_function,
    "JsonParseExpr": _Reader._json_parsed,
    "RangeFunction": _Reader._function_as_table,
    "RangeVar": _Reader._relation,
    "ResTarget": _Reader._target,
    "SelectStmt": _Reader._select,
    "SortBy": lambda reader, node: reader._sort(node, {}),
    "RowExpr": lambda reader, node: ["row", *reader._all(node.get("args", ()))],
    "SQLValueFunction": lambda _, node: _value_function(node),
    "SubLink": _Reader._sublink,
    "TypeCast": _Reader._cast,
    "TypeName": lambda reader, node: ["type", type_of(node, reader._names)],
}
