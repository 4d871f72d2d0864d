"""Foreign tables and the servers that they are on."""

from ...model.schema import Doubt, Kind, Subject
from ..parse import Tree
from . import records, tables
from .catalog import UnknownError
from .foreign_options import changed
from .records import Oid
from .state import State


def create_server(state: State, node: Tree) -> None:
    if state.catalog.find("server", 0, node["servername"]) is None:
        wrapper = state.catalog.find("extension", 0, node["fdwname"])
        state.catalog.add(records.Server(node["servername"], wrapper))


def server(state: State, name: str) -> Oid:
    """Give the server *name*. Raises UnknownError."""
    found = state.catalog.find("server", 0, name)
    if found is None:
        raise UnknownError(f"server {name}")
    return found


def create_table(state: State, node: Tree) -> None:
    tables.create_table(state, node["base"], foreign=True)
    table, name = state.names.relation(node["base"]["relation"]), node["servername"]
    known = state.catalog.find("server", 0, name)
    options = changed((), node.get("options", ()))
    state.catalog.change(table, server=name if known is None else known, options=options)


def import_schema(state: State, node: Tree) -> None:
    """What the other server has, only that server knows."""
    doubt = Doubt("IMPORT FOREIGN SCHEMA makes what another server has", others=frozenset({Kind.FOREIGN_TABLE}))
    state.doubt_subject(Subject(Kind.SCHEMA, (node["local_schema"],)), doubt)
