"""What roles may do by others: groups, everyone, superusers, and the server's own roles."""

from collections.abc import Iterable, Iterator, Mapping

from ...model.privileges import PUBLIC, Acl, Roles
from ...model.schema import Kind
from .acl import AS_TABLES

# Its only member is the owner of the database.
DATABASE_OWNER = "pg_database_owner"
# Roles of the server, with what their members may do everywhere.
_DATA: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "pg_read_all_data": {"tables": ("SELECT",), "schemas": ("USAGE",)},
    "pg_write_all_data": {"tables": ("INSERT", "UPDATE", "DELETE"), "schemas": ("USAGE",)},
    "pg_maintain": {"tables": ("MAINTAIN",)},
}


def reached(roles: Roles, role: str) -> dict[str, None]:
    """*role*, and all whose privileges it has by being a member, at whatever distance; everyone last."""
    found: dict[str, None] = {}
    waiting = [role]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found[each] = None
            waiting += sorted(roles[each].groups, reverse=True) if each in roles else ()
    return {**found, PUBLIC: None}


def is_superuser(roles: Roles, role: str) -> bool:
    return role in roles and roles[role].superuser


def has_privileges_of(roles: Roles, role: str, other: str) -> bool:
    """Say whether *role* counts as *other*, as an owner does for ALTER."""
    return role == other or is_superuser(roles, role) or other in reached(roles, role)


def may(roles: Roles, role: str, kind: Kind, acl: Iterable[Acl], privilege: str) -> bool:
    """Say whether *role* has *privilege* on an object of *kind* by one of its lists: its own, its table's."""
    if is_superuser(roles, role):
        return True
    names = reached(roles, role)
    wanted, option = privilege.removesuffix(" WITH GRANT OPTION"), privilege.endswith(" WITH GRANT OPTION")
    if any(
        each.grantee in names and each.privilege == wanted and (each.grantable or not option)
        for one in acl
        for each in one
    ):
        return True
    return not option and wanted in _everywhere(names, kind)


def _everywhere(names: Iterable[str], kind: Kind) -> Iterator[str]:
    of = "schemas" if kind is Kind.SCHEMA else "tables"
    if kind in (*AS_TABLES, Kind.COLUMN, Kind.SEQUENCE, Kind.SCHEMA):
        for name in names:
            yield from _DATA.get(name, {}).get(of, ())
