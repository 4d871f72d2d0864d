"""Parts of statements: columns with their constraints, indexes, policies, types."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ....model.plan import Analysis, Relation
from ....model.question import Question
from ....model.schema import Column, Kind
from ...parse import Tree, nodes_with
from ..expression_questions import (
    Columns,
    condition,
    default,
    relation,
    value,
)
from ..footprint import Footprint
from ..writing import quoted


def ask_about_constraint(
    footprint: Footprint, table: Relation, columns: Mapping[str, Column], name: str | None, constraint: Tree
) -> None:
    """The expression of a CHECK."""
    expression = constraint.get("raw_expr")
    if expression is None or any(True for _ in nodes_with(expression, "subLinkType")):
        return
    if constraint["contype"] == "CONSTR_CHECK":
        condition(footprint, table, columns, expression)
    elif constraint["contype"] == "CONSTR_DEFAULT" and name is not None:
        default(footprint, columns, name, expression)
    elif constraint["contype"] == "CONSTR_GENERATED" and name is not None:
        value(footprint, table, columns, expression, columns[name].type if name in columns else None)


def ask_about_elements(
    footprint: Footprint, table: Relation, columns: Mapping[str, Column], elements: Iterable[Tree]
) -> None:
    """The columns of a table, and its constraints."""
    for element in elements:
        definition = element.get("ColumnDef")
        if definition is not None:
            ask_about_type(footprint, definition["typeName"])
            for each in definition.get("constraints", ()):
                ask_about_constraint(footprint, table, columns, definition["colname"], each["Constraint"])
        elif "Constraint" in element:
            ask_about_constraint(footprint, table, columns, None, element["Constraint"])


def ask_about_type(footprint: Footprint, type_: Tree) -> None:
    """A type that neither the server's own names nor the database's are."""
    words = [each["String"].get("sval", "") for each in type_.get("names", ())]
    passed = footprint.circumstances.passed
    if len(words) == 1 and words[0] in ("serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"):
        return
    if words[:1] == ["pg_catalog"] or footprint.before.own_type(words) is not None or passed.is_pending(words[-1:]):
        return
    written = ".".join(map(quoted, words))
    footprint.ask(Analysis(Question(f"SELECT NULL::{written}", footprint.before.search_path), f"the type {words[-1]}"))


def ask_about_table(footprint: Footprint, node: Tree) -> None:
    """CREATE TABLE: what its columns and constraints are made of, and the tables that it refers to."""
    if node["relation"].get("relpersistence") == "t" or "ofTypename" in node or node.get("inhRelations"):
        return
    made = {subject: now for subject, (_, now) in footprint.changed.items()}
    table = next(((each.name[0], each.name[1]) for each in made if each.kind is Kind.TABLE), None)
    if table is None:
        return
    columns = {
        subject.name[2]: each
        for subject, each in made.items()
        if isinstance(each, Column) and subject.name[:2] == table
    }
    if any("TableLikeClause" in each for each in node.get("tableElts", ())) and not columns:
        return
    ask_about_elements(footprint, table, columns, node.get("tableElts", ()))
    for each in foreign_keys(node):
        relation(footprint, each["pktable"])


def foreign_keys(tree: Any) -> Iterator[Tree]:
    """The foreign keys in *tree*."""
    return (each for each in nodes_with(tree, "pktable"))


def ask_about_index(footprint: Footprint, node: Tree) -> None:
    """CREATE INDEX: its expressions and its condition."""
    table = footprint.before.find(node["relation"])
    if table is None or footprint.before.kind(table) is not Kind.TABLE or table in footprint.circumstances.vague:
        return
    columns = Columns(footprint, table)
    for each in node["indexParams"]:
        if "expr" in each["IndexElem"]:
            value(footprint, table, columns, each["IndexElem"]["expr"])
    if "whereClause" in node:
        condition(footprint, table, columns, node["whereClause"])


def ask_about_policy(footprint: Footprint, node: Tree) -> None:
    """CREATE POLICY: its conditions."""
    table = footprint.before.find(node["table"])
    if table is None or table in footprint.circumstances.vague:
        return
    columns = Columns(footprint, table)
    for field in ("qual", "with_check"):
        if field in node:
            condition(footprint, table, columns, node[field])
