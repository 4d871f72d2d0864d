"""Does a script that has run fail where it is run a second time?"""

from collections.abc import Iterable

from ..parse import UNREAD, Statement
from .claims import claims, new_value

# They may free a name that a later statement takes, or do what no text shows.
_MAY_FREE = frozenset(
    {"AlterObjectSchemaStmt", "CallStmt", "DoStmt", "DropOwnedStmt", "DropStmt", "RenameStmt", "SelectStmt"}
)
_DROPPING = frozenset({"AT_DropColumn", "AT_DropConstraint"})


def fails_again(script: Iterable[Statement]) -> bool:
    """Say whether *script*, which ran as a whole, certainly fails when it runs again: one statement takes a used name.

    False where nothing is certain: an earlier statement may free that name. IF NOT EXISTS and OR REPLACE take none.
    """
    for statement in script:
        if statement.kind == UNREAD or statement.kind in _MAY_FREE or _drops(statement):
            return False
        if any(claims(statement, "")) or new_value(statement) is not None:
            return True
    return False


def _drops(statement: Statement) -> bool:
    commands = statement.node.get("cmds", ()) if statement.kind == "AlterTableStmt" else ()
    return any(each["AlterTableCmd"]["subtype"] in _DROPPING for each in commands)
