"""What the server's analyser is asked about a statement: its expressions, over tables as they will be by then.

Tables stand in front as common table expressions of typed NULLs, so that nothing is locked, and columns that are only
pending are there. A query, and an INSERT, UPDATE or DELETE, is asked as it stands where the run has touched nothing
that it names. What a literal may run (the CHECK of a domain in an array, a type of the database's own) is not asked.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ...parse import Statement, Tree
from ..expression_questions import (
    relation,
)
from ..footprint import Footprint
from ..named_objects import ask_about_commented, ask_about_granted, ask_about_relations
from ..rows import range_vars
from ..write_questions import WRITES, ask_about_write
from .changed_columns import ask_about_commands
from .parts import ask_about_index, ask_about_policy, ask_about_table
from .queries import AS_THEY_STAND, ask_about_function, ask_about_table_as, ask_about_view, ask_as_it_stands


def ask(statement: Statement, footprint: Footprint) -> None:
    """Add the questions about *statement* to *footprint*."""
    if statement.kind in WRITES and footprint.circumstances.passed.may_touch(statement):
        footprint.unread = not ask_about_write(footprint, statement.kind, statement.node)
        return
    if statement.kind in AS_THEY_STAND:
        ask_as_it_stands(footprint, statement, statement.sql)
        return
    reader = _READERS.get(statement.kind)
    if reader is None:
        return
    if reader in (ask_about_view, ask_about_table_as, ask_about_function):
        reader(footprint, statement)
    else:
        reader(footprint, statement.node)


def _named_relations(footprint: Footprint, node: Tree) -> None:
    for each in range_vars(node):
        relation(footprint, each)


def _grant(footprint: Footprint, node: Tree) -> None:
    _named_relations(footprint, node)
    ask_about_granted(footprint, node)


_READERS: Mapping[str, Callable[[Footprint, Any], None]] = {
    "AlterTableStmt": ask_about_commands,
    "ClusterStmt": ask_about_relations,
    "CommentStmt": ask_about_commented,
    "CreateFunctionStmt": ask_about_function,
    "CreatePolicyStmt": ask_about_policy,
    "CreatePublicationStmt": _named_relations,
    "CreateStatsStmt": ask_about_relations,
    "CreateStmt": ask_about_table,
    "CreateTableAsStmt": ask_about_table_as,
    "GrantStmt": _grant,
    "IndexStmt": ask_about_index,
    "LockStmt": _named_relations,
    "RefreshMatViewStmt": ask_about_relations,
    "ReindexStmt": ask_about_relations,
    "TruncateStmt": ask_about_relations,
    "VacuumStmt": ask_about_relations,
    "ViewStmt": ask_about_view,
}
