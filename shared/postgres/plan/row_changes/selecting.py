"""The rows that a plain query over one table gives, as those of the columns that they are put into."""

from collections.abc import Mapping

from ....model.plan import Relation
from ....model.schema import Column
from ...parse import Tree, name_called, nodes_with
from ..expressions import columns_in
from ..row_states import Selected
from ..writing import UnwrittenError
from .scene import Assigned, Scene, is_equality, where_of


def source_of(scene: Scene, query: Tree) -> Relation | None:
    """The one table that a plain query reads; None where it reads none."""
    if any(
        key in query
        for key in ("groupClause", "havingClause", "sortClause", "limitCount", "withClause", "distinctClause", "larg",
                    "windowClause", "lockingClause", "intoClause")
    ) or query.get("op", "SETOP_NONE") != "SETOP_NONE":  # fmt: skip
        raise UnwrittenError
    if any(each.get("agg_star") or name_called(each) in _AGGREGATES
           for each in nodes_with(query, "funcname")):  # fmt: skip
        raise UnwrittenError
    origin = query.get("fromClause", [])
    if not origin:
        return None
    if len(origin) > 1 or "RangeVar" not in origin[0]:
        raise UnwrittenError
    found = scene.before.find(origin[0]["RangeVar"])
    if found is None:
        raise UnwrittenError
    scene.insist_on_table(found)
    reads = columns_in(query["targetList"]) | columns_in(query.get("whereClause"))
    scene.insist_on_known(found, reads)
    return found


def with_columns(scene: Scene, query: Tree) -> Tree:
    """*query* with the columns of the one table that it reads in the place of ``*``."""
    origin = query.get("fromClause", [])
    source = scene.before.find(origin[0]["RangeVar"]) if len(origin) == 1 and "RangeVar" in origin[0] else None
    targets: list[Tree] = []
    for each in query["targetList"]:
        fields = each["ResTarget"]["val"].get("ColumnRef", {}).get("fields", ())
        if not fields or "A_Star" not in fields[-1]:
            targets.append(each)
        elif source is None:
            raise UnwrittenError
        else:
            named = ([*fields[:-1], {"String": {"sval": name}}] for name, _ in scene.before.columns(source))
            targets += [{"ResTarget": {"val": {"ColumnRef": {"fields": words}}}} for words in named]
    return {**query, "targetList": targets}


_AGGREGATES = frozenset(
    {"count", "sum", "avg", "min", "max", "array_agg", "string_agg", "json_agg", "jsonb_agg", "bool_and", "bool_or",
     "generate_series", "unnest", "regexp_split_to_table", "json_array_elements", "jsonb_array_elements"}
)  # fmt: skip


def selected(
    scene: Scene,
    columns: Mapping[str, Column],
    row: Mapping[str, Assigned],
    query: Tree | None,
    source: Relation | None,
    *,
    raw: bool = False,
) -> Selected:
    values = {
        name: (f"CAST(({each.sql}) AS text)" if each.sql is not None else None)
        if raw
        else scene.cast(each.sql, columns[name].type)
        for name, each in row.items()
    }
    if query is None or source is None:
        where = scene.write(query["whereClause"]) if query is not None and "whereClause" in query else None
        return Selected(values, where=where)
    range_var = query["fromClause"][0]["RangeVar"]
    alias = range_var.get("alias", {}).get("aliasname", range_var["relname"])
    where, _ = where_of(scene, source, query)
    reads = frozenset(columns_in(query["targetList"]) | columns_in(query.get("whereClause")))
    if scene.passed.is_text(source, reads) and not is_equality(query["targetList"]):
        raise UnwrittenError
    return Selected(values, scene.read(source), alias, where, reads)
