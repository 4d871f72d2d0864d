"""Which changes of rows must not run in another order than they were written: one would undo, or miss, another's work.

``DELETE FROM t; INSERT INTO t …``: where somebody has run the second by hand and not the first, to run the first now
removes what the second made.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..model.value import dataclass
from .lacking import may_change_rows
from .parse import Statement, Tree, name_called, nodes_with
from .progress.steps import words

_WRITES = frozenset({"CopyStmt", "DeleteStmt", "InsertStmt", "MergeStmt", "TruncateStmt", "UpdateStmt"})
_REMOVES = frozenset({"DeleteStmt", "TruncateStmt"})
# They change no rows.
_HARMLESS = frozenset({"count", "max", "min", "nextval", "now", "set_config", "setval", "sum"})
_ADDING = frozenset({"+", "-"})


@dataclass(frozen=True, slots=True)
class Writing:
    """The tables whose rows a *statement* *writes*, and those that it *reads* besides. *is_any*: which is unknown."""

    statement: Statement
    writes: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    is_any: bool = False
    update: "_Update | None" = None

    def must_come_before(self, later: "Writing") -> bool:
        """Say whether it would do something else once *later* has run, or undo what that did."""
        if self.is_any or later.is_any or self._is_read_by(later) or later._is_read_by(self):
            return True
        return not (self.writes.isdisjoint(later.writes) or _commute(self, later))

    def _is_read_by(self, other: "Writing") -> bool:
        """Say whether *other* reads what it writes; of an UPDATE these are the columns that it sets."""
        if self.writes.isdisjoint(other.reads):
            return False
        if self.update is None or any(nodes_with(other.statement.tree, "A_Star")):
            return True
        return not self.update.sets.isdisjoint(_columns(other.statement.tree))


def writing(statement: Statement) -> Writing | None:
    """None where *statement* changes no rows, and makes none of others."""
    if statement.kind == "DoStmt":
        found = words(statement)
        return Writing(statement, found, found)
    named = Counter(each["relname"] for each in nodes_with(statement.tree, "relname"))
    if statement.kind == "CreateTableAsStmt":
        return Writing(statement, reads=frozenset(named))
    written = Counter(_written(statement.tree))
    if written:
        update = _Update(statement) if statement.kind == "UpdateStmt" else None
        return Writing(statement, frozenset(written), frozenset(named - written), update=update)
    if statement.kind in ("CallStmt", "ExecuteStmt") or (may_change_rows(statement) and _calls_anything(statement)):
        return Writing(statement, is_any=True)
    return None


def _written(tree: Any) -> Iterator[str]:
    for kind in _WRITES:
        for each in nodes_with(tree, kind):
            relations = [each[kind]["relation"]] if "relation" in each[kind] else each[kind].get("relations", ())
            yield from (one.get("RangeVar", one)["relname"] for one in relations)


def _calls_anything(statement: Statement) -> bool:
    names = map(name_called, nodes_with(statement.node, "funcname"))
    return any(name not in _HARMLESS and not name.startswith(("pg_", "lo_")) for name in names)


def _commute(one: Writing, other: Writing) -> bool:
    """Say whether two that write to the same table do the same in any order, as far as each reads no other one."""
    kinds = {one.statement.kind, other.statement.kind}
    if kinds == {"InsertStmt"}:
        return "onConflictClause" not in one.statement.node and "onConflictClause" not in other.statement.node
    if (first := one.update) is not None and (second := other.update) is not None:
        both = first.sets & second.sets - (first.adds & second.adds)
        return not (both or first.sets & second.uses or second.sets & first.uses)
    return kinds <= _REMOVES


class _Update:
    """The columns that an UPDATE *sets*, those of them to which it only *adds* a constant, and those that it *uses*."""

    def __init__(self, statement: Statement) -> None:
        targets = [each["ResTarget"] for each in statement.node["targetList"]]
        self.sets = frozenset(each["name"] for each in targets)
        self.adds = frozenset(each["name"] for each in targets if _only_adds(each))
        values = [each for each in targets if each["name"] not in self.adds]
        using = [values, statement.node.get("whereClause"), statement.node.get("fromClause")]
        self.uses = frozenset(_columns(using))


def _only_adds(target: Tree) -> bool:
    expression = target["val"].get("A_Expr", {})
    operator = [each["String"]["sval"] for each in expression.get("name", ())]
    column = expression.get("lexpr", {}).get("ColumnRef", {})
    is_own = list(_column(column)) == [target["name"]]
    return is_own and _ADDING.issuperset(operator) and "A_Const" in expression.get("rexpr", {})


def _columns(tree: Any) -> Iterator[str]:
    return (name for each in nodes_with(tree, "fields") for name in _column(each))


def _column(reference: Tree) -> Iterator[str]:
    yield from (each["String"]["sval"] for each in reference.get("fields", ())[-1:] if "String" in each)
