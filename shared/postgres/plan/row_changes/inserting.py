"""INSERT: the rows behind it, those that it proposes, and those that ON CONFLICT DO NOTHING leaves."""
# SQL is what this module writes; names are quoted, all else is written from trees

from collections.abc import Sequence

from ....model.plan import Relation
from ....model.schema import Index, Kind
from ...parse import Tree
from ..row_states import Filtered, State, item, joined
from ..writing import UnwrittenError, quoted
from .scene import RowChanges, Scene, unique_keys
from .selecting import selected, source_of, with_columns
from .values import row_of, with_generated


def inserted(scene: Scene, table: Relation, node: Tree) -> RowChanges:
    named = [each["ResTarget"]["name"] for each in node.get("cols", ())]
    if any("indirection" in each["ResTarget"] for each in node.get("cols", ())):
        raise UnwrittenError
    columns = dict(scene.before.columns(table))
    conflict = node.get("onConflictClause")
    if conflict is not None and (
        conflict.get("action") != "ONCONFLICT_NOTHING"
        or ("infer" in conflict and len([*unique_keys(scene.before, table)]) > 1)
    ):
        raise UnwrittenError("which rows conflict is not analysed")
    query = node.get("selectStmt", {}).get("SelectStmt")
    is_query = query is not None and "valuesLists" not in query
    if is_query:
        query = with_columns(scene, query)
    source = (query, source_of(scene, query)) if is_query else (None, None)
    rows = [row_of(scene, columns, dict(zip(named or columns, each, strict=False))) for each in _given(query)]
    parts = [selected(scene, columns, row, *source) for row in rows]
    raw = [selected(scene, columns, row, *source, raw=True) for row in rows]
    current = scene.passed.state(table)
    new: list[State] = [with_generated(scene, table, table[1], each) for each in parts]
    proposed = joined(new)
    if conflict is not None:
        current, new = _without_conflicts(scene, table, current, new, is_one=not is_query)
    after = joined([current, *new]) if conflict is None else current
    written = joined(new)
    return RowChanges(
        {table: after},
        {table: written},
        values=tuple(rows),
        raw=joined(raw),
        proposed=proposed,
        source=source[1],
        ignores=conflict is not None,
    )


def _given(query: Tree | None) -> list[Sequence[Tree]]:
    """The values that are given, a row each; those of a query are one row. None is DEFAULT VALUES."""
    if query is None:
        return [()]
    if "valuesLists" not in query:
        return [[each["ResTarget"]["val"] for each in query["targetList"]]]
    if any(key in query for key in ("sortClause", "limitCount", "withClause")):
        raise UnwrittenError
    return [each["List"]["items"] for each in query["valuesLists"]]


def _without_conflicts(
    scene: Scene, table: Relation, current: State, new: list[State], *, is_one: bool
) -> tuple[State, list[State]]:
    """ON CONFLICT DO NOTHING, for any key: those rows that meet none that is there already, one after the other."""
    keys = list(unique_keys(scene.before, table))
    others = [
        part
        for _, part in scene.before.parts(table, Kind.INDEX, Kind.EXCLUSION)
        if not isinstance(part, Index)
        or (part.unique and (part.predicate is not None or None in [key.column for key in part.keys]))
    ]
    if others or len(new) > _MOST_CONFLICTS or not is_one:
        raise UnwrittenError("which rows conflict is not analysed")
    kept: list[State] = []
    for each in new:
        for key in keys:
            same = " AND ".join(
                f'"~there".{quoted(name)} OPERATOR(pg_catalog.=) "~row".{quoted(name)}' for name in sorted(key)
            )
            meets = f"NOT EXISTS (SELECT FROM {item(current, sorted(key), '~there')} WHERE {same})"
            each = Filtered(each, "~row", meets, key, (current,))  # noqa: PLW2901
        kept.append(each)
        current = joined([current, each])
    return current, kept


# Each is compared with all before it.
_MOST_CONFLICTS = 3
