"""Views, materialized views, CREATE TABLE AS and SELECT INTO: whatever is made out of a query."""

from collections.abc import Iterable, Iterator, Sequence

from ...model.schema import Doubt, Kind, Subject
from ...model.value import replace
from .. import server_settings
from ..parse import Tree
from . import clustering, records, settings, storage
from .names import TEMPORARY, words
from .offered import Source, built_in_type
from .queries import Query, read_query
from .records import Oid, TypeRef
from .state import State
from .tables import add_offered_column

_COLUMNS = frozenset({"columns", "body"})
_CHECK_OPTIONS = {"LOCAL_CHECK_OPTION": "local", "CASCADED_CHECK_OPTION": "cascaded"}


def create_view(state: State, node: Tree) -> None:
    schema, name = state.place(node["view"])
    query = read_query(state.names, node["query"])
    if any(state.is_temporary(each) for each in query.bound.uses):
        schema = state.schema_to_create_in(TEMPORARY)
    given = set(storage.parameters_of(node.get("options", ())))
    if node.get("withCheckOption") in _CHECK_OPTIONS:
        given.add(f"check_option={_CHECK_OPTIONS[node['withCheckOption']]}")
    view = _view(state, (schema, name), query, words(node.get("aliases", ())), given)
    there = state.catalog.find("relation", schema, name)
    if there is not None and node.get("replace") and isinstance(state.catalog[there], records.View):
        state.catalog.put(there, view)
    else:
        state.taken_by_relation(schema, name)
        there = state.catalog.add(view)
    _doubt_columns(state, there, query)


def _view(
    state: State, place: tuple[Oid, str], query: Query, aliases: Sequence[str], given: Iterable[str]
) -> records.View:
    schema, name = place
    return records.View(
        schema,
        name,
        columns=tuple(_named(state, query, aliases)),
        query=query.bound,
        uses=query.bound.uses,
        options=tuple(sorted(given)),
    )


def _doubt_columns(state: State, view: Oid, query: Query) -> None:
    """A star over something unknown may be any number of columns."""
    if query.whole:
        state.know(view, _COLUMNS)
    elif not state.is_temporary(view):
        state.doubt(view, Doubt("its columns are those of something unknown", _COLUMNS))


def _named(state: State, query: Query, aliases: Sequence[str], *, ask: bool = False) -> Iterator[records.ViewColumn]:
    """The columns of a query. Types that only the server knows are asked for where something needs them: with *ask*."""
    # Those that have been answered too: a question reads the same before and after.
    unknown = [at for at, column in enumerate(query.columns) if column.type is None or column.type.asked]
    types = _types_asked_for(state, query, unknown, ask=ask) if unknown and query.whole else {}
    for at, column in enumerate(query.columns):
        yield records.ViewColumn(aliases[at] if at < len(aliases) else column.name, types.get(at, column.type))


def _types_asked_for(state: State, query: Query, unknown: Sequence[int], *, ask: bool) -> dict[int, TypeRef]:
    # Imported where it is used: most releases make no table of a query.
    from . import asking  # noqa: PLC0415

    asked = asking.asked(state.names, state.text or "", len(query.columns))
    if asked is None:
        return {}
    question = asked.question(unknown, tuple(each for each in state.names.search_path if each != TEMPORARY))
    if ask:
        state.questions[question] = None
    answered = asking.answered_types(state.answer(question), state.names) or [None] * len(unknown)
    found: dict[int, TypeRef] = {}
    for at, answer in zip(unknown, answered, strict=True):
        known = answer or query.columns[at].type
        is_known = answer is not None or (known is not None and known.known)
        found[at] = replace(known or built_in_type("text"), asked=asked.type_of(at), known=is_known)
    return found


def create_table_as(state: State, node: Tree) -> None:
    """A materialized view, or a table whose columns are those of a query."""
    into = node["into"]
    schema, name = state.place(into["rel"])
    state.taken_by_relation(schema, name)
    aliases = words(into.get("colNames", ()))
    if "SelectStmt" not in node["query"]:  # EXECUTE of a prepared statement
        _opaque_table(state, schema, name, "made by a prepared statement")
        return
    query = read_query(state.names, node["query"])
    if node["objtype"] == "OBJECT_MATVIEW":
        view = _view(state, (schema, name), query, aliases, storage.parameters_of(into.get("options", ())))
        _doubt_columns(state, state.catalog.add(replace(view, materialized=True)), query)
        return
    given = into.get("options", ())
    unlogged = into["rel"].get("relpersistence") == "u"
    table = state.catalog.add(records.Table(schema, name, unlogged=unlogged, parameters=storage.of_table(given)))
    collations_may_differ = _has_collations(state, query)
    for column in _named(state, query, aliases, ask=True):
        made = add_offered_column(state, table, Source(column.name, type=column.type))
        if column.type is not None and column.type.asked and collations_may_differ:
            state.doubt(made, Doubt("its collation is that of an expression in a query", frozenset({"collation"})))
    storage.set_toast_parameters(state, table, given)
    # A star over something unknown may be any number of columns.
    if not query.whole or not query.columns:
        state.opaque(Subject(Kind.TABLE, state.names.full_name(table)), "its columns are those of something unknown")


def _has_collations(state: State, query: Query) -> bool:
    """Say whether the query may give a column another collation than its type's own."""
    used = (state.catalog.get(oid, records.Column) for oid in query.bound.uses)
    return "collate" in (state.text or "").lower() or any(each is not None and each.collation for each in used)


def _opaque_table(state: State, schema: int, name: str, because: str) -> None:
    table = state.catalog.add(records.Table(schema, name))
    state.opaque(Subject(Kind.TABLE, state.names.full_name(table)), because)


def select(state: State, node: Tree) -> None:
    """SELECT INTO makes a table; ``set_config('search_path', …)``, as pg_dump writes it, is a SET."""
    if "intoClause" in node:
        query = {key: value for key, value in node.items() if key != "intoClause"}
        create_table_as(state, {"query": {"SelectStmt": query}, "into": node["intoClause"], "objtype": "OBJECT_TABLE"})
        return
    for each in node.get("targetList", ()):
        call = each.get("ResTarget", {}).get("val", {}).get("FuncCall")
        if call and words(call["funcname"])[-1] == "set_config" and len(call.get("args", ())) > 1:
            first, second = (argument.get("A_Const", {}).get("sval") for argument in call["args"][:2])
            if first == {"sval": "search_path"} and second is not None:
                state.set_search_path(server_settings.names(second.get("sval", "")))
            elif first is not None and second is not None:
                settings.set_reading(state, first.get("sval", "").lower(), second.get("sval", ""))


def alter_view(state: State, oid: Oid, command: Tree) -> None:
    """One *command* of ALTER [MATERIALIZED] VIEW: options are set or reset, or an index is marked for CLUSTER."""
    view = state.catalog.expect(oid, records.View)
    match command["subtype"]:
        case "AT_SetRelOptions":
            state.catalog.change(oid, options=storage.with_parameters(view.options, command["def"]["List"]["items"]))
        case "AT_ResetRelOptions":
            state.catalog.change(oid, options=storage.without_parameters(view.options, command["def"]["List"]["items"]))
        case "AT_ClusterOn":
            clustering.cluster_on(state, oid, command["name"])
        case "AT_DropCluster":
            clustering.without_cluster(state, oid)
        case _:
            pass
