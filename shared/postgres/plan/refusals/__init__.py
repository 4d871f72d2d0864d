"""What the server refuses for what the catalog holds, by the kind of statement, in the order in which it looks."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...parse import Statement
from ..footprint import Failure, Footprint
from . import alterations, indexes, names, programs, rows, tables, types


def refusals(statement: Statement, footprint: Footprint) -> Iterator[Failure]:
    """Those of *statement*, which the replay took."""
    reader = _READERS.get(statement.kind)
    if reader is not None:
        yield from reader(footprint, statement.node)


_READERS: Mapping[str, Callable[[Footprint, Any], Iterator[Failure]]] = {
    "AlterEnumStmt": types.alter_enum,
    "AlterObjectSchemaStmt": names.set_schema,
    "AlterTableStmt": alterations.alter_table,
    "ClusterStmt": indexes.cluster,
    "CommentStmt": names.comment,
    "CreateEnumStmt": types.create_enum,
    "CreateFunctionStmt": programs.create_function,
    "CreateStatsStmt": indexes.create_statistics,
    "CreateStmt": tables.create_table,
    "CreateTableAsStmt": tables.create_table_as,
    "CreateTrigStmt": programs.create_trigger,
    "DropStmt": names.drop,
    "InsertStmt": rows.insert,
    "IndexStmt": indexes.create_index,
    "RefreshMatViewStmt": indexes.refresh,
    "RenameStmt": names.rename,
    "SelectStmt": programs.set_sequence,
    "TruncateStmt": tables.truncate,
    "UpdateStmt": rows.update,
    "ViewStmt": programs.create_view,
}
