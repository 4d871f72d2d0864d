"""What depends on what is dropped: without CASCADE, the server refuses (2BP01)."""

from collections.abc import Iterator

from ...model.plan import Relation
from ...model.schema import (
    CONSTRAINTS,
    OPERATOR_GROUPS,
    ROUTINES,
    TYPES,
    Column,
    Definition,
    ForeignKey,
    Index,
    Kind,
    PrimaryKey,
    Sequence,
    Statistics,
    Subject,
    Unique,
)
from ..object_types import RELATION_TYPES, SCHEMA_TYPES
from ..parse import Statement, Tree
from .known import Changed, Known

_DROPPING = frozenset({"AT_DropColumn", "AT_DropConstraint"})
# These go with the column or table that they are on.
_OWN_PARTS = frozenset({*CONSTRAINTS, Kind.INDEX, Kind.SEQUENCE, Kind.STATISTICS})


# DROP takes others of their kind along only if it names them.
_ALONE = {**SCHEMA_TYPES, "OBJECT_OPCLASS": Kind.OPERATOR_CLASS, "OBJECT_OPERATOR": Kind.OPERATOR}


def dependent_objects(statement: Statement, before: Known, changed: Changed) -> Iterator[Subject]:
    """Objects that only CASCADE would take along, or change, of those that *before* has.

    An index that this server named otherwise than newer ones do goes along as well.
    """
    present = {subject: change for subject, change in changed.items() if subject in before.objects}
    lost = [
        subject
        for subject, (was, now) in present.items()
        if was is not None and now is None and subject.kind is not Kind.CLUSTER_MARK  # no object, but its index's mark
    ]
    if statement.kind == "DropStmt" and statement.node.get("behavior") != "DROP_CASCADE":
        without_default = [subject for subject, change in present.items() if _loses_default(*change)]
        yield from _of_drop(statement.node, before, [*lost, *without_default])
    elif statement.kind == "AlterTableStmt":
        yield from own_keys(statement.node, before, changed)
        yield from _of_alter_table(statement.node, before, lost)


def _loses_default(was: Definition | None, now: Definition | None) -> bool:
    return isinstance(was, Column) and isinstance(now, Column) and was.default is not None and now.default is None


def _of_drop(node: Tree, before: Known, lost: list[Subject]) -> Iterator[Subject]:
    if node["removeType"] in RELATION_TYPES:
        # Partitions go along; tables that only inherit do not.
        named = [before.named([w["String"]["sval"] for w in each["List"]["items"]]) for each in node["objects"]]
        roots = {each for each in named if each is not None}
        family = {below for root in roots for below in before.partitions(root)}
        yield from (each for each in lost if not _belongs(before, each, family))
    elif node["removeType"] == "OBJECT_OPFAMILY":
        yield from (each for each in lost if each.kind not in OPERATOR_GROUPS)
    elif (kind := _ALONE.get(node["removeType"])) is not None:
        yield from (each for each in lost if each.kind is not kind)
    elif node["removeType"] in ("OBJECT_TYPE", "OBJECT_DOMAIN", "OBJECT_FUNCTION", "OBJECT_PROCEDURE"):
        kinds = {*TYPES, *ROUTINES}
        yield from (each for each in lost if each.kind not in kinds)


def _belongs(before: Known, subject: Subject, family: set[Relation]) -> bool:
    definition = before.objects[subject]
    if isinstance(definition, Index | Statistics) and definition.table.relation in family:
        return True
    if isinstance(definition, Sequence) and definition.owner is not None:
        owner = definition.owner.name[0], definition.owner.name[1]
        return owner in family or (subject.name[0], subject.name[1]) in family
    return len(subject.name) > 1 and (subject.name[0], subject.name[1]) in family


def _of_alter_table(node: Tree, before: Known, lost: list[Subject]) -> Iterator[Subject]:
    table = before.find(node["relation"])
    dropping = _dropping(node)
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


def _dropping(node: Tree) -> list[Tree]:
    """The commands of an ALTER TABLE that drop a column or a constraint."""
    commands = (each["AlterTableCmd"] for each in node["cmds"])
    return [each for each in commands if each["subtype"] in _DROPPING]


def own_keys(node: Tree, before: Known, changed: Changed, *, of_others: bool = False) -> Iterator[Subject]:
    """Foreign keys of a table to itself, or to it at all, that are there when an ALTER TABLE drops what they refer to.

    The server drops one by one, as written. Of several keys of the same columns only one is what they rely on: the
    replay takes them along with it.
    """
    table = before.find(node["relation"])
    dropping = _dropping(node)
    if table is None or not dropping:
        return
    for subject, key in before.referencing(table):
        is_own = subject.name[:2] == table
        if not is_own and not of_others:
            continue
        for command in dropping:
            is_key = command["subtype"] == "AT_DropConstraint"
            if is_key:
                goes, loses = command["name"] == subject.name[2], _is_key_of(before, table, command["name"], key)
            else:
                goes, loses = command["name"] in key.columns, command["name"] in key.referenced_columns
            if is_key and not (_is_only_key(before, table, key) or subject in changed):
                loses = False
            goes = goes and is_own
            if loses and not goes and command.get("behavior") != "DROP_CASCADE":
                yield subject
            if loses or goes:
                break


def _is_key_of(before: Known, table: Relation, name: str, key: ForeignKey) -> bool:
    found = before.constraint(table, name)
    definition = before.objects.get(found) if found is not None else None
    return isinstance(definition, PrimaryKey | Unique) and {*definition.columns} == {*key.referenced_columns}


def _is_only_key(before: Known, table: Relation, key: ForeignKey) -> bool:
    found = 0
    for _, each in before.parts(table, Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.INDEX):
        columns = {one.column for one in each.keys} if isinstance(each, Index) and each.unique else None
        if isinstance(each, PrimaryKey | Unique):
            columns = {*each.columns}
        found += columns == {*key.referenced_columns}
    return found == 1
