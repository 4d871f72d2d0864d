"""Owners and privileges: what GRANT, REVOKE, OWNER TO and ALTER DEFAULT PRIVILEGES make of them.

Followed only where a replay was asked to. What has no record of its own belongs to the role that runs the scripts, and
has what every new object has.
"""

from collections.abc import Callable, Mapping

from ....model.value import replace
from ...parse import UNREAD, Tree
from ...rights.acl import acl_of_public, default_acl, defaults_of
from .. import records
from ..records import Oid
from ..records.rights import OwnRights
from ..show.subjects import Subjects
from ..state import State
from .granting import alter_defaults, grant
from .own import OWNED, Followed, RightsOf, given_by, new_rights, not_known, now_of, owner_of, role_of
from .owning import alter_owner, alter_table, drop_owned, reassign
from .roles import grant_role, set_role, set_up_role
from .showing import shown

__all__ = [
    "Followed", "RightsOf", "begin", "doubting", "drop_owned", "not_known", "note_text", "run", "settle", "shown",
]  # fmt: skip

_OTHER_OBJECTS = (" on database ", " on language ", " on foreign ", " on tablespace ", " on large object ")


def begin(state: State, of: RightsOf) -> None:
    """Follow privileges from here on: nothing has run yet."""
    state.rights = Followed(of, of.deployer, of.deployer)
    for oid, each in list(state.catalog.everything()):
        if isinstance(each, records.Namespace):
            _give(state, oid, each)


def _give(state: State, oid: Oid, schema: records.Namespace) -> None:
    """A schema that no script makes has its owner, and what such a schema has at first."""
    of = given_by(state)
    owner = of.owners.get(schema.name)
    if owner is not None:
        is_public = schema.name == "public"
        acl = acl_of_public(owner, of.version) if is_public else default_acl("schemas", owner, of.version)
        state.catalog.add(OwnRights(oid, owner, acl))


def run(state: State, tree: Tree, run_statement: Callable[[State, Tree], None]) -> None:
    """Run one statement, and follow what it does to owners and privileges."""
    ((kind, node),) = tree.items()
    mark, before = state.catalog.mark(), now_of(state)
    if kind == "CreateSchemaStmt" and "authrole" in node:
        # The server becomes that role for the statement.
        state.rights = replace(before, role=role_of(state, node["authrole"]))
    run_statement(state, tree)
    for oid, was, now in list(state.catalog.written_since(mark)):
        if not isinstance(was, OWNED) and isinstance(now, OWNED) and state.catalog.find("rights", oid, "") is None:
            if isinstance(now, records.Namespace) and kind != "CreateSchemaStmt":
                _give(state, oid, now)
            else:
                _made(state, oid, now)
    if kind == "CreateSchemaStmt":
        state.rights = replace(now_of(state), role=before.role)
    if (runner := _RUNNERS.get(kind)) is not None:
        runner(state, node)


def _made(state: State, oid: Oid, record: records.Record) -> None:
    """A new object is its maker's, a column's sequence is the table's owner's; it has what the defaults give."""
    of = given_by(state)
    holder = state.catalog.get(record.owner, records.Column) if isinstance(record, records.Sequence) else None
    made_by = now_of(state).role if holder is None else owner_of(state, holder.table)
    subject = Subjects(state.names).subject(oid, record)
    if subject is None or made_by is None or state.is_temporary(oid):
        return
    objects = defaults_of(subject.kind)
    acl, doubtful = new_rights(state, made_by, record.schema if isinstance(record, records.InSchema) else 0, objects)
    if made_by != of.deployer or doubtful or acl != default_acl(objects, made_by, of.version):
        state.catalog.add(OwnRights(oid, made_by, acl, doubtful))


def _unread(state: State, node: Tree) -> None:
    note_text(state, node["text"], node["because"])


def note_text(state: State, text: str, because: str) -> None:
    """Note that *text*, which is not understood, may grant or revoke; some objects' privileges are not compared."""
    plain = f" {' '.join(text.lower().split())} "
    if state.rights is None or any(each in plain for each in _OTHER_OBJECTS):
        return
    if (
        plain.startswith((" grant ", " revoke ", " reassign "))
        or " default privileges " in plain
        or " owner to " in plain
    ):
        not_known(state, because)


def settle(state: State) -> None:
    """From here on all is decided: a baseline says what was in doubt."""
    state.rights = replace(now_of(state), unsure=())


def doubting(state: State, run_them: Callable[[], None]) -> None:
    """Have *run_them* run what may have run or not."""
    if state.rights is None:
        run_them()
        return
    before = state.rights.doubting
    state.rights = replace(state.rights, doubting=True)
    try:
        run_them()
    finally:
        state.rights = replace(state.rights, doubting=before)


_RUNNERS: Mapping[str, Callable[[State, Tree], None]] = {
    "AlterDefaultPrivilegesStmt": alter_defaults,
    "AlterOwnerStmt": alter_owner,
    "AlterRoleStmt": set_up_role,
    "AlterTableStmt": alter_table,
    "CreateRoleStmt": set_up_role,
    "GrantRoleStmt": grant_role,
    "GrantStmt": grant,
    "ReassignOwnedStmt": reassign,
    "VariableSetStmt": set_role,
    UNREAD: _unread,
}
