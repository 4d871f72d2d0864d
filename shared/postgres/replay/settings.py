"""SET of what decides how a constant is read: TimeZone, DateStyle, IntervalStyle."""

from dataclasses import astuple
from typing import Any

from ...model.session import Session, date_order, time_zone
from ...model.value import replace
from ..parse import Tree
from .state import State, value_of


def value(node: Tree) -> str:
    """One value of a SET statement; SET TIME ZONE INTERVAL '+01:00' counts to the east, as SET TIME ZONE '-01:00'."""
    if "TypeCast" in node:
        offset = str(value_of(node["TypeCast"]["arg"]))
        return offset[1:] if offset[:1] == "-" else f"-{offset.removeprefix('+')}"
    return str(value_of(node))


def set_reading(state: State, name: str, value: str | None) -> None:
    """Set *name* for the rest of the script; None: as the session began, since the script does not say that."""
    match name:
        case "timezone":
            state.constants_read = replace(state.constants_read, time_zone=value and time_zone(value))
        case "datestyle":
            state.constants_read = replace(state.constants_read, date_order=date_order(value or ""))
        case "intervalstyle":
            is_sql = None if value is None else value.lower() == "sql_standard"
            state.constants_read = replace(state.constants_read, sql_intervals=is_sql)
        case "lc_monetary":
            state.constants_read = replace(state.constants_read, money=value)
        case _:
            pass


def in_session(tree: Any, session: Session) -> Any:
    """*tree* with the settings by which its constants are read beside each of them."""
    if isinstance(tree, list):
        return [in_session(each, session) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if "A_Const" in tree and "sval" in tree["A_Const"]:
        return {**tree, "A_Const": {**tree["A_Const"], "session": list(astuple(session))}}
    return {key: in_session(value, session) for key, value in tree.items()}
