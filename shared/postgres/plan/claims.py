"""The names that a statement takes: it fails where one of them is taken already.

Names that the server chooses itself are not among them: it takes the next free one. Nor are those after IF NOT EXISTS
and OR REPLACE.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...model.schema import Kind, Subject
from ..canonical import with_method
from ..object_types import CONSTRAINT_TYPES, RELATION_TYPES, SCHEMA_TYPES
from ..parse import Statement, Tree

_WITH_INDEX = {"CONSTR_UNIQUE", "CONSTR_EXCLUSION", "CONSTR_PRIMARY"}
_RENAMED_PARTS = {
    "OBJECT_COLUMN": Kind.COLUMN, "OBJECT_TABCONSTRAINT": Kind.CHECK, "OBJECT_TRIGGER": Kind.TRIGGER,
    "OBJECT_POLICY": Kind.POLICY, "OBJECT_RULE": Kind.RULE,
}  # fmt: skip


def claims(statement: Statement, watched: str) -> Iterator[Subject]:
    """Every name that *statement* takes, as the subject of what it makes; *watched* is what no schema means.

    A primary key is claimed by its own name, behind its table's: ``primary key s.t.t_pkey``, or by its table's alone
    where it has none.
    """
    reader = _READERS.get(statement.kind)
    if reader is not None and not statement.node.get("if_not_exists") and not statement.node.get("replace"):
        yield from reader(statement.node, watched)


def new_value(statement: Statement) -> str | None:
    """The value that ALTER TYPE adds to an enum, where it fails if the enum has it."""
    node = statement.node
    if statement.kind != "AlterEnumStmt" or node.get("skipIfNewValExists"):
        return None
    value: str | None = node.get("newVal")
    return value


def _relation(range_var: Tree, watched: str) -> tuple[str, str]:
    return range_var.get("schemaname", watched), range_var["relname"]


def _named(names: list[Tree], watched: str) -> tuple[str, str]:
    words = [each["String"].get("sval", "") for each in names]
    return (words[-2] if len(words) > 1 else watched), words[-1]


def _table(node: Tree, watched: str) -> Iterator[Subject]:
    relation = node["relation"]
    if relation.get("relpersistence") == "t":
        return
    name = _relation(relation, watched)
    yield Subject(Kind.TABLE, name)
    for element in node.get("tableElts", ()):
        own = element.get("ColumnDef", {}).get("constraints", ())
        for each in (element, *own):
            constraint = each.get("Constraint", {})
            if constraint.get("contype") in _WITH_INDEX and "conname" in constraint:
                yield Subject(CONSTRAINT_TYPES[constraint["contype"]], (*name, constraint["conname"]))


def _foreign_table(node: Tree, watched: str) -> Iterator[Subject]:
    base = node["base"]
    yield Subject(Kind.FOREIGN_TABLE, _relation(base["relation"], watched))


def _table_as(node: Tree, watched: str) -> Iterator[Subject]:
    if node["into"]["rel"].get("relpersistence") != "t":
        kind = Kind.MATERIALIZED_VIEW if node["objtype"] == "OBJECT_MATVIEW" else Kind.TABLE
        yield Subject(kind, _relation(node["into"]["rel"], watched))


def _view(node: Tree, watched: str) -> Iterator[Subject]:
    if node["view"].get("relpersistence") != "t":
        yield Subject(Kind.VIEW, _relation(node["view"], watched))


def _index(node: Tree, watched: str) -> Iterator[Subject]:
    if "idxname" in node:
        yield Subject(Kind.INDEX, (_relation(node["relation"], watched)[0], node["idxname"]))


def _alter_table(node: Tree, watched: str) -> Iterator[Subject]:
    if node.get("missing_ok"):
        return  # ALTER TABLE IF EXISTS: there may be nothing to alter
    table = _relation(node["relation"], watched)
    for command in sorted((each["AlterTableCmd"] for each in node["cmds"]), key=_pass):
        if command["subtype"] == "AT_AddColumn" and not command.get("missing_ok"):
            yield Subject(Kind.COLUMN, (*table, command["def"]["ColumnDef"]["colname"]))
        elif command["subtype"] == "AT_AddConstraint":
            constraint = command["def"]["Constraint"]
            kind = CONSTRAINT_TYPES.get(constraint["contype"])
            if kind is not None and "conname" in constraint:
                yield Subject(kind, (*table, constraint["conname"]))
            elif kind is Kind.PRIMARY_KEY and "indexname" not in constraint:
                yield Subject(kind, table)


def _pass(command: Tree) -> int:
    """The server first adds columns, then indexes, then all other constraints."""
    if command["subtype"] == "AT_AddConstraint":
        return 1 if command["def"]["Constraint"]["contype"] in _WITH_INDEX else 2
    return 0


def _rename(node: Tree, watched: str) -> Iterator[Subject]:
    kind, new = node["renameType"], node["newname"]
    if node.get("missing_ok"):
        return
    if kind in RELATION_TYPES:
        yield Subject(RELATION_TYPES[kind], (_relation(node["relation"], watched)[0], new))
    elif kind in _RENAMED_PARTS:
        yield Subject(_RENAMED_PARTS[kind], (*_relation(node["relation"], watched), new))
    elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        names = node["object"]["List"]["items"]
        yield Subject(Kind.DOMAIN if kind == "OBJECT_DOMAIN" else Kind.ENUM, (_named(names, watched)[0], new))


def _statistics(node: Tree, watched: str) -> Iterator[Subject]:
    if "defnames" in node:
        yield Subject(Kind.STATISTICS, _named(node["defnames"], watched))


def _defined(node: Tree, watched: str) -> Iterator[Subject]:
    if node["kind"] in SCHEMA_TYPES:
        yield Subject(SCHEMA_TYPES[node["kind"]], _named(node["defnames"], watched))


def _operator_group(node: Tree, watched: str) -> Iterator[Subject]:
    kind, field = (
        (Kind.OPERATOR_CLASS, "opclassname") if "opclassname" in node else (Kind.OPERATOR_FAMILY, "opfamilyname")
    )
    schema, name = _named(node[field], watched)
    yield Subject(kind, (schema, with_method(name, node["amname"])))


def _schema(node: Tree, _watched: str) -> Iterator[Subject]:
    if "schemaname" in node:
        yield Subject(Kind.SCHEMA, (node["schemaname"],))


_READERS: Mapping[str, Callable[[Any, str], Iterator[Subject]]] = {
    "AlterTableStmt": _alter_table,
    "CompositeTypeStmt": lambda node, watched: iter(
        (Subject(Kind.COMPOSITE_TYPE, _relation(node["typevar"], watched)),)
    ),
    "CreateDomainStmt": lambda node, watched: iter((Subject(Kind.DOMAIN, _named(node["domainname"], watched)),)),
    "CreateEnumStmt": lambda node, watched: iter((Subject(Kind.ENUM, _named(node["typeName"], watched)),)),
    "CreateEventTrigStmt": lambda node, _: iter((Subject(Kind.EVENT_TRIGGER, (node["trigname"],)),)),
    "CreateExtensionStmt": lambda node, _: iter((Subject(Kind.EXTENSION, (node["extname"],)),)),
    "CreateForeignTableStmt": _foreign_table,
    "CreatePolicyStmt": lambda node, watched: iter(
        (Subject(Kind.POLICY, (*_relation(node["table"], watched), node["policy_name"])),)
    ),
    "CreatePublicationStmt": lambda node, _: iter((Subject(Kind.PUBLICATION, (node["pubname"],)),)),
    "CreateRangeStmt": lambda node, watched: iter((Subject(Kind.RANGE, _named(node["typeName"], watched)),)),
    "CreateSchemaStmt": _schema,
    "CreateOpClassStmt": _operator_group,
    "CreateOpFamilyStmt": _operator_group,
    "CreateSeqStmt": lambda node, watched: iter((Subject(Kind.SEQUENCE, _relation(node["sequence"], watched)),)),
    "CreateStmt": _table,
    "CreateStatsStmt": _statistics,
    "CreateSubscriptionStmt": lambda node, _: iter((Subject(Kind.SUBSCRIPTION, (node["subname"],)),)),
    "CreateTableAsStmt": _table_as,
    "CreateTrigStmt": lambda node, watched: iter(
        (Subject(Kind.TRIGGER, (*_relation(node["relation"], watched), node["trigname"])),)
    ),
    "DefineStmt": _defined,
    "IndexStmt": _index,
    "RenameStmt": _rename,
    "RuleStmt": lambda node, watched: iter(
        (Subject(Kind.RULE, (*_relation(node["relation"], watched), node["rulename"])),)
    ),
    "ViewStmt": _view,
}
