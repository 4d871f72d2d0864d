"""BEGIN … EXCEPTION: may an error that is handled come from rows, or from what the server offers?

The scripts do not show whether such a block took effect; whether an object exists already, the replay knows.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from ..parse import ParseError, Tree, parse

# Errors that the replay foresees, as it knows which objects there are: what exists, and, but for roles, what does not.
_DUPLICATES = frozenset(
    {"duplicate_object", "duplicate_table", "duplicate_column", "duplicate_schema", "duplicate_function",
     "duplicate_alias", "42710", "42p07", "42701", "42p06", "42723"}
)  # fmt: skip
_UNDEFINED = frozenset(
    {"undefined_object", "undefined_table", "undefined_column", "undefined_function", "invalid_schema_name",
     "42704", "42p01", "42703", "42883", "3f000"}
)  # fmt: skip
# Statements, commands and constraints that rows, or what the server offers, may make fail.
_DEPENDENT = frozenset(
    {"AlterExtensionStmt", "AlterOwnerStmt", "AlterRoleStmt", "CallStmt", "CopyStmt", "CreateExtensionStmt",
     "CreateFdwStmt", "CreateForeignServerStmt", "CreateForeignTableStmt", "CreatePLangStmt", "CreateRoleStmt",
     "DeleteStmt", "GrantRoleStmt", "GrantStmt", "InsertStmt", "MergeStmt", "SelectStmt", "UpdateStmt"}
)  # fmt: skip
_DEPENDENT_COMMANDS = frozenset(
    {"AT_AlterColumnType", "AT_AttachPartition", "AT_ChangeOwner", "AT_SetNotNull", "AT_ValidateConstraint"}
)


def may_fail(body: Iterable[Tree], handler: Tree) -> bool:
    """Say whether *body* may raise an error that *handler* takes, and that the replay does not foresee."""
    handled = {each["PLpgSQL_condition"].get("condname", "others").lower() for each in handler.get("conditions", ())}
    if handled <= _DUPLICATES:
        return False
    only_names = handled <= _DUPLICATES | _UNDEFINED
    return any(_depends(each, only_names=only_names) for each in body)


def _depends(statement: Tree, *, only_names: bool) -> bool:
    ((kind, node),) = statement.items()
    if kind in ("PLpgSQL_stmt_perform", "PLpgSQL_stmt_call", "PLpgSQL_stmt_raise", "PLpgSQL_stmt_dynexecute"):
        return kind == "PLpgSQL_stmt_dynexecute" or not only_names
    if kind == "PLpgSQL_stmt_execsql":
        try:
            trees = [each.tree for each in parse(node["sqlstmt"]["PLpgSQL_expr"]["query"])]
        except ParseError:
            return True
        return any(_names_roles(each) if only_names else _needs_rows_or_server(each) for each in trees)
    return any(_depends(each, only_names=only_names) for each in _inside(node))


def _inside(node: Any) -> Iterator[Tree]:
    """The statements within a compound one."""
    if isinstance(node, list):
        for each in node:
            yield from _inside(each)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key.startswith("PLpgSQL_stmt_"):
                yield {key: value}
            else:
                yield from _inside(value)


def _names_roles(tree: Tree) -> bool:
    """Roles are no part of a schema: whether there is one is not known."""
    ((kind, node),) = tree.items()
    roles = [each.get("RoleSpec", {}).get("roletype") for each in node.get("roles", ())]
    return kind in {"GrantStmt", "GrantRoleStmt", "AlterOwnerStmt", "AlterRoleStmt"} or "ROLESPEC_CSTRING" in roles


def _needs_rows_or_server(tree: Tree) -> bool:
    ((kind, node),) = tree.items()
    if kind in _DEPENDENT or _names_roles(tree):
        return True
    if kind == "IndexStmt":
        keys = [each["IndexElem"] for each in node.get("indexParams", ())]
        return bool(node.get("unique")) or any("expr" in key or "opclass" in key for key in keys)
    return kind == "AlterTableStmt" and any(_command_depends(each["AlterTableCmd"]) for each in node["cmds"])


def _command_depends(command: Tree) -> bool:
    definition = command.get("def", {})
    match command["subtype"]:
        case "AT_AddConstraint":
            return not definition["Constraint"].get("skip_validation")
        case "AT_AddColumn":
            given = definition["ColumnDef"].get("constraints", ())
            return any(each["Constraint"]["contype"] != "CONSTR_DEFAULT" for each in given)
        case subtype:
            return subtype in _DEPENDENT_COMMANDS
