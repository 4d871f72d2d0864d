"""Does a script that has run fail where it is run a second time?"""

from collections.abc import Iterable, Sequence

from ..mentions import tables_of
from ..parse import UNREAD, Statement
from ..progress.steps import words
from .claims import claims, new_value

# What they do, no text shows.
_OPAQUE = frozenset({"CallStmt", "DoStmt", "DropOwnedStmt", "SelectStmt", UNREAD})
_FREEING = frozenset({"AlterObjectSchemaStmt", "DropStmt", "RenameStmt"})
_DROPPING = frozenset({"AT_DropColumn", "AT_DropConstraint"})


def fails_again(script: Iterable[Statement]) -> bool:
    """Say whether *script*, which ran as a whole, certainly fails when it runs again: one statement takes a used name.

    False where nothing is certain: a statement before it may free that name, or one after it has freed it already.
    IF NOT EXISTS and OR REPLACE take none.
    """
    statements = list(script)
    for number, statement in enumerate(statements, 1):
        if _may_free(statement):
            return False
        if new_value(statement) is not None:
            return True
        if any(claims(statement, "")) and not _is_freed(statement, statements[number:]):
            return True
    return False


def _may_free(statement: Statement) -> bool:
    commands = statement.node.get("cmds", ()) if statement.kind == "AlterTableStmt" else ()
    drops = any(each["AlterTableCmd"]["subtype"] in _DROPPING for each in commands)
    return drops or statement.kind in _OPAQUE or statement.kind in _FREEING


def _is_freed(statement: Statement, later: Sequence[Statement]) -> bool:
    """Say whether one of the *later* ones may have freed a name that *statement* takes."""
    names = {name.casefold() for subject in claims(statement, "") for name in subject.name} | {
        name.casefold() for name in tables_of(statement)
    }
    freeing = (each for each in later if _may_free(each))
    return any(
        each.kind in _OPAQUE or not names.isdisjoint(found := words(each)) or "cascade" in found for each in freeing
    )
