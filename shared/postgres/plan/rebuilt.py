"""An ALTER TABLE that rewrites a table builds all its indexes again, and checks what they hold (finish_heap_swap).

A valid unique index holds what it says. An INVALID one, which a failed CREATE UNIQUE INDEX CONCURRENTLY left, does not:
the rewrite fails with 23505 where that failed. VACUUM FULL and CLUSTER check nothing.
"""

from collections.abc import Collection

from ...model.plan import Relation
from ...model.schema import Expression, Index
from ..parse import Tree
from .constraints import unique
from .expressions import expression_of
from .footprint import Footprint


def rewrite(footprint: Footprint, table: Relation, *, without: Collection[Relation] = ()) -> None:
    """*table* and its indexes get new files. Those of *without* are dropped and made again."""
    footprint.rewrite(table, without=without)
    for name, subject in footprint.before.indexes(table):
        index = footprint.before.objects[subject]
        if not isinstance(index, Index) or index.valid or not index.unique:
            continue
        because = f"it fails where {table[1]} holds duplicates: {name[1]} is invalid, and is built again"
        keys = [key.column if key.column is not None else _tree(key.expression) for key in index.keys]
        known = [key for key in keys if key is not None]
        predicate = _tree(index.predicate)
        if len(known) < len(keys) or (predicate is None and index.predicate is not None):
            footprint.depends("23505", because, table)
        else:
            distinct = not index.nulls_not_distinct
            unique(footprint, table, known, because, predicate=predicate, nulls_distinct=distinct)


def _tree(expression: Expression | None) -> Tree | None:
    return None if expression is None else expression_of(expression.meaning)
