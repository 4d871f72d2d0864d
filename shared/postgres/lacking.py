"""Which statements change rows, and which of them cannot have run since a table or a column is missing."""

from collections.abc import Container

from .parse import Statement, nodes_with

_CHANGING = frozenset({"CallStmt", "CopyStmt", "DeleteStmt", "DoStmt", "InsertStmt", "MergeStmt", "SelectStmt",
                       "TruncateStmt", "UpdateStmt"})  # fmt: skip

# Which field of the tree has the relation that must exist.
_ON_A_RELATION = {"AlterPolicyStmt": "table", "AlterTableStmt": "relation", "CreatePolicyStmt": "table",
                  "CreateTrigStmt": "relation", "IndexStmt": "relation", "RuleStmt": "relation"}  # fmt: skip


def may_change_rows(statement: Statement) -> bool:
    """Say whether *statement* changes rows, or may: a block or a function that it calls can do anything."""
    is_setting = statement.kind == "SelectStmt" and "set_config" in statement.sql
    return statement.kind in _CHANGING and not is_setting


def lacks(statement: Statement, missing: Container[tuple[str, ...]]) -> bool:
    """Say whether *statement* certainly needs one of *missing*: ``(table,)`` or ``(table, column)``."""
    node = statement.node
    if (field := _ON_A_RELATION.get(statement.kind)) is not None:
        return not node.get("missing_ok") and (node[field]["relname"],) in missing
    if statement.kind not in {"InsertStmt", "UpdateStmt", "DeleteStmt"}:
        return False
    named = {each["relname"] for each in nodes_with(node, "relname")}
    queries = {each["ctename"] for each in nodes_with(node, "ctename")}
    if any((name,) in missing for name in named - queries):
        return True
    table = node["relation"]["relname"]
    targets = node.get("targetList", ()) if statement.kind == "UpdateStmt" else node.get("cols", ())
    columns = {each["ResTarget"]["name"] for each in targets}
    if named == {table} and not queries:
        # Nothing else has a column that it could mean.
        fields = (each["fields"][-1] for each in nodes_with(node, "fields"))
        columns |= {each["String"]["sval"] for each in fields if "String" in each}
    return any((table, column) in missing for column in columns)
