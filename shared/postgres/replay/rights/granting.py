"""GRANT and REVOKE on objects, and ALTER DEFAULT PRIVILEGES."""

from collections.abc import Iterable, Iterator, Mapping

from ....model.privileges import Acl, DefaultsOf, Held
from ....model.value import replace
from ...parse import Tree
from ...rights.acl import (
    all_privileges,
    column_privileges,
    default_acl,
    granted,
    grantor_of,
    merged,
    revoked,
)  # fmt: skip
from ...rights.roles import has_privileges_of
from .. import records
from ..catalog import UnknownError
from ..names import words
from ..records import Oid
from ..records.rights import DefaultRights, OwnRights, default_rights
from ..state import State, options
from .own import doubted, given_by, now_of, put, rights_on, role_of

DEFAULTS_OF: Mapping[str, DefaultsOf] = {
    "OBJECT_TABLE": "tables", "OBJECT_SEQUENCE": "sequences", "OBJECT_FUNCTION": "functions",
    "OBJECT_PROCEDURE": "functions", "OBJECT_ROUTINE": "functions", "OBJECT_TYPE": "types", "OBJECT_DOMAIN": "types",
    "OBJECT_SCHEMA": "schemas",
}  # fmt: skip


def grant(state: State, node: Tree) -> None:
    objects = DEFAULTS_OF.get(node["objtype"])
    if objects is None:
        return
    for oid in _targets(state, node):
        record = state.catalog[oid]
        of = objects
        if objects == "tables" and isinstance(record, records.Sequence):
            of = "sequences"
        _grant_on(state, oid, of, node)


def _grant_on(state: State, oid: Oid, of: DefaultsOf, node: Tree) -> None:
    every, columns = all_privileges(of, given_by(state).version), column_privileges()
    own, whole = rights_on(state, oid), dict[str, None]()
    by_column: dict[Oid, dict[str, None]] = {}
    for privilege, names in privileges_in(node):
        if not names:
            whole.update(dict.fromkeys(every if privilege is None else (privilege,)))
        for name in names:
            column = state.catalog.find("column", oid, name)
            if column is not None:
                found = by_column.setdefault(column, {})
                found.update(dict.fromkeys(columns if privilege is None else (privilege,)))
    wanted = [privilege for privilege in whole if privilege in every]
    if not node.get("is_grant") and of == "tables":
        # REVOKE on a table is one on its columns, too.
        for column, _ in state.catalog.columns(oid):
            if state.catalog.find("rights", column, "") is not None:
                by_column.setdefault(column, {}).update(dict.fromkeys(each for each in wanted if each in columns))
    if wanted:
        _change(state, own, own, wanted, node)
    for column, privileges in by_column.items():
        _change(state, rights_on(state, column), own, privileges, node)


def _change(state: State, own: OwnRights, of_object: OwnRights, privileges: Iterable[str], node: Tree) -> None:
    """Grant or revoke *privileges* on what *own* is of, an object or a column of one."""
    owner, wanted = of_object.owner or given_by(state).deployer, tuple(privileges)
    role, grantees = now_of(state).role, [role_of(state, each) for each in node["grantees"]]
    acts_as_owner = has_privileges_of(given_by(state).roles, role, owner)
    known = own.acl if own is of_object else merged(of_object.acl, own.acl)
    grantor, found = grantor_of(known, role, owner, wanted, acts_as_owner=acts_as_owner)
    acl = _changed(state, own.acl, (grantor, owner), found, node)
    if not now_of(state).doubting:  # whatever was in doubt of these is decided now
        decided = {(grantee, privilege) for grantee in grantees for privilege in found}
        own = replace(
            own, doubtful=frozenset(each for each in own.doubtful if (each[0], _plain(each[1])) not in decided)
        )
    put(state, own, acl, own.owner)


def _plain(privilege: str) -> str:
    return privilege.removesuffix(" WITH GRANT OPTION")


def _changed(state: State, acl: Acl, by: tuple[str, str], privileges: Iterable[str], node: Tree) -> Acl:
    """Grant or revoke as *node* says, *by* the grantor, on what the owner has."""
    (grantor, owner), with_option = by, bool(node.get("grant_option"))
    grantees = [role_of(state, each) for each in node["grantees"]]
    if node.get("is_grant"):
        return granted(acl, grantor, grantees, privileges, with_option=with_option)
    return revoked(acl, grantor, grantees, privileges, owner=owner, only_option=with_option)


def privileges_in(node: Tree) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    """Each privilege with the columns it is for; None is ALL."""
    if not node.get("privileges"):
        yield None, ()
    for each in node.get("privileges", ()):
        given = each["AccessPriv"]
        name = given.get("priv_name")
        yield name.upper() if name else None, words(given.get("cols", ()))


def _targets(state: State, node: Tree) -> Iterator[Oid]:
    """The objects that are granted on; those that no script makes are left out."""
    for each in node.get("objects", ()):
        try:
            if node["targtype"] == "ACL_TARGET_ALL_IN_SCHEMA":
                yield from _all_in(state, state.names.schema(each["String"]["sval"]), node["objtype"])
            elif "RangeVar" in each:
                oid = state.names.relation(each["RangeVar"])
                if isinstance(state.catalog[oid], records.Table | records.View | records.Sequence):
                    yield oid
            elif "ObjectWithArgs" in each:
                yield state.names.routine(each["ObjectWithArgs"])
            elif "List" in each:
                yield state.names.type(words(each["List"]["items"]))
            elif node["objtype"] == "OBJECT_SCHEMA":
                yield state.names.schema(each["String"]["sval"])
        except UnknownError:
            continue


def _all_in(state: State, schema: Oid, objtype: str) -> Iterator[Oid]:
    for oid, each in list(state.catalog.held(schema, records.InSchema)):
        if each.schema != schema:
            continue
        match objtype, each:
            case ("OBJECT_TABLE", records.Table() | records.View()) | ("OBJECT_SEQUENCE", records.Sequence()):
                yield oid
            case "OBJECT_FUNCTION" | "OBJECT_PROCEDURE" | "OBJECT_ROUTINE", records.Routine(procedure=procedure):
                if objtype == "OBJECT_ROUTINE" or procedure == (objtype == "OBJECT_PROCEDURE"):
                    yield oid


def alter_defaults(state: State, node: Tree) -> None:
    action, given = node["action"], dict(options(node.get("options", ())))
    objects = DEFAULTS_OF.get(action["objtype"])
    if objects is None:
        return
    roles = [role_of(state, each) for each in _listed(node, "roles")] or [now_of(state).role]
    schemas: list[Oid] = []
    for each in _listed(node, "schemas"):
        found = state.catalog.find("schema", 0, each["String"]["sval"])
        if found is not None:
            schemas.append(found)
    for role in roles:
        for schema in schemas if "schemas" in given else [0]:
            _alter_default(state, role, schema, objects, action)


def _listed(node: Tree, name: str) -> list[Tree]:
    for each in node.get("options", ()):
        if each["DefElem"]["defname"] == name:
            return list(each["DefElem"]["arg"]["List"]["items"])
    return []


def _alter_default(state: State, role: str, schema: Oid, objects: DefaultsOf, action: Tree) -> None:
    of_all = default_acl(objects, role, given_by(state).version)
    there = state.catalog.find(*default_rights(role, schema, objects))
    found = state.catalog.get(there, DefaultRights)
    nothing: Acl = frozenset() if schema else of_all
    before, doubtful = (nothing, frozenset[Held]()) if found is None else (found.acl, found.doubtful)
    every = all_privileges(objects, given_by(state).version)
    wanted = dict.fromkeys(
        each for name, _ in privileges_in(action) for each in (every if name is None else (name,)) if each in every
    )
    acl = _changed(state, before, (role, role), wanted, action)
    doubtful = doubted(state, before, acl, doubtful)
    record = None if acl == nothing and not doubtful else DefaultRights(role, schema, objects, acl, doubtful)
    if there is not None:
        state.catalog.put(there, record)
    elif record is not None:
        state.catalog.add(record)
