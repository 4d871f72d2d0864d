"""What depends on what is dropped: without CASCADE, the server refuses (2BP01)."""

from collections.abc import Iterator

from shared.model.plan import Relation
from shared.model.schema import Column, Definition, Index, Kind, Sequence, Subject
from shared.postgres.parse import Statement, Tree
from shared.postgres.plan.known import Changed, Known

_RELATIONS = frozenset({"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_INDEX", "OBJECT_SEQUENCE"})
# These go with the column or table that they are on.
_OWN_PARTS = frozenset(
    {Kind.INDEX, Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.EXCLUSION, Kind.CHECK, Kind.FOREIGN_KEY, Kind.SEQUENCE}
)


def dependent_objects(statement: Statement, before: Known, changed: Changed) -> Iterator[Subject]:
    """Objects that only CASCADE would take along, or change."""
    lost = [subject for subject, (was, now) in changed.items() if was is not None and now is None]
    if statement.kind == "DropStmt" and statement.node.get("behavior") != "DROP_CASCADE":
        without_default = [subject for subject, change in changed.items() if _loses_default(*change)]
        yield from _of_drop(statement.node, before, [*lost, *without_default])
    elif statement.kind == "AlterTableStmt":
        yield from _of_alter_table(statement.node, before, lost)


def _loses_default(was: Definition | None, now: Definition | None) -> bool:
    return isinstance(was, Column) and isinstance(now, Column) and was.default is not None and now.default is None


def _of_drop(node: Tree, before: Known, lost: list[Subject]) -> Iterator[Subject]:
    if node["removeType"] in _RELATIONS:
        # Partitions go along; tables that only inherit do not.
        named = [before.named([w["String"]["sval"] for w in each["List"]["items"]]) for each in node["objects"]]
        roots = {each for each in named if each is not None}
        family = {below for root in roots for below in before.partitions(root)}
        yield from (each for each in lost if not _belongs(before, each, family))
    elif node["removeType"] in ("OBJECT_TYPE", "OBJECT_DOMAIN", "OBJECT_FUNCTION", "OBJECT_PROCEDURE"):
        kinds = {Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE_TYPE, Kind.FUNCTION, Kind.PROCEDURE}
        yield from (each for each in lost if each.kind not in kinds)


def _belongs(before: Known, subject: Subject, family: set[Relation]) -> bool:
    definition = before.objects[subject]
    if isinstance(definition, Index) and (definition.table.name[0], definition.table.name[1]) in family:
        return True
    if isinstance(definition, Sequence) and definition.owner is not None:
        owner = definition.owner.name[0], definition.owner.name[1]
        return owner in family or (subject.name[0], subject.name[1]) in family
    return len(subject.name) > 1 and (subject.name[0], subject.name[1]) in family


def _of_alter_table(node: Tree, before: Known, lost: list[Subject]) -> Iterator[Subject]:
    table = before.find(node["relation"])
    commands = [each["AlterTableCmd"] for each in node["cmds"]]
    dropping = [each for each in commands if each["subtype"] in ("AT_DropColumn", "AT_DropConstraint")]
    if table is None or not dropping or any(each.get("behavior") == "DROP_CASCADE" for each in dropping):
        return
    columns = {each["name"] for each in dropping if each["subtype"] == "AT_DropColumn"}
    family = set(before.family(table))
    for subject in lost:
        if subject.kind is Kind.COLUMN:
            if subject.name[:2] not in family or subject.name[2] not in columns:
                yield subject
        elif subject.kind not in _OWN_PARTS or not _belongs(before, subject, family):
            yield subject
