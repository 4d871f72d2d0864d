"""What ALTER TABLE makes of the columns of a table in the rows that are there."""

from collections.abc import Iterable, Mapping

from ...model.plan import Relation
from ...model.value import dataclass
from ..parse import Tree
from .expressions import columns_in, is_columns_text
from .row_changes import Scene
from .writing import UnwrittenError, Writer, quoted

SERIAL = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})


@dataclass(frozen=True, slots=True)
class ColumnValue:
    """The SQL of the new value (None: nobody can say it), over the columns *reads*; *as_text* for a pending enum."""

    sql: str | None
    reads: frozenset[str] = frozenset()
    as_text: bool = False


def column_values(scene: Scene, table: Relation, commands: Iterable[Tree]) -> Mapping[str, ColumnValue]:
    """By column: those that are added, and those whose type changes."""
    values: dict[str, ColumnValue] = {}
    dropped = {each["name"] for each in commands if each["subtype"] == "AT_DropColumn"}
    for command in commands:
        kind = command["subtype"]
        definition = command.get("def", {}).get("ColumnDef", {})
        if kind == "AT_AddColumn":
            name = definition["colname"]
            if command.get("missing_ok") and name not in dropped and scene.before.column(table, name) is not None:
                continue
        elif kind == "AT_AlterColumnType":
            name = command["name"]
        else:
            continue
        try:
            values[name] = _added(scene, definition) if kind == "AT_AddColumn" else _converted(scene, table, command)
        except (UnwrittenError, LookupError):
            values[name] = ColumnValue(None)
    return values


def _words(type_: Tree) -> list[str]:
    return [each["String"].get("sval", "") for each in type_.get("names", ())]


def _type(scene: Scene, type_: Tree) -> tuple[str, bool]:
    """The type of a new value, and whether it is text instead of an enum that is only pending."""
    found = scene.before.own_type(_words(type_))
    if found is None:
        return Writer(scene.before).type(type_), False
    spelled = ".".join(map(quoted, found)) + ("[]" if type_.get("arrayBounds") else "")
    return scene.type(spelled), scene.has_text(spelled)


def _added(scene: Scene, definition: Tree) -> ColumnValue:
    if _words(definition["typeName"])[-1:] and _words(definition["typeName"])[-1] in SERIAL:
        raise UnwrittenError
    constraints = [each["Constraint"] for each in definition.get("constraints", ())]
    kinds = {each["contype"]: each.get("raw_expr") for each in constraints}
    if "CONSTR_IDENTITY" in kinds:
        raise UnwrittenError
    type_, as_text = _type(scene, definition["typeName"])
    generated, default = kinds.get("CONSTR_GENERATED"), kinds.get("CONSTR_DEFAULT")
    tree = generated if generated is not None else default
    reads = frozenset(columns_in(generated)) if generated is not None else frozenset[str]()
    if scene.before.calls_own(tree):
        raise UnwrittenError
    sql = scene.write(tree) if tree is not None else "NULL"
    return ColumnValue(f"CAST(({sql}) AS {type_})", reads, as_text)


def _converted(scene: Scene, table: Relation, command: Tree) -> ColumnValue:
    definition = command["def"]["ColumnDef"]
    using = definition.get("raw_default")
    type_, as_text = _type(scene, definition["typeName"])
    if as_text and not is_columns_text(using, command["name"]):
        raise UnwrittenError
    if using is None or as_text:
        source, reads = f"{quoted(table[1])}.{quoted(command['name'])}", frozenset({command["name"]})
    else:
        if scene.before.calls_own(using):
            raise UnwrittenError
        source, reads = scene.write(using), frozenset(columns_in(using))
    return ColumnValue(f"CAST(({source}) AS {type_})", reads, as_text)
