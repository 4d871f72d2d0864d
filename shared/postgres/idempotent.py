"""Which statements may run a second time: they set what is then so, and no row and no error comes of it."""

from collections.abc import Mapping

from .parse import Statement

# What each kind of command of ALTER TABLE sets: those that set the same replace each other.
_SETTING: Mapping[str, str] = {
    command: attribute
    for attribute, commands in {
        "default": ("AT_ColumnDefault",),
        "not null": ("AT_SetNotNull", "AT_DropNotNull"),
        "validated": ("AT_ValidateConstraint",),
        "row security": ("AT_EnableRowSecurity", "AT_DisableRowSecurity"),
        "forced row security": ("AT_ForceRowSecurity", "AT_NoForceRowSecurity"),
        "trigger": ("AT_EnableTrig", "AT_EnableAlwaysTrig", "AT_EnableReplicaTrig", "AT_DisableTrig"),
        "all triggers": ("AT_EnableTrigAll", "AT_DisableTrigAll"),
        "triggers of users": ("AT_EnableTrigUser", "AT_DisableTrigUser"),
        "rule": ("AT_EnableRule", "AT_EnableAlwaysRule", "AT_EnableReplicaRule", "AT_DisableRule"),
    }.items()
    for command in commands
}
# Schema, table, the name within it, and what of that is set.
Setting = tuple[str, str, str, str]
_REMOVING = frozenset({"AT_DropColumn", "AT_DropConstraint"})


def only_removes_if_there(statement: Statement) -> bool:
    """Say whether *statement* only removes, and only what exists (IF EXISTS): a second run changes nothing."""
    if statement.kind == "DropStmt":
        return bool(statement.node.get("missing_ok"))
    commands = [each["AlterTableCmd"] for each in statement.node["cmds"]] if statement.kind == "AlterTableStmt" else []
    return bool(commands) and all(each["subtype"] in _REMOVING and each.get("missing_ok") for each in commands)


def only_sets(statement: Statement) -> bool:
    """Say whether *statement* only sets attributes of a table or its columns: a second run changes nothing."""
    return bool(settings_of(statement))


def settings_of(statement: Statement) -> frozenset[Setting]:
    """What a statement that `only_sets` sets; nothing of any other one."""
    if statement.kind != "AlterTableStmt":
        return frozenset()
    relation, commands = statement.node["relation"], [each["AlterTableCmd"] for each in statement.node["cmds"]]
    if not all(each["subtype"] in _SETTING for each in commands):
        return frozenset()
    table = relation.get("schemaname", ""), relation["relname"]
    return frozenset((*table, each.get("name", ""), _SETTING[each["subtype"]]) for each in commands)
