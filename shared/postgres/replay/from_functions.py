"""What a function in FROM, or JSON_TABLE, offers to the query around it."""

from collections.abc import Iterable, Iterator

from .. import naming
from ..parse import Tree
from . import records
from .names import Names, words
from .offered import FromItem, Source, built_in_type, columns_of, renamed

# Functions of PostgreSQL's own that give one column, which bears their name or alias.
_ONE_COLUMN = frozenset(
    {"generate_series", "generate_subscripts", "json_object_keys", "jsonb_object_keys", "regexp_matches",
     "regexp_split_to_table", "string_to_table", "unnest"}
)  # fmt: skip


def function_item(names: Names, node: Tree) -> FromItem:
    alias = node.get("alias", {})
    renames = words(alias.get("colnames", ()))
    defined = [each["ColumnDef"] for each in node.get("coldeflist", ())]
    extra = (Source("ordinality"),) if node.get("ordinality") else ()
    if defined:
        found = tuple(Source(each["colname"], type=names.type_ref(each["typeName"])) for each in defined)
        return FromItem(alias.get("aliasname", ""), renamed((*found, *extra), renames), alias.get("aliasname", ""))
    calls = [each["List"]["items"][0] for each in node["functions"]]
    call = calls[0].get("FuncCall") if len(calls) == 1 else None
    name = words(call["funcname"])[-1] if call else naming.figured_name(calls[0]) or ""
    shown = alias.get("aliasname", name)
    known = names.routines(words(call["funcname"])) if call else []
    routine = names.catalog.get(known[0], records.Routine) if known else None
    if routine is not None and (rows := _rows(names, routine)) is not None:
        return FromItem(shown, renamed((*rows, *extra), renames), shown)
    if renames:
        return FromItem(shown, tuple(Source(each) for each in renames), shown)
    columns = (Source(shown), *extra) if len(calls) == 1 else None
    return FromItem(shown, columns, shown, guessed=name not in _ONE_COLUMN)


def json_table_item(names: Names, node: Tree) -> FromItem:
    alias = node.get("alias", {})
    columns = renamed(tuple(_json_columns(names, node["columns"])), words(alias.get("colnames", ())))
    return FromItem(alias.get("aliasname", "json_table"), columns, alias.get("aliasname", "json_table"))


def _json_columns(names: Names, columns: Iterable[Tree]) -> Iterator[Source]:
    """Those of nested paths come after their parent's own."""
    nested: list[Tree] = []
    for each in columns:
        column = each["JsonTableColumn"]
        if column["coltype"] == "JTC_NESTED":
            nested += column["columns"]
        elif column["coltype"] == "JTC_FOR_ORDINALITY":
            yield Source(column["name"], type=built_in_type("int4"))
        else:
            yield Source(column["name"], type=names.type_ref(column["typeName"]))
    if nested:
        yield from _json_columns(names, nested)


def _rows(names: Names, routine: records.Routine) -> tuple[Source, ...] | None:
    given = tuple(
        Source(each.name, type=each.type) for each in routine.arguments if each.mode in ("TABLE", "OUT", "INOUT")
    )
    if given:
        return given
    if routine.result is not None and routine.result.oid is not None:
        return tuple(columns_of(names, routine.result.oid)) or None
    return None
