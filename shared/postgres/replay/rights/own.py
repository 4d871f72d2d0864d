"""What is known of owners and privileges at one moment, and how it is written down."""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from ....model.privileges import PUBLIC, Acl, DefaultsOf, Held, Roles
from ....model.value import dataclass, replace
from ...parse import Tree
from ...rights.acl import (
    default_acl,
    defaults_of,
    held,
    merged,
)  # fmt: skip
from .. import records
from ..records import Oid
from ..records.rights import DefaultRights, OwnRights, default_rights
from ..show.subjects import Subjects
from ..state import State

OWNED = (
    records.Table, records.View, records.Sequence, records.Composite, records.Enum, records.Domain, records.Range,
    records.Routine, records.Namespace,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RightsOf:
    """From where privileges are followed: the role that runs the scripts, and what no script says.

    *owners* are those of schemas that no script makes.
    """

    deployer: str
    version: int
    roles: Roles
    owners: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Followed:
    """What is known beside the catalog. *doubting*: what runs may have run or not."""

    of: RightsOf
    session_role: str
    role: str
    doubting: bool = False
    members: Mapping[tuple[str, str], bool] = field(default_factory=lambda: MappingProxyType({}))
    bypassing: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    unsure: tuple[str, ...] = ()

    def in_new_session(self) -> "Followed":
        return replace(self, session_role=self.of.deployer, role=self.of.deployer)


def role_of(state: State, spec: Tree) -> str:
    spec = spec.get("RoleSpec", spec)
    match spec.get("roletype"):
        case "ROLESPEC_PUBLIC":
            return PUBLIC
        case "ROLESPEC_CURRENT_USER" | "ROLESPEC_CURRENT_ROLE":
            return now_of(state).role
        case "ROLESPEC_SESSION_USER":
            return now_of(state).session_role
        case _:
            return str(spec.get("rolename", ""))


def now_of(state: State) -> Followed:
    if state.rights is None:
        raise LookupError("this replay follows no privileges")
    return state.rights


def given_by(state: State) -> RightsOf:
    return now_of(state).of


def owner_of(state: State, oid: Oid) -> str | None:
    """The owner of an object; None where it is not known."""
    own = state.catalog.get(state.catalog.find("rights", oid, ""), OwnRights)
    return given_by(state).deployer if own is None else own.owner


def rights_on(state: State, oid: Oid) -> OwnRights:
    """The rights of an object or a column, as they are now."""
    own = state.catalog.get(state.catalog.find("rights", oid, ""), OwnRights)
    if own is not None:
        return own
    record = state.catalog[oid]
    if isinstance(record, records.Column):
        return OwnRights(oid, None, frozenset())
    subject, of = Subjects(state.names).subject(oid), given_by(state)
    objects = "tables" if subject is None else defaults_of(subject.kind)
    if isinstance(record, records.Namespace):
        objects = "schemas"
    return OwnRights(oid, of.deployer, default_acl(objects, of.deployer, of.version))


def put(state: State, own: OwnRights, acl: Acl, owner: str | None) -> None:
    now = doubted(state, own.acl, acl, own.doubtful)
    if now_of(state).doubting and owner != own.owner:
        owner = None
    there = state.catalog.find("rights", own.of, "")
    record = OwnRights(own.of, owner, acl, now)
    if there is None:
        state.catalog.add(record)
    else:
        state.catalog.put(there, record)


def doubted(state: State, before: Acl, now: Acl, doubtful: frozenset[Held]) -> frozenset[Held]:
    """What is in doubt after a change: what it changes, if that may not have run."""
    return doubtful | (frozenset(held(before)) ^ frozenset(held(now))) if now_of(state).doubting else doubtful


def new_rights(state: State, role: str, schema: Oid, objects: DefaultsOf) -> tuple[Acl, frozenset[Held]]:
    """What a new object of *role* in *schema* has: default privileges of a schema come on top of those of all."""
    acl, doubtful = default_acl(objects, role, given_by(state).version), frozenset[Held]()
    if (found := default_of(state, role, 0, objects)) is not None:
        acl, doubtful = found.acl, found.doubtful
    if schema and (found := default_of(state, role, schema, objects)) is not None:
        acl, doubtful = merged(acl, found.acl), doubtful | found.doubtful
    return acl, doubtful


def default_of(state: State, role: str, schema: Oid, objects: DefaultsOf) -> DefaultRights | None:
    return state.catalog.get(state.catalog.find(*default_rights(role, schema, objects)), DefaultRights)


def not_known(state: State, because: str) -> None:
    if state.rights is not None:
        state.rights = replace(state.rights, unsure=tuple(dict.fromkeys((*state.rights.unsure, because))))
