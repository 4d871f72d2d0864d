"""Which statements may run a second time: they set what is then so, and no row and no error comes of it."""

from .parse import Statement

_SETTING = frozenset(
    {"AT_ColumnDefault", "AT_SetNotNull", "AT_DropNotNull", "AT_ValidateConstraint", "AT_EnableRowSecurity",
     "AT_DisableRowSecurity", "AT_ForceRowSecurity", "AT_NoForceRowSecurity"}
)  # fmt: skip


def only_sets(statement: Statement) -> bool:
    """Say whether *statement* only sets attributes of a table or its columns: a second run changes nothing."""
    commands = statement.node["cmds"] if statement.kind == "AlterTableStmt" else ()
    return bool(commands) and all(each["AlterTableCmd"]["subtype"] in _SETTING for each in commands)
