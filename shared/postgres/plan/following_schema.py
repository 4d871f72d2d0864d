"""Brings `Known` to what it is behind a statement: columns in their order, and what temporary relations hide.

The order is that of an INSERT without names, and of ``*``.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from ...model.plan import Relation
from ...model.schema import Kind
from ..parse import Statement, Tree, nodes_with
from .known import Changed, Known

_TEMPORARY = re.compile("temp", re.IGNORECASE)
_RENAMES = frozenset({"RenameStmt", "AlterObjectSchemaStmt"})


def apply_to(known: Known, statement: Statement, changed: Changed) -> None:
    """Bring *known* to what it is behind *statement*, which has *changed* it: a column that stays keeps its place."""
    _hide(known, statement)
    if statement.kind in _RENAMES:
        _rename(known, changed)
        return
    known.apply(changed)
    last = list(made_again(statement))
    table = known.find(statement.node["relation"]) if last else None
    for each in known.family(table) if table is not None else ():
        known.order_columns(each, [*(name for name, _ in known.columns(each) if name not in last), *last])


def _hide(known: Known, statement: Statement) -> None:
    """A temporary relation hides the one of its name, for as long as it is there."""
    if statement.kind == "DropStmt":
        words = (each.get("List", {}).get("items", ()) for each in statement.node["objects"])
        known.hidden -= {each[0]["String"]["sval"] for each in words if len(each) == 1}
    known.hidden |= {each["relname"] for each in temporary_relations(statement)}


def temporary_relations(statement: Statement) -> Iterator[Tree]:
    """The temporary relations that the statement makes; without the word it makes none."""
    if _TEMPORARY.search(statement.sql):
        yield from (each for each in nodes_with(statement.node, "relpersistence") if each["relpersistence"] == "t")


def made_again(statement: Statement) -> Iterator[str]:
    """The columns that one ALTER TABLE drops and adds: they come last."""
    commands = [each["AlterTableCmd"] for each in statement.node.get("cmds", ()) if "AlterTableCmd" in each]
    dropped = {each["name"] for each in commands if each["subtype"] == "AT_DropColumn"}
    for each in commands:
        if each["subtype"] == "AT_AddColumn" and each["def"]["ColumnDef"]["colname"] in dropped:
            yield each["def"]["ColumnDef"]["colname"]


def _rename(known: Known, changed: Changed) -> None:
    gone, new = _names(changed, 0), _names(changed, 1)
    before = {table: [name for name, _ in known.columns(table)] for table in gone}
    known.apply(changed)
    for table, names in before.items():
        now = table if table in new else next((each for each in new if new[each] == gone[table]), None)
        if now is None:
            continue
        renamed = dict(zip(gone[table], new[now], strict=True)) if len(gone[table]) == len(new[now]) == 1 else {}
        known.order_columns(now, [renamed.get(name, name) for name in names])


def _names(changed: Changed, state: int) -> dict[Relation, set[str]]:
    """The columns that are there only before (0) or only behind it (1), by table."""
    found: defaultdict[Relation, set[str]] = defaultdict(set)
    for subject, states in changed.items():
        if subject.kind is Kind.COLUMN and states[state] is not None and states[1 - state] is None:
            found[subject.name[0], subject.name[1]].add(subject.name[2])
    return found
