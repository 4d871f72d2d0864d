"""What only the server's own catalog says: roles, settings, extensions and operator classes.

Asked by queries that read nothing but pg_catalog, or by literals that the analyser looks up ('x'::regrole).
"""
# ruff: noqa: S608  # SQL is what this module writes; every name is a literal in it

from collections.abc import Callable, Mapping
from typing import Any

from ...model.plan import Access, Analysis, Condition, Probe, Relation
from ...model.question import Question
from ...model.schema import Kind, Subject
from ...model.value import replace
from ..canonical import with_method
from ..canonical.sql import literal
from ..parse import Tree
from ..server_settings import seconds
from . import preloaded
from .assignment import base_of
from .footprint import Footprint, Stage
from .writing import quoted

# From this version on, an extension that is not available has an error of its own.
_EXTENSION_UNAVAILABLE = 15
# The extensions that an Azure flexible server allows; NULL on any other server.
_ALLOWED = "pg_catalog.current_setting('azure.extensions', true)"
_SPECIAL_ROLES = ("public", "current_user", "session_user", "current_role")
# Types that have a default class in the core for these methods; all others are asked about.
_CLASSES = {
    "gin": frozenset({"jsonb", "tsvector"}),
    "gist": frozenset({"point", "box", "polygon", "circle", "tsvector", "tsquery", "int4range", "int8range", "numrange",
                       "tsrange", "tstzrange", "daterange"}),
}  # fmt: skip
_WITHOUT_BTREE = frozenset({"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"})
_METHODS = frozenset({"btree", "hash", "gin", "gist", "spgist", "brin"})
_SETTINGS = frozenset(
    {"search_path", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "client_encoding",
     "standard_conforming_strings", "check_function_bodies", "xmloption", "client_min_messages", "row_security",
     "default_tablespace", "default_table_access_method", "timezone", "role", "session_replication_role",
     "transaction_isolation", "session_authorization", "seed", "datestyle", "intervalstyle", "work_mem",
     "maintenance_work_mem", "backslash_quote", "escape_string_warning", "default_with_oids", "extra_float_digits",
     "synchronous_commit", "transaction_read_only", "default_transaction_isolation", "names", "transaction"}
)  # fmt: skip
_DURATIONS = frozenset({"lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"})


def of_system(kind: str, footprint: Footprint, node: Tree) -> None:
    """Add what a statement of *kind* needs of the system to *footprint*."""
    reader = _READERS.get(kind)
    if reader is not None:
        reader(footprint, node)


def _ask(footprint: Footprint, sqlstate: str, because: str, query: str, stage: Stage = Stage.FIRST) -> None:
    footprint.condition(Condition(sqlstate, because, Probe(query, (), Access.INDEX)), stage)


def _role(footprint: Footprint, spec: Tree | None) -> None:
    name = (spec or {}).get("RoleSpec", spec or {}).get("rolename")
    if name is None or name in _SPECIAL_ROLES or footprint.circumstances.passed.is_pending([name]):
        return
    question = Question(f"SELECT {literal(quoted(name))}::pg_catalog.regrole", footprint.before.search_path)
    footprint.ask(Analysis(question, f"the role {name}"))


def _grant(footprint: Footprint, node: Tree) -> None:
    for each in node.get("grantees", ()):
        _role(footprint, each)


def _grant_role(footprint: Footprint, node: Tree) -> None:
    for each in node.get("grantee_roles", ()):
        _role(footprint, each)


def _alter_owner(footprint: Footprint, node: Tree) -> None:
    _role(footprint, node.get("newowner"))


def _alter_table(footprint: Footprint, node: Tree) -> None:
    for each in node["cmds"]:
        command = each["AlterTableCmd"]
        if command["subtype"] == "AT_ChangeOwner":
            _role(footprint, command.get("newowner"))
        constraint = command.get("def", {}).get("Constraint", {})
        if constraint.get("contype") == "CONSTR_EXCLUSION":
            table = footprint.before.find(node["relation"])
            elements = [pair["List"]["items"][0]["IndexElem"] for pair in constraint.get("exclusions", ())]
            if table is not None:
                _classes(footprint, table, constraint.get("access_method", "gist"), elements)


def _create_role(footprint: Footprint, node: Tree) -> None:
    name = literal(node["role"])
    _ask(footprint, "42710", f"the role {node['role']} must not exist",
         f"SELECT FROM pg_catalog.pg_roles WHERE rolname = {name}")  # fmt: skip


def _drop_role(footprint: Footprint, node: Tree) -> None:
    for each in node["roles"]:
        if not node.get("missing_ok"):
            _role(footprint, each)


def _set(footprint: Footprint, node: Tree) -> None:
    name = node.get("name", "").lower()
    if node.get("kind") != "VAR_SET_VALUE" or "." in name or name in _SETTINGS:
        return
    _ask(footprint, "42704", f"the server has no setting {name}",
         f"SELECT WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = {literal(name)})")  # fmt: skip


def wrong_setting(node: Tree) -> str | None:
    """Why the value of SET is certainly refused."""
    name = node.get("name", "").lower()
    for each in node.get("args", ()):
        value = each.get("A_Const", {}).get("sval", {}).get("sval")
        if name in _DURATIONS and value is not None and seconds(value) is None:
            return f"the value of {name} is no duration"
    return None


def _extension(footprint: Footprint, node: Tree) -> None:
    name = literal(node["extname"])
    if not node.get("if_not_exists"):
        _ask(footprint, "42710", f"the extension {node['extname']} must not exist",
             f"SELECT FROM pg_catalog.pg_extension WHERE extname = {name}")  # fmt: skip
    sqlstate = "0A000" if footprint.circumstances.version >= _EXTENSION_UNAVAILABLE else "58P01"
    available = f"SELECT FROM pg_catalog.pg_available_extensions WHERE name = {name}"
    _ask(
        footprint,
        sqlstate,
        f"the server must offer the extension {node['extname']}",
        f"SELECT WHERE NOT EXISTS ({available})",
    )
    installed = f"EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = {name})"
    versions = (
        "SELECT FROM pg_catalog.pg_available_extension_versions AS v, pg_catalog.pg_roles AS r WHERE r.rolname = "
        f"{as_role(footprint) or 'CURRENT_USER'} AND v.name = {name}"
    )
    _ask(
        footprint, "42501", f"the role that deploys must be allowed to make the extension {node['extname']}",
        f"{versions} AND {_ALLOWED} IS NULL AND NOT v.installed AND v.superuser AND NOT r.rolsuper AND NOT "
        "(v.trusted AND pg_catalog.has_database_privilege(r.rolname, pg_catalog.current_database(), 'CREATE')) AND NOT "
        f"{installed}",
    )  # fmt: skip
    for each in preloaded.conditions(node["extname"], installed, footprint.circumstances.preloaded):
        footprint.condition(each, Stage.FIRST)
    _extension_in_azure(footprint, node, versions, installed)


def _extension_in_azure(footprint: Footprint, node: Tree, versions: str, installed: str) -> None:
    """A flexible server makes what its allow-list has, for members of azure_pg_admin, superuser's own or not.

    Whether it also asks that of what is installed or trusted is not documented: then nothing is certain.
    """
    extension = node["extname"]
    listed = f"pg_catalog.string_to_array(pg_catalog.lower(pg_catalog.replace({_ALLOWED}, ' ', '')), ',')"
    refused = f"SELECT WHERE {_ALLOWED} IS NOT NULL AND NOT {literal(extension.lower())} = ANY ({listed})"
    because = f"the server's azure.extensions must list the extension {extension}"
    member = (
        "EXISTS (SELECT FROM pg_catalog.pg_roles AS a WHERE a.rolname = 'azure_pg_admin' "
        "AND pg_catalog.pg_has_role(r.oid, a.oid, 'MEMBER'))"
    )
    stranger = f"{versions} AND {_ALLOWED} IS NOT NULL AND NOT {member}"
    must_be = f"the role that deploys must be a member of azure_pg_admin to make the extension {extension}"
    role = _role_of(footprint)
    member_of = (f"GRANT azure_pg_admin TO {quoted(role)};",) if role is not None else ()
    for condition, query, certainly in (
        (Condition("0A000", because, rare=True, allow=extension), refused, f"NOT {installed}"),
        (Condition("42501", must_be, rare=True, fix=member_of), stranger, f"NOT v.trusted AND NOT {installed}"),
    ):
        for doubt, may in ((certainly, False), (f"NOT ({certainly})", True)):
            probe = Probe(f"{query} AND {doubt}", (), Access.INDEX)
            footprint.condition(replace(condition, probe=probe, may=may), Stage.FIRST)


def _create_index(footprint: Footprint, node: Tree) -> None:
    table = footprint.before.find(node["relation"])
    method = node.get("accessMethod", "btree")
    if method not in _METHODS:
        _ask(footprint, "42704", f"the server has no access method {method}",
             f"SELECT WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_am WHERE amname = {literal(method)})")  # fmt: skip
    if table is not None:
        _classes(footprint, table, method, [each["IndexElem"] for each in node["indexParams"]])


def _classes(footprint: Footprint, table: Relation, method: str, elements: list[Tree]) -> None:
    for each in elements:
        named = each.get("opclass")
        if named is not None:
            class_ = named[-1]["String"]["sval"]
            schemas = [named[-2]["String"]["sval"]] if len(named) > 1 else footprint.before.search_path
            places = ((schema, with_method(class_, method)) for schema in schemas)
            if any(Subject(Kind.OPERATOR_CLASS, place) in footprint.before.objects for place in places):
                continue
            _class_exists(
                footprint, method, f"opcname = {literal(class_)}", f"the operator class {class_} for {method}"
            )
        elif "name" in each:
            column = footprint.column(table, each["name"])
            if column is not None:
                _default_class(footprint, method, base_of(column.type, footprint.definition))


def _default_class(footprint: Footprint, method: str, type_: str) -> None:
    if method == "btree" and type_ in _WITHOUT_BTREE:
        footprint.condition(Condition("42704", f"{type_} has no operator class for btree", _ALWAYS), Stage.FIRST)
    elif method in _CLASSES and type_ not in _CLASSES[method] and "." not in type_:
        if method == "gin" and type_.endswith("[]"):
            return
        oid = f"pg_catalog.to_regtype({literal(type_)})"
        _class_exists(footprint, method, f"o.opcdefault AND o.opcintype = {oid}", f"a class of {method} for {type_}")


def _class_exists(footprint: Footprint, method: str, condition: str, what: str) -> None:
    if footprint.circumstances.passed.brings_extension:
        return
    _ask(
        footprint, "42704", f"the server must have {what}",
        "SELECT WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_opclass AS o JOIN pg_catalog.pg_am AS a ON a.oid = "
        f"o.opcmethod WHERE a.amname = {literal(method)} AND {condition})",
    )  # fmt: skip


def _trigger(footprint: Footprint, node: Tree) -> None:
    words = [each["String"]["sval"] for each in node["funcname"]]
    passed = footprint.circumstances.passed
    if any(True for _ in footprint.before.routines(words[-1])) or passed.is_pending(words[-1:]):
        return
    written = literal(".".join(map(quoted, words)))
    question = Question(f"SELECT {written}::pg_catalog.regproc", footprint.before.search_path)
    footprint.ask(Analysis(question, f"the function {words[-1]}", frozenset({"42725"})))


# A query that always gives a row: what is known to fail, where something that is asked comes first.
_ALWAYS = Probe("SELECT", (), Access.INDEX)


def surely(sqlstate: str, because: str) -> Condition:
    return Condition(sqlstate, because, _ALWAYS)


def _role_of(footprint: Footprint) -> str | None:
    """The role that the statement runs as; None where that is not known."""
    return footprint.circumstances.passed.role or footprint.circumstances.role


def as_role(footprint: Footprint) -> str | None:
    role = _role_of(footprint)
    return literal(role) if role is not None else None


_READERS: Mapping[str, Callable[[Footprint, Any], None]] = {
    "AlterOwnerStmt": _alter_owner,
    "AlterTableStmt": _alter_table,
    "CreateExtensionStmt": _extension,
    "CreateRoleStmt": _create_role,
    "CreateTrigStmt": _trigger,
    "DropRoleStmt": _drop_role,
    "GrantRoleStmt": _grant_role,
    "GrantStmt": _grant,
    "IndexStmt": _create_index,
    "VariableSetStmt": _set,
}
