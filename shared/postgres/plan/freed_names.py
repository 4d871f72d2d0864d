"""Whether a statement may take a name from what has it: it drops or renames that, or what it hangs on."""

from ...model.schema import RELATIONS, Kind, Schema, Subject, Table
from ..parse import Statement
from ..progress.steps import last_word, words

_DROPPING_COMMANDS = {"AT_DropColumn": Kind.COLUMN, "AT_DropConstraint": None}
_MAY_FREE = frozenset(
    {"AlterExtensionContentsStmt", "AlterObjectSchemaStmt", "CallStmt", "DoStmt", "DropOwnedStmt", "DropStmt",
     "RenameStmt", "SelectStmt"}
)  # fmt: skip


def may_free(statement: Statement, taken: Subject, live: Schema) -> bool:
    """Say whether *statement*, which the deployment runs before, may drop or rename what has the name."""
    kind, node = statement.kind, statement.node
    found = words(statement)
    if kind == "AlterTableStmt":
        commands = [each["AlterTableCmd"] for each in node["cmds"]]
        dropping = [each for each in commands if each["subtype"] in _DROPPING_COMMANDS]
        if taken.kind is Kind.COLUMN:
            return any(each["name"] == taken.name[-1] for each in dropping)
        return any(_cascades(each) for each in dropping) or (
            bool(dropping) and node["relation"]["relname"] in _whose_parts_take_along(taken, live)
        )
    if kind not in _MAY_FREE:
        return False
    if _cascades(node) or (kind == "DoStmt" and "execute" in found):
        return True
    table = [parent for parent in live.parents(taken) if parent.kind in RELATIONS]
    names = {last_word(taken), taken.name[0].casefold(), *(last_word(each) for each in table)}
    return not names.isdisjoint(found)


def _whose_parts_take_along(taken: Subject, live: Schema) -> set[str]:
    """The names of the tables with a part that may take *taken* along when it is dropped: its own, and those above."""
    names: set[str] = set()
    left = [] if taken.kind in RELATIONS else [*live.parents(taken)]
    while left:
        subject = left.pop()
        if subject.kind is Kind.COLUMN:
            left += live.parents(subject)
        elif subject.kind in RELATIONS and subject.name[-1] not in names:
            names.add(subject.name[-1])
            table = live.objects.get(subject)
            if isinstance(table, Table):
                left += [*table.inherits, *([] if table.partition_of is None else [table.partition_of])]
    return names


def _cascades(node: object) -> bool:
    return isinstance(node, dict) and node.get("behavior") == "DROP_CASCADE"
