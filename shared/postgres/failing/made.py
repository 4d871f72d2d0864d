"""The names of what a statement makes, by which it may collide with existing objects."""

from collections.abc import Iterator
from typing import Any

from ..parse import Statement
from .acts import acts_of

# The field of the tree that says what is made.
_UNDER = {
    "AlterEnumStmt": "newVal", "AlterObjectSchemaStmt": "relation", "CompositeTypeStmt": "typevar",
    "CreateDomainStmt": "domainname", "CreateEnumStmt": "typeName", "CreateExtensionStmt": "extname",
    "CreateFunctionStmt": "funcname", "CreatePolicyStmt": "policy_name", "CreatePublicationStmt": "pubname",
    "CreateRangeStmt": "typeName", "CreateRoleStmt": "role", "CreateSchemaStmt": "schemaname",
    "CreateSeqStmt": "sequence", "CreateStmt": "relation", "CreateTableAsStmt": "into", "CreateTrigStmt": "trigname",
    "DefineStmt": "defnames", "RenameStmt": "newname", "RuleStmt": "rulename", "ViewStmt": "view",
}  # fmt: skip


def made_by(statement: Statement) -> frozenset[str]:
    """The objects that *statement* makes, those that nobody named included, the columns and labels that it adds."""
    return frozenset(_names(statement))


def _names(statement: Statement) -> Iterator[str]:
    for act in acts_of(statement):
        yield from act.names
    for command in statement.node.get("cmds", ()) if statement.kind == "AlterTableStmt" else ():
        if command["AlterTableCmd"].get("subtype") == "AT_AddColumn":
            yield command["AlterTableCmd"]["def"]["ColumnDef"]["colname"]
    if statement.kind in _UNDER:
        yield from _last_name(statement.node.get(_UNDER[statement.kind]))


def _last_name(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield value[-1].get("String", {}).get("sval", "")
    elif isinstance(value, dict):
        yield value.get("rel", value).get("relname", "")
