"""Bodies of views, where both sides can be brought to one form.

pg_get_viewdef prints the analysed query: stars written out, positions and aliases in GROUP BY and ORDER BY replaced by
what they mean, columns qualified. Queries of columns, joins with ON or USING, values, functions whose columns
are known, conditions, groups and orders come out alike; what needs other columns (stars, FULL JOIN … USING, functions
of an extension) gets no form, and no comparison.
"""

from collections.abc import Iterator
from typing import Any

from ...model.schema import Expression
from .aliases import placed
from .expressions import UnknowableError, form, text
from .names import Names, words
from .sql import UNWRITTEN

Tree = dict[str, Any]

_UNKNOWABLE_NODES = frozenset(
    {
        "A_Star",
        "RangeTableFunc",
        "RangeTableSample",
        "JsonTable",
        "JsonArrayQueryConstructor",
    }
)


# Clauses that make another result of the same columns.
_MORE_THAN_COLUMNS = frozenset(
    {"distinctClause", "groupClause", "havingClause", "limitCount", "limitOffset", "lockingClause", "sortClause",
     "whereClause", "windowClause", "withClause"}
)  # fmt: skip
_WRITING = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})


def query(tree: Tree, names: Names) -> Expression | None:
    """The form of a view's SelectStmt node, None where that needs the tables' columns."""
    if any(_unknowable(kind, node) for kind, node in _nodes(tree)):
        return None
    try:
        plain = {"SelectStmt": _plain_values(tree["SelectStmt"])} if "SelectStmt" in tree else tree
        return Expression(sql=UNWRITTEN, meaning=text(placed(form(plain, names, strict=True))))
    except UnknowableError:
        return None


def _plain_values(select: Tree) -> Tree:
    """*select* with VALUES for a query of all its columns, which the server prints in a UNION, or to name them."""
    if "larg" in select:
        return {**select, "larg": _plain_values(select["larg"]), "rarg": _plain_values(select["rarg"])}
    sources, targets = select.get("fromClause", ()), select.get("targetList", ())
    values = sources[0].get("RangeSubselect", {}).get("subquery", {}).get("SelectStmt", {}) if len(sources) == 1 else {}
    if "valuesLists" not in values or not _MORE_THAN_COLUMNS.isdisjoint(select):
        return select
    names = [words(each["ResTarget"]["val"].get("ColumnRef", {}).get("fields", []))[-1:] for each in targets]
    every = [(f"column{number}",) for number in range(1, len(values["valuesLists"][0]["List"]["items"]) + 1)]
    is_renamed = "colnames" in sources[0]["RangeSubselect"].get("alias", {})
    return values if names == every and not is_renamed else select


def rule_body(node: Tree, names: Names) -> Expression | None:
    """A rule's condition, and its actions if it has none: DO INSTEAD NOTHING."""
    if node.get("actions"):
        return None
    condition = form(node["whereClause"], names) if "whereClause" in node else ["null"]
    return Expression(sql="nothing", meaning=text(["nothing", condition]))


def _unknowable(kind: str, node: Any) -> bool:
    if kind in _UNKNOWABLE_NODES:
        return True
    if kind != "JoinExpr":
        return False
    # A column merged by a RIGHT or FULL JOIN is none of the left side's.
    is_merged = "usingClause" in node and node.get("jointype", "JOIN_INNER") not in ("JOIN_INNER", "JOIN_LEFT")
    return is_merged or "alias" in node or bool(node.get("isNatural"))


def _nodes(tree: Any) -> Iterator[tuple[str, Any]]:
    """Every node below *tree*, but for the columns of EXISTS (SELECT …), which mean nothing."""
    waiting = [tree]
    while waiting:
        here = waiting.pop()
        if isinstance(here, list):
            waiting += here
        elif isinstance(here, dict):
            yield from here.items()
            if here.get("subLinkType") == "EXISTS_SUBLINK" and "subselect" in here:
                select = here["subselect"].get("SelectStmt", {})
                here = here | {"subselect": {key: part for key, part in select.items() if key != "targetList"}}
            waiting += here.values()


def body(tree: Any, names: Names) -> Expression | None:
    """Of a routine in the SQL standard's form (BEGIN ATOMIC …, RETURN …), which the server keeps analysed."""
    if any(_unknowable(kind, node) or kind in _WRITING for kind, node in _nodes(tree)):
        return None
    forms = [placed(form(each, names)) for each in _statements(tree)]
    return Expression(sql=UNWRITTEN, meaning=text(["body", *forms]))


def _statements(tree: Any) -> Iterator[Tree]:
    if isinstance(tree, dict) and "List" in tree:
        tree = tree["List"].get("items", [])
    if isinstance(tree, list):
        for item in tree:
            yield from _statements(item)
    elif tree:
        yield tree
