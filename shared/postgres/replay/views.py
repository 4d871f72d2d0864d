"""Views, materialized views, CREATE TABLE AS and SELECT INTO: whatever is made out of a query."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ...model.schema import Doubt, Kind, Subject
from ..parse import Tree
from . import records, settings
from .names import words
from .offered import Source, built_in_type
from .queries import Query, read_query
from .records import Oid, TypeRef
from .tables import add_offered_column
from .world import TEMPORARY, ExistsError, World, options

_COLUMNS = frozenset({"columns", "body"})
_CHECK_OPTIONS = {"LOCAL_CHECK_OPTION": "local", "CASCADED_CHECK_OPTION": "cascaded"}


def view_options(given: Iterable[Tree]) -> Iterator[str]:
    """Options in the form of pg_class.reloptions, as they were written: ``security_barrier=true``."""
    for name, value in options(given):
        yield f"{name}={'true' if value is None else str(value).lower() if isinstance(value, bool) else value}"


def create_view(world: World, node: Tree) -> None:
    schema, name = world.place(node["view"])
    query = read_query(world.names, node["query"])
    if any(world.is_temporary(each) for each in query.bound.uses):
        schema = world.schema_to_create_in(TEMPORARY)
    given = set(view_options(node.get("options", ())))
    if node.get("withCheckOption") in _CHECK_OPTIONS:
        given.add(f"check_option={_CHECK_OPTIONS[node['withCheckOption']]}")
    view = _view(world, (schema, name), query, words(node.get("aliases", ())), given)
    there = world.catalog.find("relation", schema, name)
    if there is None:
        there = world.catalog.add(view)
    elif node.get("replace") and isinstance(world.catalog[there], records.View):
        world.catalog.put(there, view)
    else:
        raise ExistsError(name)
    _doubt_columns(world, there, query)


def _view(
    world: World, place: tuple[Oid, str], query: Query, aliases: Sequence[str], given: Iterable[str]
) -> records.View:
    schema, name = place
    return records.View(
        schema,
        name,
        columns=tuple(_named(world, query, aliases)),
        query=query.bound,
        uses=query.bound.uses,
        options=tuple(sorted(given)),
    )


def _doubt_columns(world: World, view: Oid, query: Query) -> None:
    """A star over something unknown may be any number of columns."""
    if query.whole:
        world.know(view, _COLUMNS)
    elif not world.is_temporary(view):
        world.doubt(view, Doubt("its columns are those of something unknown", _COLUMNS))


def _named(world: World, query: Query, aliases: Sequence[str], *, ask: bool = False) -> Iterator[records.ViewColumn]:
    """The columns of a query. Types that only the server knows are asked for where something needs them: with *ask*."""
    # Those that have been answered too: a question reads the same before and after.
    unknown = [at for at, column in enumerate(query.columns) if column.type is None or column.type.asked]
    types = _types_asked_for(world, query, unknown, ask=ask) if unknown and query.whole else {}
    for at, column in enumerate(query.columns):
        yield records.ViewColumn(aliases[at] if at < len(aliases) else column.name, types.get(at, column.type))


def _types_asked_for(world: World, query: Query, unknown: Sequence[int], *, ask: bool) -> dict[int, TypeRef]:
    # Imported where it is used: most releases make no table of a query.
    from . import asking  # noqa: PLC0415

    asked = asking.asked(world.names, world.text or "", len(query.columns))
    if asked is None:
        return {}
    question = asked.question(unknown, tuple(each for each in world.names.search_path if each != TEMPORARY))
    if ask:
        world.questions[question] = None
    answered = asking.answered_types(world.answers.get(question), world.names) or [None] * len(unknown)
    found: dict[int, TypeRef] = {}
    for at, answer in zip(unknown, answered, strict=True):
        known = answer or query.columns[at].type
        is_known = answer is not None or (known is not None and known.known)
        found[at] = replace(known or built_in_type("text"), asked=asked.type_of(at), known=is_known)
    return found


def create_table_as(world: World, node: Tree) -> None:
    """A materialized view, or a table whose columns are those of a query."""
    into = node["into"]
    schema, name = world.place(into["rel"])
    if world.catalog.find("relation", schema, name) is not None:
        raise ExistsError(name)
    aliases = words(into.get("colNames", ()))
    if "SelectStmt" not in node["query"]:  # EXECUTE of a prepared statement
        _opaque_table(world, schema, name, "made by a prepared statement")
        return
    query = read_query(world.names, node["query"])
    if node["objtype"] == "OBJECT_MATVIEW":
        view = _view(world, (schema, name), query, aliases, view_options(into.get("options", ())))
        _doubt_columns(world, world.catalog.add(replace(view, materialized=True)), query)
        return
    table = world.catalog.add(records.Table(schema, name, unlogged=into["rel"].get("relpersistence") == "u"))
    collations_may_differ = _has_collations(world, query)
    for column in _named(world, query, aliases, ask=True):
        made = add_offered_column(world, table, Source(column.name, type=column.type))
        if column.type is not None and column.type.asked and collations_may_differ:
            world.doubt(made, Doubt("its collation is that of an expression in a query", frozenset({"collation"})))
    # A star over something unknown may be any number of columns.
    if not query.whole or not query.columns:
        world.opaque(Subject(Kind.TABLE, world.names.full_name(table)), "its columns are those of something unknown")


def _has_collations(world: World, query: Query) -> bool:
    """Say whether the query may give a column another collation than its type's own."""
    used = (world.catalog.get(oid, records.Column) for oid in query.bound.uses)
    return "collate" in (world.text or "").lower() or any(each is not None and each.collation for each in used)


def _opaque_table(world: World, schema: int, name: str, because: str) -> None:
    table = world.catalog.add(records.Table(schema, name))
    world.opaque(Subject(Kind.TABLE, world.names.full_name(table)), because)


def select(world: World, node: Tree) -> None:
    """SELECT INTO makes a table; ``set_config('search_path', …)``, as pg_dump writes it, is a SET."""
    if "intoClause" in node:
        query = {key: value for key, value in node.items() if key != "intoClause"}
        create_table_as(world, {"query": {"SelectStmt": query}, "into": node["intoClause"], "objtype": "OBJECT_TABLE"})
        return
    for each in node.get("targetList", ()):
        call = each.get("ResTarget", {}).get("val", {}).get("FuncCall")
        if call and words(call["funcname"])[-1] == "set_config" and len(call.get("args", ())) > 1:
            first, second = (argument.get("A_Const", {}).get("sval") for argument in call["args"][:2])
            if first == {"sval": "search_path"} and second is not None:
                world.set_search_path(second.get("sval", "").split(","))
            elif first is not None and second is not None:
                settings.set_reading(world, first.get("sval", "").lower(), second.get("sval", ""))


def alter_view(world: World, oid: Oid, command: Tree) -> None:
    """One *command* of ALTER VIEW: options are set or reset."""
    view = world.catalog.expect(oid, records.View)
    match command["subtype"]:
        case "AT_SetRelOptions":
            now = {each.split("=", 1)[0]: each for each in view.options}
            now |= {each.split("=", 1)[0]: each for each in view_options(command["def"]["List"]["items"])}
            world.catalog.change(oid, options=tuple(sorted(now.values())))
        case "AT_ResetRelOptions":
            gone = {each["DefElem"]["defname"] for each in command["def"]["List"]["items"]}
            kept = (each for each in view.options if each.split("=", 1)[0] not in gone)
            world.catalog.change(oid, options=tuple(kept))
        case _:
            pass
