"""Statements that take a lock and touch no row: names, views, triggers, policies, sequences, comments, rights."""

from ...model.plan import LockMode
from ...model.schema import Kind, Publication, Subject
from ..parse import Tree
from .constraints import lock_referenced
from .footprint import Footprint
from .partitions import add_partition
from .rows import query, range_vars

# From this version on GRANT and REVOKE lock the relation.
_GRANT_LOCKS = 18
_OF_RELATIONS = frozenset(
    {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_INDEX", "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE"}
)
_PASSED_ON = frozenset({"OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER"})
_OF_PARTS = frozenset(
    {"OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE", "OBJECT_ATTRIBUTE"}
)


def create_table(footprint: Footprint, node: Tree) -> None:
    """A new table locks what it refers to, what it is like, and what it is a part of."""
    elements = node.get("tableElts", ())
    for element in elements:
        definition = element.get("ColumnDef", {})
        for each in (element, *definition.get("constraints", ())):
            constraint = each.get("Constraint", {})
            if constraint.get("contype") == "CONSTR_FOREIGN":
                lock_referenced(footprint, constraint)
        if "TableLikeClause" in element:
            footprint.lock(footprint.before.find(element["TableLikeClause"]["relation"]), LockMode.ACCESS_SHARE)
    for parent in node.get("inhRelations", ()):
        found = footprint.before.find(parent["RangeVar"])
        if found is None:
            continue
        if "partbound" in node:
            add_partition(footprint, found, LockMode.ACCESS_EXCLUSIVE, node["partbound"])
        else:
            footprint.lock(found, LockMode.SHARE_UPDATE_EXCLUSIVE)


def create_view(footprint: Footprint, node: Tree) -> None:
    if node.get("replace"):
        footprint.lock(footprint.before.find(node["view"]), LockMode.ACCESS_EXCLUSIVE)
    for range_var in range_vars(node["query"]):
        footprint.lock(footprint.before.find(range_var), LockMode.ACCESS_SHARE)


def create_table_as(footprint: Footprint, node: Tree) -> None:
    into = node.get("into", {})
    if not into.get("skipData"):
        query(footprint, node["query"])


def rename(footprint: Footprint, node: Tree) -> None:
    if "relation" not in node:
        return
    found = footprint.before.find(node["relation"])
    kind = footprint.before.kind(found)
    if found is None:
        return
    if kind in (Kind.INDEX, Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.EXCLUSION):
        # ALTER TABLE locks an index as it would a table.
        is_alter_index = node["renameType"] == "OBJECT_INDEX"
        footprint.lock(found, LockMode.SHARE_UPDATE_EXCLUSIVE if is_alter_index else LockMode.ACCESS_EXCLUSIVE)
        return
    if node["renameType"] == "OBJECT_TABCONSTRAINT":
        for index, _ in footprint.before.indexes(found):
            if index[1] == node["subname"]:
                footprint.lock(index, LockMode.SHARE_UPDATE_EXCLUSIVE)
    passed_on = node["renameType"] in _PASSED_ON and node["relation"].get("inh")
    footprint.lock_all(footprint.before.family(found) if passed_on else (found,), LockMode.ACCESS_EXCLUSIVE)


def on_table(footprint: Footprint, node: Tree, field: str, mode: LockMode) -> None:
    """What has one table in *field* and locks it."""
    if field in node:
        footprint.lock(footprint.before.find(node[field]), mode)


def create_trigger(footprint: Footprint, node: Tree) -> None:
    table = footprint.before.find(node["relation"])
    if table is not None:
        footprint.lock_all(footprint.before.partitions(table), LockMode.SHARE_ROW_EXCLUSIVE)
    on_table(footprint, node, "constrrel", LockMode.SHARE_ROW_EXCLUSIVE)


def alter_sequence(footprint: Footprint, node: Tree) -> None:
    sequence = footprint.before.find(node["sequence"])
    if sequence is None:
        return
    footprint.lock(sequence, LockMode.SHARE_ROW_EXCLUSIVE)
    if any(each["DefElem"]["defname"] != "owned_by" for each in node.get("options", ())):
        footprint.rewrite_file(sequence)


def comment(footprint: Footprint, node: Tree) -> None:
    words = [each["String"]["sval"] for each in node["object"].get("List", {}).get("items", ()) if "String" in each]
    if node["objtype"] in _OF_PARTS:
        words = words[:-1]
    elif node["objtype"] not in _OF_RELATIONS:
        return
    footprint.lock(footprint.before.named(words), LockMode.SHARE_UPDATE_EXCLUSIVE)


def grant(footprint: Footprint, node: Tree) -> None:
    if footprint.circumstances.version >= _GRANT_LOCKS:
        for each in range_vars(node.get("objects", [])):
            footprint.lock(footprint.before.find(each), LockMode.ACCESS_SHARE)


def create_statistics(footprint: Footprint, node: Tree) -> None:
    for each in range_vars(node["relations"]):
        footprint.lock(footprint.before.find(each), LockMode.SHARE_UPDATE_EXCLUSIVE)


def publish(footprint: Footprint, node: Tree) -> None:
    """Every table that a publication gets or loses, with those that inherit from it unless ONLY says so."""
    for each in range_vars(node.get("pubobjects", [])):
        found = footprint.before.find(each)
        if found is not None:
            family = footprint.before.family(found) if each.get("inh") else (found,)
            footprint.lock_all(family, LockMode.SHARE_UPDATE_EXCLUSIVE)
    was = footprint.before.objects.get(Subject(Kind.PUBLICATION, (node["pubname"],)))
    if node.get("action") == "AP_SetObjects" and isinstance(was, Publication):
        footprint.lock_all((each.table.relation for each in was.tables), LockMode.SHARE_UPDATE_EXCLUSIVE)
