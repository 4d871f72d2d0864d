"""What a GRANT or REVOKE gives and takes, table by table."""

from collections.abc import Iterator

from ...model.clients import Grant
from ...model.plan import Relation
from ..parse import Statement, Tree
from .known import Known

_PRIVILEGES = ("select", "insert", "update", "delete")


def grants(statement: Statement, before: Known) -> Iterator[Grant]:
    """One for each table, privilege and role; those of other objects, and of roles in roles, are left out."""
    node = statement.node
    if statement.kind != "GrantStmt" or node.get("objtype") != "OBJECT_TABLE":
        return
    given = bool(node.get("is_grant"))
    if not given and node.get("grant_option"):
        return
    named = [each["AccessPriv"] for each in node.get("privileges", ())]
    for table in _tables(node, before):
        for privilege, columns in _privileges(named):
            for grantee in node.get("grantees", ()):
                yield Grant(table, privilege, columns, _role(grantee["RoleSpec"]), given)


def _tables(node: Tree, before: Known) -> Iterator[Relation]:
    for each in node.get("objects", ()):
        if node.get("targtype") == "ACL_TARGET_OBJECT" and "RangeVar" in each:
            found = before.find(each["RangeVar"])
            if found is not None:
                yield found
        elif node.get("targtype") == "ACL_TARGET_ALL_IN_SCHEMA":
            schema = each["String"]["sval"]
            yield from (table for table in before.tables() if table[0] == schema)


def _privileges(named: list[Tree]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """ALL PRIVILEGES has no list."""
    if not named:
        yield from ((privilege, ()) for privilege in _PRIVILEGES)
    for each in named:
        columns = tuple(column["String"]["sval"] for column in each.get("cols", ()))
        words = (each["priv_name"],) if "priv_name" in each else _PRIVILEGES
        yield from ((word, columns) for word in words if word in _PRIVILEGES)


def _role(spec: Tree) -> str:
    if spec.get("roletype") == "ROLESPEC_PUBLIC":
        return "public"
    return str(spec.get("rolename", "that runs the deployment"))
