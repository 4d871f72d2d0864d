"""ENABLE and DISABLE of triggers and rules; a foreign key whose triggers are off is not enforced."""

from ...model.schema import Doubt
from . import records
from .records import Oid
from .state import State

ENABLED = {
    "AT_EnableTrig": "origin", "AT_EnableTrigAll": "origin", "AT_EnableTrigUser": "origin",
    "AT_EnableAlwaysTrig": "always", "AT_EnableReplicaTrig": "replica", "AT_DisableTrig": "disabled",
    "AT_DisableTrigAll": "disabled", "AT_DisableTrigUser": "disabled",
    "AT_EnableRule": "origin", "AT_EnableAlwaysRule": "always", "AT_EnableReplicaRule": "replica",
    "AT_DisableRule": "disabled",
}  # fmt: skip
_ENFORCED = frozenset({"enforced"})
# ALL, and not USER, means internal triggers too.
_SWITCHES = {"AT_DisableTrigAll": True, "AT_EnableTrigAll": False}


def _switch_foreign_keys(state: State, table: Oid, *, off: bool) -> None:
    """A foreign key is checked by internal triggers on both of its tables; a partition's are its root's.

    PostgreSQL 13 and 14 have none on a partitioned table itself: there, its foreign keys stay as they are.
    """
    record = state.catalog.get(table, records.Table)
    is_partitioned = record is not None and record.partition_by is not None
    for oid, key in list(state.catalog.held(table, records.ForeignKey)):
        if table not in (key.table, key.referenced_table):
            continue
        root = oid
        while (above := state.catalog.expect(root, records.ForeignKey).parent) is not None:
            root = above
        switched = state.catalog.expect(root, records.ForeignKey).switched_off
        left_off = switched | {table} if off else switched - {table}
        state.catalog.change(root, switched_off=left_off)
        if off and is_partitioned:
            state.doubt(root, Doubt("PostgreSQL 13 and 14 leave a partitioned table's on", _ENFORCED))
        elif not left_off:
            state.know(root, _ENFORCED)


def enable(state: State, table: Oid, kind: str, name: str) -> None:
    if kind.endswith("Rule"):
        if (rule := state.catalog.find("rule", table, name)) is not None:
            state.catalog.change(rule, enabled=ENABLED[kind])
        return
    for oid, trigger in list(state.catalog.held(table, records.Trigger)):
        if trigger.table == table and (not name or trigger.name == name):
            state.catalog.change(oid, enabled=ENABLED[kind])
    if kind in _SWITCHES:
        _switch_foreign_keys(state, table, off=_SWITCHES[kind])
    for child, record in list(state.children(table)):
        if record.partition_of == table:
            enable(state, child, kind, name)
