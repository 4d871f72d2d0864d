"""What an INSERT, UPDATE, DELETE or TRUNCATE makes of the rows, as queries over the rows before it.

What is not written here raises `UnwrittenError`: triggers, row security, tables with partitions, queries within.
"""

from collections.abc import Mapping

from ....model.schema import Column
from ...parse import Tree
from ..row_states import State
from ..writing import UnwrittenError
from .deleting import deleted
from .inserting import inserted
from .scene import EVENTS, Assigned, RowChanges, Scene
from .selecting import selected, source_of, with_columns
from .updating import as_update, updated

__all__ = ["EVENTS", "Assigned", "RowChanges", "Scene", "as_update", "changes_of", "rows_of"]

_MORE = ("withClause", "usingClause", "returningList")


def changes_of(scene: Scene, kind: str, node: Tree) -> RowChanges:
    """What the statement does to rows. Raises UnwrittenError where that cannot be said."""
    table = scene.before.find(node["relation"])
    if table is None:
        raise UnwrittenError
    scene.insist_on_plain(table, EVENTS.get(kind, ""), may_have_children=kind == "InsertStmt")
    if any(key in node for key in _MORE) or scene.before.calls_own(node):
        raise UnwrittenError("it reads more than its table, or calls functions of the database's own")
    if kind == "MergeStmt":
        kind, node = "UpdateStmt", as_update(node)
    changes = {"InsertStmt": inserted, "UpdateStmt": updated, "DeleteStmt": deleted}.get(kind)
    if changes is None:
        raise UnwrittenError
    return changes(scene, table, node)


def rows_of(scene: Scene, node: Tree, columns: Mapping[str, Column]) -> State:
    """The rows of a new table that a query fills: *columns* are the new table's."""
    query = node["SelectStmt"]
    if "valuesLists" in query:
        raise UnwrittenError
    query = with_columns(scene, query)
    source = source_of(scene, query)
    if scene.before.calls_own(query):
        raise UnwrittenError
    trees = [each["ResTarget"]["val"] for each in query["targetList"]]
    row = {name: Assigned(tree, scene.write(tree)) for name, tree in zip(columns, trees, strict=True)}
    return selected(scene, columns, row, query, source)
