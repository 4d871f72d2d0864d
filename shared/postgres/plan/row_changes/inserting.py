"""INSERT: the rows behind it, those that it proposes, and those that ON CONFLICT DO NOTHING leaves."""
# SQL is what this module writes; names are quoted, all else is written from trees

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
    if query is None:  # DEFAULT VALUES
        rows = [row_of(scene, columns, {})]
        sources: list[tuple[Tree | None, Relation | None]] = [(None, None)]
    elif "valuesLists" in query:
        if any(key in query for key in ("sortClause", "limitCount", "withClause")):
            raise UnwrittenError
        given = [each["List"]["items"] for each in query["valuesLists"]]
        rows = [row_of(scene, columns, dict(zip(named or columns, each, strict=False))) for each in given]
        sources = [(None, None)] * len(rows)
    else:
        query = with_columns(scene, query)
        source = source_of(scene, query)
        targets = [each["ResTarget"]["val"] for each in query["targetList"]]
        rows = [row_of(scene, columns, dict(zip(named or columns, targets, strict=False)))]
        sources = [(query, source)]
    parts = [selected(scene, columns, row, *source) for row, source in zip(rows, sources, strict=True)]
    raw = [selected(scene, columns, row, *source, raw=True) for row, source in zip(rows, sources, strict=True)]
    current = scene.passed.state(table)
    new: list[State] = [with_generated(scene, table, table[1], each) for each in parts]
    proposed = joined(new)
    if conflict is not None:
        current, new = _without_conflicts(scene, table, current, new, is_one=query is None or "valuesLists" in query)
    after = joined([current, *new]) if conflict is None else current
    written = joined(new)
    return RowChanges(
        {table: after},
        {table: written},
        values=tuple(rows),
        raw=joined(raw),
        proposed=proposed,
        source=sources[0][1],
        ignores=conflict is not None,
    )


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
            each = Filtered(each, "~row", meets, key, current.tables)  # noqa: PLW2901
        kept.append(each)
        current = joined([current, each])
    return current, kept


# Each is compared with all before it.
_MOST_CONFLICTS = 3
