"""UPDATE, also with a FROM of one table, and a MERGE that only updates."""
# ruff: noqa: S608  # SQL is what this module writes; names are quoted, all else is written from trees

from collections.abc import Mapping, Set
from typing import Any

from ....model.plan import Relation
from ....model.schema import Column
from ...parse import Tree, nodes_with
from ..expressions import columns_in
from ..row_states import Changed, Filtered, Selected, State, item
from ..writing import UnwrittenError, quoted
from .scene import Assigned, RowChanges, Scene, alias_of, is_equality, unique_keys, where_of
from .values import default_of, with_generated


def as_update(node: Tree) -> Tree:
    clauses = [each["MergeWhenClause"] for each in node["mergeWhenClauses"]]
    is_update = len(clauses) == 1 and clauses[0]["commandType"] == "CMD_UPDATE" and "condition" not in clauses[0]
    if not is_update or "RangeVar" not in node["sourceRelation"] or clauses[0].get("matchKind") == _NOT_BY_SOURCE:
        raise UnwrittenError("a MERGE that inserts or deletes is not analysed")
    return {
        "relation": node["relation"],
        "targetList": clauses[0]["targetList"],
        "fromClause": [node["sourceRelation"]],
        "whereClause": node["joinCondition"],
    }


_NOT_BY_SOURCE = "MERGE_WHEN_NOT_MATCHED_BY_SOURCE"
_FOUND = '"~"'


def updated(scene: Scene, table: Relation, node: Tree) -> RowChanges:
    row: dict[str, Assigned] = {}
    for each in (target["ResTarget"] for target in node["targetList"]):
        column = scene.column(table, each["name"])
        if "indirection" in each or column.generated is not None or column.identity is not None:
            raise UnwrittenError
        if "SetToDefault" in each["val"]:
            row[each["name"]] = default_of(scene, column)
        else:
            row[each["name"]] = Assigned(each["val"], scene.write(each["val"]))
    alias = alias_of(node)
    current = scene.passed.state(table)
    columns = dict(scene.before.columns(table))
    was = {f"~was {name}": f"{quoted(alias)}.{quoted(name)}" for name in row}
    values = {name: scene.cast(each.sql, columns[name].type) for name, each in row.items()}
    raw = {f"~{name}": f"CAST(({each.sql}) AS text)" if each.sql is not None else None for name, each in row.items()}
    if "fromClause" in node:
        lookup, other, reads, many = _lookup(scene, table, node, alias, columns)
        reads |= row.keys()
        found = f"{quoted(_name_of(node))}.{_FOUND}"
        new = {name: sql and f"CASE WHEN {found} THEN {sql} END" for name, sql in {**values, **raw, **was}.items()}
        every = Changed(current, alias, {**new, "~": found}, reads, lookup=lookup, others=(other,))
        matched = Filtered(every, "~row", f'"~row".{_FOUND}', frozenset({"~"}))
        behind = with_generated(scene, table, alias, Changed(current, alias, values, reads, found, lookup, (other,)))
        whole = with_generated(scene, table, alias, matched)
        marked = Changed(current, alias, {"~": found}, reads, lookup=lookup, others=(other,))
        matched_old = Filtered(marked, "~row", f'"~row".{_FOUND}', frozenset({"~"}))
        several = Filtered(current, alias, many, reads, (other,)) if many else None
        return RowChanges(
            {table: behind},
            {table: whole},
            values=(row,),
            raw=_named_raw(matched, row),
            old=matched_old,
            several=several,
        )
    where, wanted = where_of(scene, table, node)
    named = frozenset({*wanted, *columns_in(node["targetList"])})
    scene.insist_on_known(table, named)
    reads = named | row.keys()
    if scene.passed.is_text(table, columns_in(node["targetList"])) and not is_equality(node["targetList"]):
        raise UnwrittenError
    filtered: State = current if where is None else Filtered(current, alias, where, wanted)
    written: State = Changed(filtered, alias, {**values, **raw, **was}, reads)
    raw_values = _named_raw(written, row)
    written = with_generated(scene, table, alias, written)
    after = with_generated(scene, table, alias, Changed(current, alias, values, reads, where))
    return RowChanges(
        {table: after}, {table: written}, values=(row,), raw=raw_values, old=filtered, in_all=where is None
    )


def _named_raw(written: State, row: Mapping[str, Assigned]) -> State:
    """The values before they are cast, by the names of their columns."""
    values = {name: f'"~".{quoted("~" + name)}' for name in row}
    return Selected(values, written, "~", None, frozenset(f"~{name}" for name in row))


def _name_of(node: Tree) -> str:
    range_var = node["fromClause"][0]["RangeVar"]
    found: str = range_var.get("alias", {}).get("aliasname", range_var["relname"])
    return found


def _lookup(
    scene: Scene, table: Relation, node: Tree, alias: str, columns: Mapping[str, Column]
) -> tuple[str, State, frozenset[str], str]:
    """UPDATE … FROM one table: what a row finds there, in which rows, and the condition that it finds several."""
    origin = node["fromClause"]
    if len(origin) != 1 or "RangeVar" not in origin[0] or "whereClause" not in node:
        raise UnwrittenError
    other = scene.before.find(origin[0]["RangeVar"])
    name = _name_of(node)
    if other is None or name == alias:
        raise UnwrittenError
    scene.insist_on_table(other)
    theirs = dict(scene.before.columns(other))
    keys = _equated(node["whereClause"], name, theirs.keys() - columns.keys())
    # A key of a table is one of its partitions, too, but not of those that inherit from it.
    has_heirs = len([*scene.before.family(other)]) > len([*scene.before.partitions(other)])
    is_unique = not has_heirs and any(key <= keys for key in unique_keys(scene.before, other))
    used = set(columns_in([each["ResTarget"]["val"] for each in node["targetList"]])) | set(
        columns_in(node["whereClause"])
    )
    scene.insist_on_known(other, used & theirs.keys())
    scene.insist_on_known(table, used & columns.keys())
    if scene.passed.is_text(other, used) or scene.passed.is_text(table, used):
        raise UnwrittenError
    wanted = sorted(used & theirs.keys())
    listed = ", ".join(f"{quoted(name)}.{quoted(each)}" for each in wanted)
    state = scene.read(other)
    where = scene.write(node["whereClause"])
    lookup = (
        f" LEFT JOIN LATERAL (SELECT {listed}{', ' if listed else ''}true AS {_FOUND} "
        f"FROM {item(state, wanted, name)} WHERE {where} LIMIT 1) AS {quoted(name)} ON true"
    )
    many = ""
    if not is_unique:
        many = f"(SELECT pg_catalog.count(*) FROM {item(state, wanted, name)} WHERE {where}) > 1"
    return lookup, state, frozenset(used & columns.keys()), many


def _equated(where: Tree, name: str, own: Set[str]) -> set[str]:
    """The columns of the other table that are equal to something of the table itself, or to a constant."""
    parts = [where]
    if where.get("BoolExpr", {}).get("boolop") == "AND_EXPR":
        parts = where["BoolExpr"]["args"]
    found = set()
    for part in parts:
        operation = part.get("A_Expr", {})
        if operation.get("kind") != "AEXPR_OP" or [each["String"]["sval"] for each in operation["name"]] != ["="]:
            continue
        for one, other in (("lexpr", "rexpr"), ("rexpr", "lexpr")):
            fields = [
                each.get("String", {}).get("sval")
                for each in operation.get(one, {}).get("ColumnRef", {}).get("fields", ())
            ]
            is_theirs = (len(fields) == 2 and fields[0] == name) or (len(fields) == 1 and fields[0] in own)
            if is_theirs and not _names(operation.get(other), name, own):
                found.add(str(fields[-1]))
    return found


def _names(tree: Any, name: str, own: Set[str]) -> bool:
    for each in nodes_with(tree, "fields"):
        words = [field_.get("String", {}).get("sval") for field_ in each["fields"]]
        if (len(words) > 1 and words[-2] == name) or (len(words) == 1 and words[0] in own):
            return True
    return False
