"""Statements that may run again: what only prepares others, and what changes nothing a second time."""

from collections.abc import Sequence

from ..model.progress import StatementProgress, StatementState
from ..postgres.parse import Statement
from ..postgres.progress.superseded import changes_no_rows
from ..postgres.progress.untraced import untraced
from ..postgres.reading_again import read_again
from ..postgres.sequence_moves import may_move, never_back, sets_by_rows
from .rolled_back import back_to, closes, opens

# They hold for the statements after them in their session: the remaining statements need them again.
_SETTINGS = {"SET", "RESET", "LOCK"}
# They do nothing that lasts longer than their session.
_PASSING = {"LISTEN", "RELEASE", "SAVEPOINT", "SHOW", "UNLISTEN"}
# They leave no trace in what is compared, and a second time they change nothing.
_REPEATABLE = frozenset(
    {"ANALYZE", "CHECKPOINT", "CLUSTER", "COMMENT", "GRANT", "NOTIFY", "REFRESH", "REINDEX", "REVOKE", "SECURITY",
     "VACUUM"}
)  # fmt: skip
_SETTING_SEQUENCES = frozenset({"ALTER", "SELECT"})
_CHANGING_SCHEMA = frozenset({"ALTER", "CREATE", "DROP"})


def is_bare(statement: StatementProgress) -> bool:
    """Say whether a statement only prepares others: SET, BEGIN, COMMIT, CREATE TEMP TABLE."""
    is_of_transaction = opens(statement) or closes(statement) or back_to(statement) is not None
    return bool(statement.of_session) or is_setting(statement) or is_of_transaction or statement.word in _PASSING


def is_setting(statement: StatementProgress) -> bool:
    return statement.word in _SETTINGS or (statement.word == "SELECT" and "set_config" in statement.sql)


def _may_set_sequences(statement: StatementProgress) -> bool:
    return statement.word in _SETTING_SEQUENCES and may_move(statement.sql)


def never_back_of(statement: StatementProgress) -> Sequence[str]:
    """SQL for a statement that sets sequences, by which none goes back; nothing where it sets none."""
    if statement.part or statement.person or not _may_set_sequences(statement):
        return ()
    return [sql for each in read_again(statement) for sql in never_back(each)]


def is_repeatable(statement: StatementProgress) -> bool:
    """Say whether a statement that leaves no trace may just be run again."""
    if statement.state is not StatementState.NO_TRACE:
        return False
    word = statement.word
    if word in _REPEATABLE:
        return True
    if _may_set_sequences(statement) and any(map(sets_by_rows, read_again(statement))):
        return True
    if word not in _CHANGING_SCHEMA:
        return False
    return statement.by_hand or all(_is_set_or_ends_as_before(each) for each in read_again(statement))


def _is_set_or_ends_as_before(parsed: Statement) -> bool:
    """Say whether it gives an owner, default privileges and the like; or makes or drops an object that has no rows.

    The schema is as if none of these had run, so that all of them run again in order.
    """
    if parsed.kind == "AlterTableStmt" or parsed.node.get("unique"):
        return bool(untraced(parsed, ()))
    return _only_sets(parsed) or changes_no_rows(parsed)


def _only_sets(parsed: Statement) -> bool:
    """Say whether it gives an owner, default privileges and the like."""
    return parsed.kind == "AlterDefaultPrivilegesStmt" or bool(untraced(parsed, ()))
