"""Indexes built, rebuilt and dropped while others read and write."""

from ....model.plan import Relation
from ...canonical.sql import identifier
from ...parse import Statement, Tree
from ..known import Known
from .commands import columns, concurrently, spelled
from .parts import Part, Way


def build_index(statement: Statement, before: Known) -> Way | None:
    """CREATE INDEX."""
    table = before.find(statement.node["relation"])
    if table is None or not before.has_storage(table):
        return None  # of a partitioned table it cannot be built concurrently
    sql = concurrently(statement.sql, after="index")
    name = statement.node.get("idxname")
    index = spelled((table[0], name)) if name is not None else None
    return (_build(sql, index),) if sql is not None else None


def _build(sql: str, index: str | None) -> Part:
    return Part("Build the index while others read and write", (sql,), locks=False, alone=True, makes=index)


def rebuild_index(statement: Statement) -> Way | None:
    """REINDEX of an index or a table."""
    kind = statement.node["kind"]
    if kind not in ("REINDEX_OBJECT_INDEX", "REINDEX_OBJECT_TABLE"):
        return None
    sql = concurrently(statement.sql, after="index" if kind == "REINDEX_OBJECT_INDEX" else "table")
    return (Part("Rebuild while others read and write", (sql,), locks=False, alone=True),) if sql else None


def add_indexed(table: Relation, constraint: Tree, name: str, before: Known) -> Way | None:
    """ADD UNIQUE and ADD PRIMARY KEY: the index first."""
    if not before.has_storage(table) or constraint["contype"] == "CONSTR_EXCLUSION":
        return None
    is_primary = constraint["contype"] == "CONSTR_PRIMARY"
    keys = [key["String"]["sval"] for key in constraint.get("keys", ())]
    including = [key["String"]["sval"] for key in constraint.get("including", ())]
    index = identifier(name)
    sql = f"CREATE UNIQUE INDEX CONCURRENTLY {index} ON {spelled(table)} ({columns(keys)})"
    if including:
        sql += f" INCLUDE ({columns(including)})"
    if constraint.get("nulls_not_distinct"):
        sql += " NULLS NOT DISTINCT"
    kind = "PRIMARY KEY" if is_primary else "UNIQUE"
    deferred = " DEFERRABLE" if constraint.get("deferrable") else ""
    deferred += " INITIALLY DEFERRED" if constraint.get("initdeferred") else ""
    add = f"ALTER TABLE {spelled(table)} ADD CONSTRAINT {index} {kind} USING INDEX {index}{deferred}"
    return (
        _build(sql, spelled((table[0], name))),
        Part("Make the index the constraint: no row is read", (add,)),
    )
