"""CREATE, ALTER and DROP SUBSCRIPTION (commands/subscriptioncmds.c)."""

from ..parse import Tree
from . import records
from .catalog import UnknownError
from .database import find
from .names import words
from .state import ExistsError, State, is_off, options

_NO_SLOT = "none"


def create(state: State, node: Tree) -> None:
    """One that does not connect is disabled until somebody enables it."""
    name = node["subname"]
    state.taken("subscription", 0, name)
    given = dict(options(node.get("options", ())))
    connects = not is_off(given.get("connect", "true"))
    enabled = given.get("enabled", "true" if connects else "false")
    state.catalog.add(
        records.Subscription(
            name,
            publications=words(node["publication"]),
            enabled=enabled is None or not is_off(enabled),
            slot=_slot(given.get("slot_name", name)),
        )
    )


def alter(state: State, node: Tree) -> None:
    oid = find(state, "subscription", node["subname"])
    given, named = dict(options(node.get("options", ()))), words(node.get("publication", ()))
    there = state.catalog.expect(oid, records.Subscription).publications
    match node["kind"]:
        case "ALTER_SUBSCRIPTION_ENABLED":
            state.catalog.change(oid, enabled=not is_off(given["enabled"]))
        case "ALTER_SUBSCRIPTION_SET_PUBLICATION":
            state.catalog.change(oid, publications=named)
        case "ALTER_SUBSCRIPTION_ADD_PUBLICATION":
            if taken := set(named) & set(there):
                raise ExistsError(f"publication {min(taken)} of subscription {node['subname']}")
            state.catalog.change(oid, publications=(*there, *named))
        case "ALTER_SUBSCRIPTION_DROP_PUBLICATION":
            if missing := set(named) - set(there):
                raise UnknownError(f"publication {min(missing)} of subscription {node['subname']}")
            state.catalog.change(oid, publications=tuple(each for each in there if each not in named))
        case "ALTER_SUBSCRIPTION_OPTIONS" if "slot_name" in given:
            state.catalog.change(oid, slot=_slot(given["slot_name"]))
        case _:  # REFRESH, CONNECTION, SKIP, other options
            pass


def drop(state: State, node: Tree) -> None:
    found = state.catalog.find("subscription", 0, node["subname"])
    if found is not None:
        state.catalog.remove(found)
    elif not node.get("missing_ok"):
        raise UnknownError(f"subscription {node['subname']}")


def _slot(value: object) -> str | None:
    """The name that slot_name gives: a word, a list of one, or a string."""
    name = ".".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    return None if name == _NO_SLOT else name
