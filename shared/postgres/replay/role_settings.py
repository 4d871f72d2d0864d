"""ALTER DATABASE … SET and ALTER ROLE … SET: with what the next sessions begin."""

from ...model.schema import ALL_ROLES, ANY_ROLE, Doubt, role_word
from ..parse import Tree
from ..server_settings import kept
from . import records
from .state import State, value_of
from .texts import UNKNOWN

_VALUE = frozenset({"value"})


def alter_database(state: State, node: Tree) -> None:
    """Whether it is this database, only a server says."""
    _alter(state, "", node["dbname"], node["setstmt"])


def alter_role(state: State, node: Tree) -> None:
    """For a role or all of them, everywhere or in one database."""
    role = _name(node["role"]) if "role" in node else ALL_ROLES
    _alter(state, role, node.get("database"), node["setstmt"])


def drop_roles(state: State, node: Tree) -> None:
    """A role's settings go with it. The role itself is no object of a database."""
    for each in node["roles"]:
        for oid, _ in _of_role(state, _name(each["RoleSpec"])):
            state.catalog.remove(oid)


def rename_role(state: State, old: str, new: str) -> None:
    for oid, _ in _of_role(state, role_word(old)):
        state.catalog.change(oid, role=role_word(new))


def _name(role: Tree) -> str:
    """The word of a RoleSpec; who CURRENT_USER is, only the server knows."""
    is_named = role["roletype"] == "ROLESPEC_CSTRING" and role["rolename"] != UNKNOWN
    return role_word(role["rolename"]) if is_named else ANY_ROLE


def _alter(state: State, role: str, database: str | None, node: Tree) -> None:
    kind, name = node["kind"], node.get("name", "").lower()
    there = [(oid, each) for oid, each in _of_role(state, role) if _is_same(each.database, database)]
    if kind in ("VAR_RESET_ALL", "VAR_RESET", "VAR_SET_DEFAULT"):
        for oid, setting in there:
            if name in ("", setting.name):
                state.catalog.remove(oid)
        return
    given = node.get("args", ())
    is_known = kind == "VAR_SET_VALUE" and all("A_Const" in each for each in given)
    record = records.Setting(role, database, name, kept(name, [str(value_of(each)) for each in given]))
    found = next((oid for oid, each in there if each.name == name), None)
    if found is None:
        found = state.catalog.add(record)
    else:
        state.catalog.put(found, record)
    if is_known:
        state.know(found, _VALUE)
    else:
        state.doubt(found, Doubt("only the server knows what it was set to", _VALUE))


def _is_same(one: str | None, other: str | None) -> bool:
    """Say whether both are of one database: a name that a DO block puts in is that of the database it runs in."""
    return one == other or (None not in (one, other) and UNKNOWN in (one, other))


def _of_role(state: State, role: str) -> list[tuple[int, records.Setting]]:
    oids = state.catalog.find_all(*records.settings_of(role))
    return [(oid, state.catalog.expect(oid, records.Setting)) for oid in oids]
