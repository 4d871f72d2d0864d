"""Who owns what and who may do what with it, as values: what production has, and what its migrations make of it."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple

from .schema import Subject
from .value import dataclass

# The grantee that everyone is. No role has an empty name.
PUBLIC = ""

DefaultsOf = Literal["tables", "sequences", "functions", "types", "schemas"]


class Granted(NamedTuple):
    """One privilege that *grantor* has given to *grantee*; *grantable*: WITH GRANT OPTION."""

    grantee: str
    grantor: str
    privilege: str
    grantable: bool


Acl = frozenset[Granted]
# A grantee and a privilege: what is compared. Who granted it makes no difference to anyone who uses it.
Held = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Owned:
    """*owner* and *acl* of an object; columns have no owner, and what no migration makes may have any: None."""

    owner: str | None
    acl: Acl


class DefaultFor(NamedTuple):
    """What ALTER DEFAULT PRIVILEGES is about: objects that *role* makes in *schema*; "" is any schema."""

    role: str
    schema: str
    objects: DefaultsOf


@dataclass(frozen=True, slots=True)
class Role:
    """*groups* are the roles whose privileges it has by membership, one step up; to *others* it may only switch."""

    superuser: bool = False
    bypasses_row_security: bool = False
    groups: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


Roles = Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class Rights:
    """What production has. *deployer* owns the history: the role that runs the migrations.

    *objects* has the columns with privileges of their own, and no others.
    """

    deployer: str
    version: int
    roles: Roles
    objects: Mapping[Subject, Owned]
    defaults: Mapping[DefaultFor, Acl]


@dataclass(frozen=True, slots=True)
class ExpectedRights:
    """What the migrations, and the baseline after one of them, make.

    *doubtful* holds what may have been granted or revoked, by object. *members* says of a group and a role whether that
    is to be a member of it, *bypassing* of a role whether row security is not to apply to it: only where a statement
    says so. *unsure* says why more may have been granted or revoked than is known.
    """

    objects: Mapping[Subject, Owned]
    defaults: Mapping[DefaultFor, Acl]
    doubtful: Mapping[Subject, frozenset[Held]] = field(default_factory=lambda: MappingProxyType({}))
    doubtful_defaults: Mapping[DefaultFor, frozenset[Held]] = field(default_factory=lambda: MappingProxyType({}))
    members: Mapping[tuple[str, str], bool] = field(default_factory=lambda: MappingProxyType({}))
    bypassing: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    unsure: tuple[str, ...] = ()


class RightsChange(StrEnum):
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    OWNER = "owner"


# What may be granted beside objects: membership in a role, and that row security does not apply.
Place = Subject | DefaultFor | str


@dataclass(frozen=True, slots=True)
class RightsDifference:
    """One object, or a place that is none, and one grantee: *privileges* that are missing or unexpected.

    Of an owner that changed, *grantee* is the present one and *expected_owner* the one before. *hits* are those that
    the application's role lacks by it.
    """

    change: RightsChange
    place: Place
    grantee: str
    privileges: tuple[str, ...] = ()
    expected_owner: str | None = None
    hits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RightsComparison:
    """In what production's privileges differ from what is expected.

    *app* is the application's role. *alters* says of each owner whether the deploying role may alter what it has.
    """

    expected: ExpectedRights
    actual: Rights
    app: str
    differences: tuple[RightsDifference, ...]
    alters: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
