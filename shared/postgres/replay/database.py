"""Publications and event triggers: what is of the whole database."""

from collections.abc import Iterable, Iterator
from typing import Any

from ...model.schema import Operation
from ..canonical.names import spelled_unless_system
from ..parse import Tree
from . import records
from .catalog import UnknownError
from .names import Scope, words
from .records import Oid
from .state import State, is_off, options

_ENABLED = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}
_OPERATIONS: tuple[Operation, ...] = ("insert", "update", "delete", "truncate")


def create_publication(state: State, node: Tree) -> None:
    state.taken("publication", 0, node["pubname"])
    record = records.Publication(
        node["pubname"], all_tables=bool(node.get("for_all_tables")), **dict(_options(node.get("options", ())))
    )
    publication = state.catalog.add(record)
    _publish(state, publication, node.get("pubobjects", ()))


def _options(given: Iterable[Tree]) -> Iterator[tuple[str, Any]]:
    for name, value in options(given):
        if name == "publish":
            named = {each.strip().lower() for each in str(value).split(",")}
            yield "operations", frozenset(each for each in _OPERATIONS if each in named)
        elif name == "publish_via_partition_root":
            yield "via_root", not is_off(value)
        elif name == "publish_generated_columns":
            yield "generated_columns", str(value).lower() != "none"


def _publish(state: State, publication: Oid, objects: Iterable[Tree]) -> None:
    for record in list(_published(state, publication, objects)):
        state.taken("published", publication, str(record.of))
        state.catalog.add(record)


def _published(state: State, publication: Oid, objects: Iterable[Tree]) -> Iterator[records.Published]:
    """What *objects* of a statement name; ``TABLE t`` brings the tables that inherit from it, too."""
    for each in objects:
        wanted = each["PublicationObjSpec"]
        match wanted["pubobjtype"]:
            case "PUBLICATIONOBJ_TABLES_IN_SCHEMA":
                yield records.Published(publication, state.names.schema(wanted["name"]))
            case "PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA":
                yield records.Published(publication, state.schema_to_create_in(None))
            case _:
                relation = wanted["pubtable"]["relation"]
                table = state.names.relation(relation)
                for one in _with_heirs(state, table) if relation.get("inh") else (table,):
                    yield _published_table(state, publication, one, wanted["pubtable"])


def _published_table(state: State, publication: Oid, table: Oid, node: Tree) -> records.Published:
    where = node.get("whereClause")
    return records.Published(
        publication,
        table,
        columns=state.names.columns(table, node.get("columns", ())),
        where=state.names.bind(where, Scope(table, state.names.full_name(table)[-1:])) if where else None,
    )


def _with_heirs(state: State, table: Oid) -> Iterator[Oid]:
    yield table
    record = state.catalog.get(table, records.Table)
    if record is not None and record.partition_by is None:
        for child, _ in state.children(table):
            yield from _with_heirs(state, child)


def alter_publication(state: State, node: Tree) -> None:
    publication = find(state, "publication", node["pubname"])
    if changed := dict(_options(node.get("options", ()))):
        state.catalog.change(publication, **changed)
        return
    action, objects = node.get("action", "AP_AddObjects"), node.get("pubobjects", ())
    if action == "AP_SetObjects":
        for oid, _ in list(state.catalog.held(publication, records.Published)):
            state.catalog.remove(oid)
    if action != "AP_DropObjects":
        _publish(state, publication, objects)
        return
    for record in list(_published(state, publication, objects)):
        there = state.catalog.find("published", publication, str(record.of))
        if there is None:
            raise UnknownError(f"what publication {node['pubname']} publishes")
        state.catalog.remove(there)


def create_event_trigger(state: State, node: Tree) -> None:
    state.taken("event trigger", 0, node["trigname"])
    given = words(node["funcname"])
    function = state.names.routines(given)
    tags = (
        tag.upper() for each in node.get("whenclause", ()) for tag in words(each["DefElem"]["arg"]["List"]["items"])
    )
    state.catalog.add(
        records.EventTrigger(
            node["trigname"],
            node["eventname"].lower(),
            function[0] if function else spelled_unless_system(given),
            tuple(sorted(tags)),
        )
    )


def alter_event_trigger(state: State, node: Tree) -> None:
    state.catalog.change(find(state, "event trigger", node["trigname"]), enabled=_ENABLED[node["tgenabled"]])


def find(state: State, space: str, name: str) -> Oid:
    """Give the object of the whole database that is in *space*. Raises UnknownError."""
    found = state.catalog.find(space, 0, name)
    if found is None:
        raise UnknownError(f"{space} {name}")
    return found
