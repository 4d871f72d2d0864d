"""What an ALTER TABLE makes of its table's columns: the SQL of each new value over the rows as they are."""

from collections.abc import Iterable, Mapping
from typing import Any

from ...model.plan import Relation
from ..parse import Tree, name_called, nodes_with
from .column_values import SERIAL
from .footprint import Footprint
from .probed_rows import Rows
from .writing import UnwrittenError, Writer, quoted

# Of the system's own functions, those that fail for no value of their types.
_NEVER_FAIL = frozenset(
    {"lower", "upper", "coalesce", "btrim", "ltrim", "rtrim", "trim", "md5", "length", "char_length", "date_trunc",
     "date_part", "extract", "to_tsvector", "now", "concat", "left", "right", "abs", "initcap", "reverse", "timezone",
     "int4range", "tsrange", "tstzrange", "daterange"}
)  # fmt: skip
_FAILING_OPERATORS = frozenset({"/", "%", "+", "-", "*", "^"})


def new_values(footprint: Footprint, table: Relation, commands: Iterable[Tree]) -> Mapping[str, str | None]:
    """By column; None where the value cannot be written, or is another one in each row."""
    values: dict[str, str | None] = {}
    for command in commands:
        kind = command["subtype"]
        definition = command.get("def", {}).get("ColumnDef", {})
        try:
            if kind == "AT_AddColumn" and not _is_there(footprint, table, command):
                values[definition["colname"]] = _added(footprint, definition)
            elif kind == "AT_AlterColumnType":
                values[command["name"]] = converted(footprint, table, command)
        except (UnwrittenError, LookupError):
            values[definition.get("colname", command.get("name", ""))] = None
    return values


def _is_there(footprint: Footprint, table: Relation, command: Tree) -> bool:
    return (
        bool(command.get("missing_ok"))
        and footprint.before.column(table, command["def"]["ColumnDef"]["colname"]) is not None
    )


def _added(footprint: Footprint, definition: Tree) -> str:
    words = [each["String"]["sval"] for each in definition["typeName"].get("names", ())]
    if words[-1:] and words[-1] in SERIAL:
        raise UnwrittenError
    generated = generated_from(definition)
    if generated is None:
        return _same_for_all(Writer(footprint.before), definition)
    writer = Writer(footprint.before)
    return f"CAST(({writer.write(generated)}) AS {writer.type(definition['typeName'])})"


def generated_from(definition: Tree) -> Tree | None:
    constraints = (each["Constraint"] for each in definition.get("constraints", ()))
    return next((each["raw_expr"] for each in constraints if each["contype"] == "CONSTR_GENERATED"), None)


def converted(footprint: Footprint, table: Relation, command: Tree) -> str:
    """The new value of a column whose type changes. Raises UnwrittenError where its type is only pending."""
    definition = command["def"]["ColumnDef"]
    writer = Writer(footprint.before)
    words = [each["String"]["sval"] for each in definition["typeName"].get("names", ())]
    if footprint.circumstances.passed.is_pending(words[-1:]):
        raise UnwrittenError
    return f"CAST(({source(footprint, table, command)}) AS {writer.type(definition['typeName'])})"


def source(footprint: Footprint, table: Relation, command: Tree) -> str:
    """What the new value is made of: USING, else the column itself."""
    using = command["def"]["ColumnDef"].get("raw_default")
    if using is not None:
        return Writer(footprint.before).write(using)
    return Rows(footprint, table).value(command["name"]) or quoted(command["name"])


def may_raise(tree: Any) -> bool:
    """Say whether computing the expression may fail for some row: a division, a cast, a function of any kind."""
    if any(
        each["name"][-1]["String"]["sval"] in _FAILING_OPERATORS for each in nodes_with(tree, "lexpr") if "name" in each
    ):
        return True
    if any(True for _ in nodes_with(tree, "typeName")):
        return True
    return any(name_called(each) not in _NEVER_FAIL for each in nodes_with(tree, "funcname"))


def _same_for_all(writer: Writer, definition: Tree) -> str:
    """The value of a new column in every row that is there. Raises UnwrittenError where rows get different ones."""
    type_ = writer.type(definition["typeName"])
    constraints = [each["Constraint"] for each in definition.get("constraints", ())]
    if any(each["contype"] == "CONSTR_IDENTITY" for each in constraints):
        raise UnwrittenError
    default = next((each["raw_expr"] for each in constraints if each["contype"] == "CONSTR_DEFAULT"), None)
    return f"CAST({writer.write(default) if default is not None else 'NULL'} AS {type_})"
