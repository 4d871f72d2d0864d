"""What a statement assigns to the columns of a row."""

from collections.abc import Iterator

from ....model.plan import Condition, Relation
from ...parse import Tree
from ..footprint import Footprint, Stage
from ..row_changes import Assigned

Found = Iterator[tuple[Stage, Condition]]


def own_column(tree: Tree, table: Relation) -> str | None:
    """The column that an expression is, where it is surely one of *table*: behind another name it may be another's."""
    fields = [each.get("String", {}).get("sval") for each in tree.get("ColumnRef", {}).get("fields", ())]
    return fields[-1] if len(fields) == 1 or fields[:-1] == [table[1]] else None


def is_same(assigned: Assigned, table: Relation, name: str) -> bool:
    """Say whether a column of *table* is assigned its own value."""
    return assigned.tree is not None and own_column(assigned.tree, table) == name


def generated_columns(footprint: Footprint, table: Relation) -> set[str]:
    return {name for name, column in footprint.before.columns(table) if column.generated is not None}
