"""DROP, RENAME, SET SCHEMA and COMMENT: names of another kind, taken names, and names that do not exist."""

from collections.abc import Iterator

from ....model.plan import Relation
from ....model.schema import INDEXED_CONSTRAINTS, RELATIONS, Kind, Subject
from ...object_types import RELATION_TYPES
from ...parse import Tree
from ..footprint import Failure, Footprint
from ..taken_names import TakenNames
from . import not_null
from .tables import is_inherited, missing_schema


def drop(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    dropped = RELATION_TYPES.get(node["removeType"])
    if dropped is not None:
        kinds = (dropped, *INDEXED_CONSTRAINTS) if dropped is Kind.INDEX else (dropped,)
        for each in node["objects"]:
            words = [word["String"]["sval"] for word in each["List"]["items"]]
            found = footprint.before.named(words)
            kind = footprint.before.kind(found)
            if kind is not None and kind not in kinds:
                yield Failure("42809", f"{words[-1]} is a {kind}")
    elif node["removeType"] == "OBJECT_SCHEMA" and node.get("behavior") != "DROP_CASCADE":
        for each in node["objects"]:
            name = each["String"]["sval"]
            inside = next(
                (
                    subject
                    for subject in footprint.before.objects
                    if subject.name[:1] == (name,) and len(subject.name) > 1
                ),
                None,
            )
            if inside is not None:
                yield Failure("2BP01", f"{inside} depends on it, and the statement has no CASCADE")


def rename(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    kind, new = node["renameType"], node["newname"]
    objects = footprint.before.objects
    relation = footprint.before.find(node["relation"]) if "relation" in node else None
    if relation is None:
        return
    if kind in RELATION_TYPES:
        subject = footprint.before.subject(relation)
        if subject is None:
            return
        made = Kind.TABLE if subject.kind in RELATIONS else Kind.INDEX
        taken = TakenNames(footprint.before).taken(Subject(made, (relation[0], new)))
        if taken is not None:
            yield Failure(taken[1], f"{taken[0]} exists already")
    elif kind == "OBJECT_COLUMN":
        yield from _column(footprint, relation, node["subname"], new)
    elif kind == "OBJECT_TABCONSTRAINT":
        yield from _constraint(footprint, relation, node["subname"], new)
    elif kind == "OBJECT_TRIGGER" and Subject(Kind.TRIGGER, (*relation, new)) in objects:
        yield Failure("42710", f"trigger {new} of {relation[1]} exists already")


def _column(footprint: Footprint, table: Relation, old: str, new: str) -> Iterator[Failure]:
    if is_inherited(footprint, table, old):
        yield Failure("42P16", f"{old} is inherited: it cannot be renamed here")
    if Subject(Kind.COLUMN, (*table, new)) in footprint.before.objects:
        yield Failure("42701", f"column {new} of {table[1]} exists already")


def _constraint(footprint: Footprint, table: Relation, old: str, new: str) -> Iterator[Failure]:
    inherited = footprint.before.inherited_constraint(table, old)
    if inherited is not None and inherited.kind is Kind.CHECK:
        yield Failure("42P16", f"{old} is inherited from {inherited.name[1]}: it cannot be renamed here")
    if footprint.before.constraint(table, old) is None and table not in footprint.circumstances.vague:
        column = not_null.required_as(footprint, table, old)
        if column is None:
            yield Failure("42704", f"constraint {old} of {table[1]} does not exist")
        elif (above := not_null.inherited_from(footprint, table, column)) is not None:
            yield Failure("42P16", f"{old} is inherited from {above[1]}: it cannot be renamed here")
    if footprint.before.constraint(table, new) is not None or not_null.required_as(footprint, table, new) is not None:
        yield Failure("42710", f"constraint {new} of {table[1]} exists already")


def set_schema(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    if (missing := missing_schema(footprint, node["newschema"])) is not None:
        yield missing
    relation = footprint.before.find(node["relation"]) if "relation" in node else None
    if relation is None or relation[0] == node["newschema"]:
        return
    if footprint.before.kind((node["newschema"], relation[1])) is not None:
        yield Failure("42P07", f"{relation[1]} exists already in schema {node['newschema']}")


def comment(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    if node["objtype"] != "OBJECT_COLUMN":
        return
    words = [each["String"]["sval"] for each in node["object"]["List"]["items"]]
    table = footprint.before.named(words[:-1])
    if table is None or footprint.before.kind(table) is not Kind.TABLE or table in footprint.circumstances.vague:
        return
    if footprint.before.column(table, words[-1]) is None:
        yield Failure("42703", f"column {words[-1]} of {table[1]} does not exist")
