"""DELETE: the rows that are gone, and what foreign keys do to those that refer to them."""
# SQL is what this module writes; names are quoted, all else is written from trees

from ....model.plan import Relation
from ....model.schema import ForeignKey
from ...parse import Tree
from ..row_states import Changed, Empty, Filtered, State, item
from ..writing import UnwrittenError, quoted
from .scene import DEEPEST, RowChanges, Scene, alias_of, where_of


def deleted(scene: Scene, table: Relation, node: Tree) -> RowChanges:
    alias = alias_of(node)
    where, reads = where_of(scene, table, node)
    after: dict[Relation, State] = {}
    gone: dict[Relation, State] = {}
    nulled: dict[Relation, frozenset[str]] = {}
    written: dict[Relation, State] = {}
    current = scene.passed.state(table)
    if where is None:
        after[table] = Empty(scene.types(table))
        gone[table] = current
    else:
        after[table] = Filtered(current, alias, f"({where}) IS NOT TRUE", reads)
        gone[table] = Filtered(current, alias, where, reads)
    waiting = [table]
    while waiting:
        here = waiting.pop()
        for subject, key in scene.referencing(here):
            other = subject.name[0], subject.name[1]
            if key.on_delete in ("no action", "restrict") or not key.enforced:
                continue
            if other in gone or other in nulled or key.on_delete_columns or len(gone) > DEEPEST:
                raise UnwrittenError
            refers, wanted = _refers(scene, key, gone[here], other)
            others = (gone[here],)
            state = scene.passed.state(other)
            if key.on_delete == "cascade":
                scene.insist_on_plain(other, "delete")
                after[other] = Filtered(state, other[1], f"({refers}) IS NOT TRUE", wanted, others)
                gone[other] = Filtered(state, other[1], refers, wanted, others)
                waiting.append(other)
            elif key.on_delete == "set null":
                scene.insist_on_plain(other, "update")
                nulls = {name: scene.cast("NULL", scene.column(other, name).type) for name in key.columns}
                after[other] = Changed(state, other[1], nulls, wanted, refers, others=others)
                written[other] = Changed(Filtered(state, other[1], refers, wanted, others), other[1], nulls, wanted)
                nulled[other] = frozenset(key.columns)
            else:
                raise UnwrittenError
    return RowChanges(after, written, gone, nulled=nulled)


def _refers(scene: Scene, key: ForeignKey, gone: State, other: Relation) -> tuple[str, frozenset[str]]:
    """The condition that a row of *other* refers to one of those that are *gone*."""
    scene.insist_on_known(other, key.columns)
    pairs = zip(key.columns, key.referenced_columns, strict=True)
    same = " AND ".join(
        f'"~gone".{quoted(theirs)} OPERATOR(pg_catalog.=) {quoted(other[1])}.{quoted(ours)}' for ours, theirs in pairs
    )
    deleted = item(gone, key.referenced_columns, "~gone")
    return f"EXISTS (SELECT FROM {deleted} WHERE {same})", frozenset(key.columns)
