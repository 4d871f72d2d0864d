"""OWNER TO, REASSIGN OWNED and DROP OWNED."""

from ....model.value import replace
from ...parse import Tree
from ...rights.acl import (
    given_to,
)  # fmt: skip
from .. import records
from ..catalog import UnknownError
from ..names import words
from ..records import Oid
from ..records.rights import DefaultRights, OwnRights
from ..state import State
from .own import OWNED, given_by, not_known, owner_of, put, rights_on, role_of


def alter_owner(state: State, node: Tree) -> None:
    new, of = role_of(state, node["newowner"]), node["object"]
    try:
        if node["objectType"] == "OBJECT_SCHEMA":
            _change_owner(state, state.names.schema(of["String"]["sval"]), new)
        elif "ObjectWithArgs" in of:
            _change_owner(state, state.names.routine(of["ObjectWithArgs"]), new)
        elif node["objectType"] in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
            _change_owner(state, state.names.type(words(of["List"]["items"])), new)
    except UnknownError:
        return


def alter_table(state: State, node: Tree) -> None:
    for each in node["cmds"]:
        command = each["AlterTableCmd"]
        if command["subtype"] == "AT_ChangeOwner":
            oid = state.names.find_relation(node["relation"])
            if oid is not None and isinstance(state.catalog[oid], OWNED):
                _change_owner(state, oid, role_of(state, command["newowner"]))


def _change_owner(state: State, oid: Oid, new: str) -> None:
    own = rights_on(state, oid)
    old = own.owner or given_by(state).deployer
    if old == new:
        return
    put(state, own, given_to(own.acl, old, new), new)
    for column, _ in list(state.catalog.columns(oid)):
        if state.catalog.find("rights", column, "") is not None:
            of_column = rights_on(state, column)
            put(state, of_column, given_to(of_column.acl, old, new), None)
        for sequence, each in list(state.catalog.held(column, records.Sequence)):
            if each.owner == column:
                _change_owner(state, sequence, new)


def reassign(state: State, node: Tree) -> None:
    old, new = {role_of(state, each) for each in node["roles"]}, role_of(state, node["newrole"])
    for oid, each in list(state.catalog.everything()):
        if isinstance(each, OWNED) and not state.is_temporary(oid) and owner_of(state, oid) in old:
            _change_owner(state, oid, new)


def drop_owned(state: State, node: Tree) -> None:
    """DROP OWNED BY: what is granted to the roles goes. Which objects go with it is not followed."""
    roles = [role_of(state, each) for each in node.get("roles", ())]
    for oid, own in list(state.catalog.of_kind(OwnRights)):
        acl = frozenset(each for each in own.acl if each.grantee not in roles)
        if acl != own.acl:
            state.catalog.put(oid, replace(own, acl=acl))
    for oid in state.catalog.find_all("default rights", 0, ""):
        if state.catalog.expect(oid, DefaultRights).role in roles:
            state.catalog.remove(oid)
    not_known(state, f"a migration drops what {', '.join(roles)} owns")
