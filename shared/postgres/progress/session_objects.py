"""Temporary tables, prepared statements and cursors: which statements of a script are about nothing else.

All of that ends with its session. Whether such a statement ran needs no answer: a statement that uses its result needs
it again, in the same session.
"""

from collections.abc import Iterator, Sequence

from ..parse import Statement, Tree, nodes_with

_SCHEMA = "pg_temp"
# Which field of the tree has the relation that a statement makes, and which the name of what else it makes or ends.
_MAKERS = {"CreateStmt": "relation", "CreateSeqStmt": "sequence", "ViewStmt": "view"}
_PREPARING = {"DeclareCursorStmt": "portalname", "PrepareStmt": "name"}
_ENDING = {"ClosePortalStmt": "portalname", "DeallocateStmt": "name", "FetchStmt": "portalname"}
_CHANGING = frozenset(
    {"AlterTableStmt", "CopyStmt", "DeleteStmt", "IndexStmt", "InsertStmt", "MergeStmt", "UpdateStmt"}
)
_WRITING = frozenset({"DeleteStmt", "InsertStmt", "MergeStmt", "UpdateStmt"})


def names_of_session(script: Sequence[Statement]) -> dict[int, frozenset[str]]:
    """What each statement of *script* that is about nothing else makes, changes or ends, by its place there."""
    known: frozenset[str] = frozenset()
    found: dict[int, frozenset[str]] = {}
    for number, statement in enumerate(script):
        made = frozenset(_made(statement))
        changed = frozenset(_changed(statement)) if known and not made else frozenset()
        if (made or (changed and changed <= known)) and not _writes_elsewhere(statement):
            found[number] = made | changed
            known |= made
    return found


def _made(statement: Statement) -> Iterator[str]:
    kind = statement.kind
    if (field := _PREPARING.get(kind)) is not None:
        yield statement.node[field]
    elif (relation := _relation_made(kind, statement)) is not None and _is_temporary(relation):
        yield relation["relname"]


def _relation_made(kind: str, statement: Statement) -> Tree | None:
    into = "into" if kind == "CreateTableAsStmt" else "intoClause" if kind == "SelectStmt" else None
    clause: Tree = statement.node if into is None else statement.node.get(into, {})
    relation: Tree | None = clause.get(_MAKERS.get(kind, "rel"))
    return relation


def _is_temporary(relation: Tree) -> bool:
    return relation.get("relpersistence") == "t" or relation.get("schemaname") == _SCHEMA


def _changed(statement: Statement) -> Iterator[str]:
    """Names of what *statement* changes or ends, if it is temporary; a schema of its own makes it something else."""
    kind, node = statement.kind, statement.node
    if (field := _ENDING.get(kind)) is not None:
        yield node.get(field, "")
    elif kind == "DropStmt":
        for each in node["objects"]:
            names = [item["String"]["sval"] for item in each.get("List", {}).get("items", ()) if "String" in item]
            yield ".".join(name for name in names if name != _SCHEMA)
    elif kind in ("TruncateStmt", "VacuumStmt"):
        for each in node.get("relations") or node.get("rels") or ():
            yield _named(each.get("RangeVar") or each["VacuumRelation"].get("relation", {}))
    elif kind in _CHANGING and "relation" in node:
        yield _named(node["relation"])


def _named(relation: Tree) -> str:
    schema = relation.get("schemaname", _SCHEMA)
    return relation.get("relname", "") if schema == _SCHEMA else f"{schema}.{relation['relname']}"


def _writes_elsewhere(statement: Statement) -> bool:
    """Say whether a query within it changes rows. What is prepared is not run by that."""
    if statement.kind == "PrepareStmt":
        return False
    queries = (each["ctequery"] for each in nodes_with(statement.node, "ctequery"))
    return any(not _WRITING.isdisjoint(query) for query in queries)
