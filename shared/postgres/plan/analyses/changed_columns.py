"""Commands of ALTER TABLE, and a column that gets another type, with what is kept of it."""

from collections.abc import Mapping, Set

from ....model.plan import Analysis, Relation
from ....model.question import Question
from ....model.schema import Column, Kind
from ...parse import Tree
from ..assignment import is_assignable
from ..expression_questions import (
    Columns,
    alone,
    default,
    relation,
    target,
    value,
)
from ..expressions import columns_in, expression_of
from ..footprint import Footprint
from ..kept_expressions import as_kept, meanings
from ..writing import quoted
from .parts import ask_about_constraint, ask_about_elements, ask_about_type, foreign_keys


def ask_about_commands(footprint: Footprint, node: Tree) -> None:
    """ALTER TABLE, command by command."""
    table = footprint.before.find(node["relation"])
    if table is None or footprint.before.kind(table) is not Kind.TABLE or table in footprint.circumstances.vague:
        return
    before, after = Columns(footprint, table), Columns(footprint, table, is_after=True)
    for each in node["cmds"]:
        _command(footprint, table, before, after, each["AlterTableCmd"])
    for each in foreign_keys(node):
        relation(footprint, each["pktable"])


def _command(
    footprint: Footprint, table: Relation, before: Mapping[str, Column], after: Mapping[str, Column], command: Tree
) -> None:
    definition = command.get("def", {})
    if command["subtype"] == "AT_AddColumn":
        ask_about_elements(footprint, table, after, [definition])
    elif command["subtype"] == "AT_AddConstraint":
        ask_about_constraint(footprint, table, after, None, definition["Constraint"])
    elif command["subtype"] == "AT_ColumnDefault" and "def" in command:
        default(footprint, after, command["name"], definition)
    elif command["subtype"] == "AT_AlterColumnType":
        _changed_type(footprint, table, before, after, command)


def _changed_type(
    footprint: Footprint, table: Relation, before: Mapping[str, Column], after: Mapping[str, Column], command: Tree
) -> None:
    """USING is over the old columns; indexes and checks of the column are read again over the new ones."""
    name, definition = command["name"], command["def"]["ColumnDef"]
    ask_about_type(footprint, definition["typeName"])
    _using(footprint, table, before, after, command)
    for each in footprint.before.family(table):
        _kept_default(footprint, each, name)
    collation = definition.get("collClause", {}).get("collname")
    if collation is not None:
        words = ".".join(quoted(each["String"]["sval"]) for each in collation)
        footprint.ask(Analysis(Question(f"SELECT 'x' COLLATE {words}", footprint.before.search_path), "the collation"))
    _parts(footprint, table, name, {Kind.INDEX, Kind.CHECK})


def _kept_default(footprint: Footprint, table: Relation, name: str) -> None:
    """A default that stays must be cast to the new type: the server is asked for the type of a call."""
    before, after = footprint.before.column(table, name), footprint.column(table, name)
    if before is None or after is None or before.default is None or before.default_type is not None:
        return
    if name in footprint.without_default:
        return
    tree, wanted = expression_of(before.default.meaning), target(footprint, after.type)
    is_asked = (
        footprint.circumstances.is_live
        and tree is not None
        and "A_Const" not in tree
        and bool(wanted)
        and alone(footprint, lambda writer: writer.write(tree), assigned_to=wanted)
    )
    if not is_asked and is_assignable(before.type, after.type, footprint.definition) is False:
        footprint.depends("42804", f"the default of {name} may have no cast to {after.type}")


def _parts(footprint: Footprint, table: Relation, name: str, of: Set[Kind]) -> None:
    """Indexes and checks of the column, in tables below as well: those that a table above has are the same there."""
    asked: set[str] = set()
    for each in footprint.before.family(table):
        before, after = Columns(footprint, each), Columns(footprint, each, is_after=True)
        for subject, part in footprint.before.parts(each, *of):
            if subject in footprint.changed and footprint.changed[subject][1] is None:
                continue
            for meaning in meanings(part):
                expression = expression_of(meaning) if meaning not in asked else None
                asked.add(meaning)
                if expression is not None and name in columns_in(expression) and name in before:
                    value(footprint, each, after, as_kept(footprint, expression, name, before[name].type))


def _using(
    footprint: Footprint, table: Relation, before: Mapping[str, Column], after: Mapping[str, Column], command: Tree
) -> None:
    name = command["name"]
    using = command["def"]["ColumnDef"].get("raw_default")
    if using is not None and name in after:
        value(footprint, table, before, using, after[name].type)


def ask_about_types(footprint: Footprint, node: Tree, *, of: Set[Kind]) -> None:
    """Ask about USING, which the server reads before the catalog refuses the type; and about what the column is in."""
    table = footprint.before.find(node["relation"])
    if table is None or footprint.before.kind(table) is not Kind.TABLE or table in footprint.circumstances.vague:
        return
    before, after = Columns(footprint, table), Columns(footprint, table, is_after=True)
    for each in node["cmds"]:
        if each["AlterTableCmd"]["subtype"] == "AT_AlterColumnType":
            _using(footprint, table, before, after, each["AlterTableCmd"])
            if of:
                _parts(footprint, table, each["AlterTableCmd"]["name"], of)
