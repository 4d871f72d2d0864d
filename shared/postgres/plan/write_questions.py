"""What the server's analyser is asked about an INSERT, UPDATE or DELETE whose tables the run has changed before.

Its target is not what the server knows. So its expressions are asked as queries, and our own table of casts says
whether their values can be assigned to the columns.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ...model.plan import Relation
from ...model.schema import Column, Enum, Kind, Subject
from ..naming import unquoted
from ..parse import Tree
from .assignment import base_of
from .expression_questions import Columns, is_harmless_type, over_all, relation
from .expressions import columns_in
from .footprint import Footprint
from .row_changes import as_update
from .writing import UnwrittenError, Verbatim

WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
# Each row is a question of its own.
_MOST_ROWS = 20


def ask_about_write(footprint: Footprint, kind: str, node: Tree) -> bool:
    """Add the questions; False where one of its expressions cannot be asked about."""
    table = footprint.before.find(node["relation"])
    if table is None:
        relation(footprint, node["relation"])
    if table is None or footprint.before.kind(table) is not Kind.TABLE or table in footprint.circumstances.vague:
        return False
    if any(key in node for key in ("withClause", "usingClause", "returningList")):
        return False
    if kind == "InsertStmt":
        return _insert(footprint, table, node)
    try:
        return _update_or_delete(footprint, table, as_update(node) if kind == "MergeStmt" else node)
    except UnwrittenError:
        return False


def _update_or_delete(footprint: Footprint, table: Relation, node: Tree) -> bool:
    columns = Columns(footprint, table)
    tables: dict[str, Mapping[str, Column]] = {_name(node["relation"]): columns}
    for each in node.get("fromClause", ()):
        other = footprint.before.find(each["RangeVar"]) if "RangeVar" in each else None
        if other is None or other in footprint.circumstances.vague or _name(each["RangeVar"]) in tables:
            raise UnwrittenError
        tables[_name(each["RangeVar"])] = Columns(footprint, other)
    if "whereClause" in node and not _condition(footprint, tables, node["whereClause"]):
        return False
    targets = [(each["ResTarget"]["name"], each["ResTarget"]["val"]) for each in node.get("targetList", ())]
    return _assigned(footprint, tables, columns, targets)


def _name(range_var: Tree) -> str:
    """The name of a relation in its statement."""
    found: str = range_var.get("alias", {}).get("aliasname", range_var["relname"])
    return found


def _insert(footprint: Footprint, table: Relation, node: Tree) -> bool:
    columns = dict(footprint.before.columns(table))
    named = [each["ResTarget"]["name"] for each in node.get("cols", ())] or [*columns]
    query = node.get("selectStmt", {}).get("SelectStmt")
    if query is None:
        return True
    if "valuesLists" in query:
        rows = [each["List"]["items"] for each in query["valuesLists"]]
        if len(rows) > _MOST_ROWS:
            return False
        asked = [_assigned(footprint, {table[1]: {}}, columns, [*zip(named, row, strict=False)]) for row in rows]
        return all(asked)
    return _insert_selected(footprint, table, node["selectStmt"]["SelectStmt"], named)


def _insert_selected(footprint: Footprint, table: Relation, query: Tree, named: Sequence[str]) -> bool:
    origin = query.get("fromClause", [])
    if len(origin) != 1 or "RangeVar" not in origin[0] or any(key in query for key in ("groupClause", "withClause")):
        return False
    source = footprint.before.find(origin[0]["RangeVar"])
    if source is None or source in footprint.circumstances.vague:
        return False
    theirs = {_name(origin[0]["RangeVar"]): Columns(footprint, source)}
    if "whereClause" in query and not _condition(footprint, theirs, query["whereClause"]):
        return False
    targets = [each["ResTarget"]["val"] for each in query["targetList"]]
    return _assigned(footprint, theirs, Columns(footprint, table), [*zip(named, targets, strict=False)])


def _assigned(
    footprint: Footprint,
    tables: Mapping[str, Mapping[str, Column]],
    targets: Mapping[str, Column],
    pairs: Iterable[tuple[str, Tree]],
) -> bool:
    """Each value, and whether the column takes it. A string alone is read as one of the column's type."""
    writes: list[Callable[[Verbatim], str]] = []
    types: list[str] = []
    trees: list[Tree] = []
    for name, tree in pairs:
        column = targets.get(name)
        constant = tree.get("A_Const", {})
        if column is None:
            return False
        if "SetToDefault" in tree or constant.get("isnull") or _is_pending_label(footprint, column.type, tree):
            continue
        if _is_alike(tables, tree, column):
            continue
        type_ = base_of(column.type, footprint.definition)
        if "sval" in constant:
            if not is_harmless_type(footprint, column.type) or _is_pending(footprint, column.type):
                return False
            writes.append(_as_type(tree, type_))
        else:
            writes.append(_as_it_is(tree))
        types.append(type_)
        trees.append(tree)
    if not writes:
        return True
    return over_all(
        footprint,
        tables,
        lambda writer: ", ".join(each(writer) for each in writes),
        columns_in(trees),
        assigned_to=types,
    )


def _is_alike(tables: Mapping[str, Mapping[str, Column]], tree: Tree, column: Column) -> bool:
    """Say whether the value is a column of the very type."""
    names = [*columns_in(tree)] if "ColumnRef" in tree and len(tables) == 1 else []
    found = next(iter(tables.values())).get(names[0]) if len(names) == 1 else None
    return found is not None and found.type == column.type


def _as_type(tree: Tree, type_: str) -> Callable[[Verbatim], str]:
    return lambda writer: f"CAST({writer.write(tree)} AS {type_})"


def _as_it_is(tree: Tree) -> Callable[[Verbatim], str]:
    return lambda writer: writer.write(tree)


def _condition(footprint: Footprint, tables: Mapping[str, Mapping[str, Column]], where: Tree) -> bool:
    if len(tables) == 1 and _compares_labels(footprint, next(iter(tables.values())), where):
        return True
    return over_all(footprint, tables, lambda writer: f"NOT ({writer.write(where)})", columns_in(where))


def _is_pending(footprint: Footprint, type_: str) -> bool:
    return footprint.circumstances.passed.is_pending_type(unquoted(type_.removesuffix("[]")))


def _is_pending_label(footprint: Footprint, type_: str, tree: Tree) -> bool:
    """Say whether a string alone is for an enum that the run changes: its labels are known."""
    return "sval" in tree.get("A_Const", {}) and _labels(footprint, type_) is not None


def _labels(footprint: Footprint, type_: str) -> Sequence[str] | None:
    """The labels of an enum that the run changes or makes."""
    found = footprint.before.objects.get(Subject(Kind.ENUM, unquoted(type_)))
    return found.values if isinstance(found, Enum) and _is_pending(footprint, type_) else None


def _compares_labels(footprint: Footprint, columns: Mapping[str, Column], tree: Any) -> bool:
    """Say whether a condition only compares columns of such enums to labels that they have, or to NULL."""
    if "BoolExpr" in tree:
        return all(_compares_labels(footprint, columns, each) for each in tree["BoolExpr"]["args"])
    if "NullTest" in tree:
        return "ColumnRef" in tree["NullTest"]["arg"] and set(columns_in(tree)) <= columns.keys()
    operation = tree.get("A_Expr", {})
    names = [*columns_in(operation.get("lexpr", {}))] if "ColumnRef" in operation.get("lexpr", {}) else []
    labels = _labels(footprint, columns[names[0]].type) if names and names[0] in columns else None
    if labels is None or [each["String"]["sval"] for each in operation.get("name", ())] not in (["="], ["<>"]):
        return False
    right = operation["rexpr"]
    constants = right["List"]["items"] if operation["kind"] == "AEXPR_IN" else [right]
    return all(each.get("A_Const", {}).get("sval", {}).get("sval") in labels for each in constants)
