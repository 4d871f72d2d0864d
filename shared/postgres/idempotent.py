"""Which statements may run a second time: they set what is then so, and no row and no error comes of it."""

from .parse import Statement

_SETTING = frozenset(
    {"AT_ColumnDefault", "AT_SetNotNull", "AT_DropNotNull", "AT_ValidateConstraint", "AT_EnableRowSecurity",
     "AT_DisableRowSecurity", "AT_ForceRowSecurity", "AT_NoForceRowSecurity"}
)  # fmt: skip
_REMOVING = frozenset({"AT_DropColumn", "AT_DropConstraint"})


def only_removes_if_there(statement: Statement) -> bool:
    """Say whether *statement* only removes, and only what exists (IF EXISTS): a second run changes nothing."""
    if statement.kind == "DropStmt":
        return bool(statement.node.get("missing_ok"))
    commands = [each["AlterTableCmd"] for each in statement.node["cmds"]] if statement.kind == "AlterTableStmt" else []
    return bool(commands) and all(each["subtype"] in _REMOVING and each.get("missing_ok") for each in commands)


def only_sets(statement: Statement) -> bool:
    """Say whether *statement* only sets attributes of a table or its columns: a second run changes nothing."""
    commands = statement.node["cmds"] if statement.kind == "AlterTableStmt" else ()
    return bool(commands) and all(each["AlterTableCmd"]["subtype"] in _SETTING for each in commands)
