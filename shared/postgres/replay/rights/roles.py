"""Membership in roles, what roles may pass by, and who acts."""

from ....model.value import replace
from ...parse import Tree
from ..state import State, options
from .own import now_of, role_of


def grant_role(state: State, node: Tree) -> None:
    given = dict(options(node.get("opt", ())))
    is_grant = bool(node.get("is_grant"))
    if not is_grant and given:  # of an option alone
        return
    for group in node.get("granted_roles", ()):
        for member in node.get("grantee_roles", ()):
            _member(state, group["AccessPriv"].get("priv_name", ""), role_of(state, member), is_grant)


def _member(state: State, group: str, member: str, is_one: bool) -> None:
    now = now_of(state)
    members = {key: value for key, value in now.members.items() if key != (group, member)}
    state.rights = replace(now, members=members if now.doubting else {**members, (group, member): is_one})


def set_up_role(state: State, node: Tree) -> None:
    """CREATE ROLE, ALTER ROLE."""
    name = node["role"] if isinstance(node["role"], str) else role_of(state, node["role"])
    is_one = node.get("action", 1) != -1
    for each in node.get("options", ()):
        option, given = each["DefElem"]["defname"], each["DefElem"].get("arg", {})
        roles = [role_of(state, role) for role in given.get("List", {}).get("items", ())]
        if option == "bypassrls":
            now = now_of(state)
            others = {role: value for role, value in now.bypassing.items() if role != name}
            holds = bool(given.get("Boolean", {}).get("boolval", False))
            state.rights = replace(now, bypassing=others if now.doubting else {**others, name: holds})
        for role in roles:
            if option == "addroleto":
                _member(state, role, name, is_one)
            elif option in ("rolemembers", "adminmembers"):
                _member(state, name, role, is_one)


def set_role(state: State, node: Tree) -> None:
    now, name = now_of(state), node.get("name", "").lower()
    value = node["args"][0]["A_Const"].get("sval", {}).get("sval", "") if node["kind"] == "VAR_SET_VALUE" else None
    if name == "role":
        state.rights = replace(now, role=now.session_role if value in (None, "none") else value)
    elif name == "session_authorization":
        role = value or now.of.deployer
        state.rights = replace(now, session_role=role, role=role)
