"""Which statements need not run once those after them have: what they make, later ones have replaced or removed.

Whether one of these ran shows no more, and running it now would be wrong: DROP INDEX would remove what a later CREATE
INDEX made by that name, SET DEFAULT would bring an older default back.
"""

from ..parse import Statement, Tree

# Nothing that any of these makes, changes or removes holds rows: they need not run for the sake of some.
_MAKING = frozenset(
    {"IndexStmt", "ViewStmt", "CreateFunctionStmt", "CreateTrigStmt", "CreatePolicyStmt", "AlterPolicyStmt",
     "AlterFunctionStmt", "AlterDomainStmt"}
)  # fmt: skip
_DROPPED = frozenset(
    {"OBJECT_INDEX", "OBJECT_VIEW", "OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_TRIGGER",
     "OBJECT_POLICY", "OBJECT_RULE"}
)  # fmt: skip
_ALTERED = frozenset(
    {"AT_AddConstraint", "AT_DropConstraint", "AT_ValidateConstraint", "AT_AlterConstraint", "AT_ColumnDefault",
     "AT_SetNotNull", "AT_DropNotNull", "AT_EnableRowSecurity", "AT_DisableRowSecurity", "AT_ForceRowSecurity",
     "AT_NoForceRowSecurity", "AT_EnableTrig", "AT_EnableAlwaysTrig", "AT_EnableReplicaTrig", "AT_DisableTrig",
     "AT_EnableRule", "AT_EnableAlwaysRule", "AT_EnableReplicaRule", "AT_DisableRule", "AT_SetStatistics",
     "AT_SetStorage", "AT_SetCompression", "AT_SetOptions", "AT_ResetOptions", "AT_SetRelOptions",
     "AT_ResetRelOptions"}
)  # fmt: skip
_RENAMED = frozenset({"OBJECT_INDEX", "OBJECT_TABCONSTRAINT", "OBJECT_VIEW", "OBJECT_TRIGGER", "OBJECT_POLICY"})


def changes_no_rows(statement: Statement) -> bool:
    """Say whether all that *statement* does is in the catalog, so that nothing else remains of it."""
    node = statement.node
    match statement.kind:
        case "DropStmt":
            return node["removeType"] in _DROPPED
        case "RenameStmt":
            return node["renameType"] in _RENAMED
        case "AlterTableStmt":
            return all(_alters_no_rows(command["AlterTableCmd"]) for command in node["cmds"])
        case "AlterSeqStmt":
            return all(option["DefElem"]["defname"] != "restart" for option in node.get("options", ()))
    return statement.kind in _MAKING


def _alters_no_rows(command: Tree) -> bool:
    """Say whether no row changes. Of a new type, only a USING is taken to change them: a mere cast keeps the values."""
    if command["subtype"] != "AT_AlterColumnType":
        return command["subtype"] in _ALTERED
    using = command["def"]["ColumnDef"].get("raw_default")
    while using is not None and "TypeCast" in using:
        using = using["TypeCast"]["arg"]
    return using is None or ("ColumnRef" in using and _column(using) == command["name"])


def _column(using: Tree) -> str | None:
    last: Tree = using["ColumnRef"]["fields"][-1]
    return last["String"]["sval"] if "String" in last else None
