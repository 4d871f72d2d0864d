"""CREATE CAST, and how DROP names one."""

from collections.abc import Mapping, Sequence
from typing import Literal

from ..canonical.names import spelled_unless_system
from ..parse import Tree
from . import records
from .catalog import UnknownError
from .names import words
from .records import Oid, TypeRef
from .state import ExistsError, State

_CONTEXTS: Mapping[str, Literal["explicit", "assignment", "implicit"]] = {
    "COERCION_EXPLICIT": "explicit", "COERCION_ASSIGNMENT": "assignment", "COERCION_IMPLICIT": "implicit",
}  # fmt: skip


def create(state: State, node: Tree) -> None:
    source, target = (state.names.type_ref(node[each]) for each in ("sourcetype", "targettype"))
    types = _types(state, (source, target))
    if state.catalog.find("cast", 0, types) is not None:
        raise ExistsError(f"cast {types}")
    state.catalog.add(
        records.Cast(
            source=source,
            target=target,
            types=types,
            method="function" if "func" in node else "inout" if node.get("inout") else "binary",
            context=_CONTEXTS[node["context"]],
            function=_function(state, node["func"]) if "func" in node else None,
        )
    )


def find(state: State, names: Sequence[Tree]) -> Oid:
    """Give the cast between the two types that are named. Raises UnknownError."""
    types = _types(state, [state.names.type_ref(each["TypeName"]) for each in names])
    found = state.catalog.find("cast", 0, types)
    if found is None:
        raise UnknownError(f"cast {types}")
    return found


def _types(state: State, types: Sequence[TypeRef]) -> str:
    """As signatures of routines have them: renamed types stay the same."""
    return state.names.signature(types)


def _function(state: State, tree: Tree) -> Oid | str:
    name = words(tree["objname"])
    if name[0] == "pg_catalog" or not state.names.routines(name):
        return spelled_unless_system(name)
    return state.names.routine(tree)
