"""What the role that deploys may not do, where that role is known: questions to the server's catalog."""
# SQL is what this module writes; every name is a literal in it

from collections.abc import Iterator

from ...model.plan import Access, Condition, Probe, Relation
from ..canonical.sql import literal
from ..parse import Tree, name_called, nodes_with
from .footprint import Footprint, Stage
from .system import as_role


def rights(kind: str, footprint: Footprint, node: Tree) -> None:
    """What the role that deploys may not do, where that role is known."""
    role = as_role(footprint)
    if role is None or footprint.circumstances.passed.role_changed:
        return
    for because, query in _lacking(kind, footprint, node, role):
        condition = Condition("42501", because, Probe(query, (), Access.INDEX), rare=True)
        footprint.condition(condition, Stage.FIRST)


def _lacking(kind: str, footprint: Footprint, node: Tree, role: str) -> Iterator[tuple[str, str]]:
    yield from _of_table(kind, footprint, node, role)
    if kind in _IN_SCHEMA and not _is_temporary(node):
        schema = _schema(kind, footprint, node)
        lacks = (
            f"SELECT FROM pg_catalog.pg_namespace AS n WHERE n.nspname = {literal(schema)} "
            f"AND NOT pg_catalog.has_schema_privilege({role}, n.oid, 'CREATE')"
        )
        yield f"no right to create in schema {schema}", lacks
    if kind == "CreateSchemaStmt":
        database = "pg_catalog.current_database()"
        lacks = f"SELECT WHERE NOT pg_catalog.has_database_privilege({role}, {database}, 'CREATE')"
        yield "no right to create schemas", lacks
    if kind in ("AlterEnumStmt", "AlterDomainStmt"):
        yield from _of_type(footprint, node, role)
    if kind in _PRIVILEGES:
        yield from _of_rows(footprint, node, role, _PRIVILEGES[kind])
    if kind == "SelectStmt":
        yield from _of_sequences(footprint, node, role)


def _of_table(kind: str, footprint: Footprint, node: Tree, role: str) -> Iterator[tuple[str, str]]:
    if kind in _OF_OWNER:
        for table in _relations(footprint, kind, node):
            is_foreign = f"{_relation(table)} AND NOT pg_catalog.pg_has_role({role}, c.relowner, 'USAGE')"
            if kind == "DropStmt":
                is_foreign += f" AND NOT pg_catalog.pg_has_role({role}, n.nspowner, 'USAGE')"
            yield f"{table[1]} belongs to another role", is_foreign
    if kind == "GrantStmt":
        # Any right at all makes a warning of the error.
        for table in _relations(footprint, kind, node):
            lacks = (
                f"{_relation(table)} AND c.relkind <> 'S' AND NOT pg_catalog.pg_has_role({role}, c.relowner, 'USAGE') "
                f"AND NOT pg_catalog.has_table_privilege({role}, c.oid, {literal(', '.join(_ALL))}) AND NOT "
                f"pg_catalog.has_any_column_privilege({role}, c.oid, {literal(', '.join(_OF_COLUMNS))})"
            )
            yield f"no right on {table[1]}", lacks
    if kind == "CreateTrigStmt":
        for table in _relations(footprint, kind, node):
            lacks = f"{_relation(table)} AND NOT pg_catalog.has_table_privilege({role}, c.oid, 'TRIGGER')"
            yield f"no right to make triggers on {table[1]}", lacks


def _of_type(footprint: Footprint, node: Tree, role: str) -> Iterator[tuple[str, str]]:
    type_ = footprint.before.own_type([each["String"]["sval"] for each in node["typeName"]])
    if type_ is not None:
        is_foreign = (
            "SELECT FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace WHERE "
            f"n.nspname = {literal(type_[0])} AND t.typname = {literal(type_[-1])} "
            f"AND NOT pg_catalog.pg_has_role({role}, t.typowner, 'USAGE')"
        )
        yield f"{type_[-1]} belongs to another role", is_foreign


def _of_rows(footprint: Footprint, node: Tree, role: str, privilege: str) -> Iterator[tuple[str, str]]:
    table = footprint.before.find(node["relation"])
    if table is not None:
        lacks = f"{_relation(table)} AND NOT pg_catalog.has_table_privilege({role}, c.oid, {literal(privilege)})"
        if privilege != "DELETE":
            lacks += f" AND NOT pg_catalog.has_any_column_privilege({role}, c.oid, {literal(privilege)})"
        yield f"no right on {table[1]}", lacks


def _of_sequences(footprint: Footprint, node: Tree, role: str) -> Iterator[tuple[str, str]]:
    for each in nodes_with(node, "funcname"):
        constant = each.get("args", [{}])[0].get("A_Const", {}).get("sval", {}).get("sval")
        if name_called(each) in ("nextval", "setval") and constant is not None:
            sequence = footprint.before.named(constant.replace('"', "").split("."))
            if sequence is not None:
                lacks = f"NOT pg_catalog.has_sequence_privilege({role}, c.oid, 'USAGE, UPDATE')"
                yield f"no right on {sequence[1]}", f"{_relation(sequence)} AND {lacks}"


_OF_OWNER = frozenset({"AlterTableStmt", "DropStmt", "IndexStmt", "RenameStmt", "CreatePolicyStmt"})
_IN_SCHEMA = frozenset(
    {"CreateStmt", "CreateTableAsStmt", "CreateEnumStmt", "CreateDomainStmt", "CreateSeqStmt", "ViewStmt",
     "CreateFunctionStmt"}
)  # fmt: skip
_OF_COLUMNS = ("SELECT", "INSERT", "UPDATE", "REFERENCES")
_ALL = (*_OF_COLUMNS, "DELETE", "TRUNCATE", "TRIGGER")
_PRIVILEGES = {"UpdateStmt": "UPDATE", "InsertStmt": "INSERT", "DeleteStmt": "DELETE"}


def _relation(table: Relation) -> str:
    return (
        "SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE "
        f"n.nspname = {literal(table[0])} AND c.relname = {literal(table[1])}"
    )


def _relations(footprint: Footprint, kind: str, node: Tree) -> Iterator[Relation]:
    if kind == "DropStmt":
        for each in node["objects"]:
            words = [word["String"]["sval"] for word in each.get("List", {}).get("items", ()) if "String" in word]
            found = footprint.before.named(words) if words else None
            if found is not None:
                yield found
    elif kind == "GrantStmt":
        for each in node.get("objects", ()):
            found = footprint.before.find(each["RangeVar"]) if "RangeVar" in each else None
            if found is not None:
                yield found
    else:
        field = "table" if kind == "CreatePolicyStmt" else "relation"
        found = footprint.before.find(node[field]) if field in node else None
        if found is not None:
            yield found


def _is_temporary(node: Tree) -> bool:
    relation = node.get("relation") or node.get("view") or node.get("sequence") or node.get("into", {}).get("rel", {})
    return bool(relation.get("relpersistence") == "t")


def _schema(kind: str, footprint: Footprint, node: Tree) -> str:
    default = footprint.before.default_schema
    if kind in ("CreateStmt", "ViewStmt", "CreateSeqStmt", "CreateTableAsStmt"):
        relation = node.get("relation") or node.get("view") or node.get("sequence") or node["into"]["rel"]
        return str(relation.get("schemaname", default))
    names = node.get("typeName") or node.get("domainname") or node.get("funcname") or []
    return str(names[0]["String"]["sval"]) if len(names) > 1 else default
