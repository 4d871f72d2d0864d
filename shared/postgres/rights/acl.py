"""Access control lists as the server keeps them: what a new object has, and what GRANT, REVOKE and OWNER TO make of it.

After aclchk.c and acl.c of PostgreSQL 13 to 18.
"""

from collections.abc import Iterable, Iterator
from functools import cache

from ...model.privileges import PUBLIC, Acl, DefaultsOf, Granted
from ...model.schema import RELATIONS, ROUTINES, Kind

# What is granted on as on a table.
AS_TABLES = frozenset({*RELATIONS, Kind.FOREIGN_TABLE})
# What a default is of, beside kinds: pg_default_acl has one for all tables and views.
_TABLE = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
_MAINTAIN_SINCE = 170000
_COLUMN = ("SELECT", "INSERT", "UPDATE", "REFERENCES")
_SEQUENCE = ("USAGE", "SELECT", "UPDATE")
_CREATE_FOR_ALL_BEFORE = 150000

_Items = dict[tuple[str, str, str], bool]


def defaults_of(kind: Kind) -> DefaultsOf:
    """Say which default privileges hold for a new object of *kind*."""
    if kind in AS_TABLES:
        return "tables"
    if kind in ROUTINES:
        return "functions"
    return "sequences" if kind is Kind.SEQUENCE else "schemas" if kind is Kind.SCHEMA else "types"


@cache
def all_privileges(of: DefaultsOf, version: int) -> tuple[str, ...]:
    """What ALL PRIVILEGES means on such an object."""
    match of:
        case "tables":
            return (*_TABLE, "MAINTAIN") if version >= _MAINTAIN_SINCE else _TABLE
        case "sequences":
            return _SEQUENCE
        case "functions":
            return ("EXECUTE",)
        case "types":
            return ("USAGE",)
        case "schemas":
            return ("USAGE", "CREATE")


def column_privileges() -> tuple[str, ...]:
    return _COLUMN


@cache
def default_acl(of: DefaultsOf, owner: str, version: int) -> Acl:
    """``acldefault``: what an object has before anything is granted or revoked."""
    own = {Granted(owner, owner, privilege, False) for privilege in all_privileges(of, version)}
    usable = {"functions": "EXECUTE", "types": "USAGE"}.get(of)
    return frozenset(own | ({Granted(PUBLIC, owner, usable, False)} if usable else set()))


@cache
def acl_of_public(owner: str, version: int) -> Acl:
    """What a new database's schema public has: since 15, only its owner may create in it."""
    for_all = ("USAGE", "CREATE") if version < _CREATE_FOR_ALL_BEFORE else ("USAGE",)
    given = (Granted(PUBLIC, owner, privilege, False) for privilege in for_all)
    return default_acl("schemas", owner, version) | frozenset(given)


def granted(
    acl: Acl, grantor: str, grantees: Iterable[str], privileges: Iterable[str], *, with_option: bool = False
) -> Acl:
    items = _items(acl)
    for grantee in grantees:
        for privilege in privileges:
            key = grantee, grantor, privilege
            items[key] = with_option or items.get(key, False)
    return _acl(items)


def revoked(
    acl: Acl,
    grantor: str,
    grantees: Iterable[str],
    privileges: Iterable[str],
    *,
    owner: str | None,
    only_option: bool = False,
) -> Acl:
    """Revoke what *grantor* has granted, and what the grantees granted by it."""
    items = _items(acl)
    for grantee in grantees:
        for privilege in privileges:
            _revoke(items, (grantee, grantor, privilege), owner, only_option=only_option)
    return _acl(items)


def _revoke(items: _Items, key: tuple[str, str, str], owner: str | None, *, only_option: bool) -> None:
    if key not in items:
        return
    grantee, _, privilege = key
    could_grant = items[key]
    if only_option:
        items[key] = False
    else:
        del items[key]
    # The owner always may grant.
    if not could_grant or grantee == owner or _may_grant(items, grantee, privilege):
        return
    for other in [each for each in items if each[1] == grantee and each[2] == privilege]:
        _revoke(items, other, owner, only_option=False)


def _may_grant(items: _Items, role: str, privilege: str) -> bool:
    return any(items[each] for each in items if each[0] == role and each[2] == privilege)


def given_to(acl: Acl, old: str, new: str) -> Acl:
    """OWNER TO *new*: what the owner *old* had and granted is the new one's. What both had becomes one."""
    items: _Items = {}
    for each in acl:
        grantee, grantor = (new if name == old else name for name in (each.grantee, each.grantor))
        key = grantee, grantor, each.privilege
        items[key] = items.get(key, False) or each.grantable
    return _acl(items)


def merged(one: Acl, other: Acl) -> Acl:
    items = _items(one)
    for each in other:
        key = each.grantee, each.grantor, each.privilege
        items[key] = items.get(key, False) or each.grantable
    return _acl(items)


def grantor_of(
    acl: Acl, role: str, owner: str, privileges: Iterable[str], *, acts_as_owner: bool
) -> tuple[str, tuple[str, ...]]:
    """Say in whose name *role* grants or revokes *privileges*, and which of them.

    It is the owner's where *role* has its privileges, and where it could grant none in its own: the statement has run.
    """
    wanted = tuple(privileges)
    if acts_as_owner or role == owner:
        return owner, wanted
    own = {each.privilege for each in acl if each.grantable and each.grantee == role}
    found = tuple(privilege for privilege in wanted if privilege in own)
    return (role, found) if found else (owner, wanted)


def held(acl: Iterable[Granted]) -> Iterator[tuple[str, str]]:
    """Each grantee with what it has, WITH GRANT OPTION as a privilege of its own."""
    for each in acl:
        yield each.grantee, each.privilege
        if each.grantable:
            yield each.grantee, f"{each.privilege} WITH GRANT OPTION"


def _items(acl: Acl) -> _Items:
    return {(each.grantee, each.grantor, each.privilege): each.grantable for each in acl}


def _acl(items: _Items) -> Acl:
    return frozenset(Granted(*key, grantable) for key, grantable in items.items())
