"""ALTER TABLE … ADD COLUMN: free, a scan, or a rewrite of the table."""

from collections.abc import Mapping

from ...model.plan import Relation
from ...model.schema import Column, Kind, Subject
from ..offending_rows import OffendingRows, longer
from ..parse import Tree, nodes_with
from .assignment import NUMBERS
from .column_values import SERIAL
from .constraints import check, lock_referenced, refer, scan_both, unique
from .default_values import unfit
from .expressions import columns_in
from .footprint import Footprint, Stage
from .new_values import generated_from, may_raise
from .probed_rows import Rows
from .probing import any_row, computing, condition, nulls
from .rebuilt import rewrite
from .type_changes import domain_of, has_constraints, longest
from .volatility import calls_unknown_code, is_volatile
from .writing import UnwrittenError, Writer

_INDEXED = frozenset({"CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION"})


def add_column(footprint: Footprint, table: Relation, command: Tree) -> None:
    definition = command["def"]["ColumnDef"]
    name = definition["colname"]
    if command.get("missing_ok") and footprint.before.column(table, name) is not None:
        return
    constraints = [each["Constraint"] for each in definition.get("constraints", ())]
    kinds = {each["contype"] for each in constraints}
    family = list(footprint.before.family(table))
    is_serial = [each["String"]["sval"] for each in definition["typeName"].get("names", ())][-1] in SERIAL
    default = next((each.get("raw_expr") for each in constraints if each["contype"] == "CONSTR_DEFAULT"), None)
    has_value = is_serial or _is_value(default) or bool(kinds & {"CONSTR_IDENTITY", "CONSTR_GENERATED"})
    why = _rewritten_for(footprint, table, name, kinds, default, is_serial=is_serial)
    if why is not None:
        for each in family:
            rewrite(footprint, each)
        footprint.note(f"{why} rewrites {table[1]} and its indexes")
    if kinds & (_INDEXED | {"CONSTR_CHECK"}):
        footprint.scan(*family)
    _predict_rows(footprint, table, definition, has_value=has_value)


def _predict_rows(footprint: Footprint, table: Relation, definition: Tree, *, has_value: bool) -> None:
    """Say which rows refuse the new column."""
    constraints = [each["Constraint"] for each in definition.get("constraints", ())]
    kinds = {each["contype"]: each for each in constraints}
    _predict_values(footprint, table, definition, kinds, has_value=has_value)
    _predict_nulls(footprint, table, definition, kinds, has_value=has_value)
    name, default = definition["colname"], kinds.get("CONSTR_DEFAULT", {}).get("raw_expr")
    is_same = has_value and not is_serial_or_identity(definition)
    is_same = is_same and (default is None or not is_volatile(default, footprint.before))
    if is_same and not kinds.keys().isdisjoint(_INDEXED):
        unique(footprint, table, [name])
    for each in constraints:
        if each["contype"] == "CONSTR_CHECK" and (has_value or _may_refuse_null(each["raw_expr"], name)):
            check(footprint, table, each["raw_expr"])
        elif each["contype"] == "CONSTR_FOREIGN":
            other = lock_referenced(footprint, each)
            if has_value:
                scan_both(footprint, table, other)
                refer(footprint, table, each, [name])


def _predict_values(
    footprint: Footprint, table: Relation, definition: Tree, kinds: Mapping[str, Tree], *, has_value: bool
) -> None:
    """A generated value that cannot be computed; a value that the column's domain refuses."""
    name, generated = definition["colname"], generated_from(definition)
    column = _made(footprint, table, name)
    default = kinds.get("CONSTR_DEFAULT", {}).get("raw_expr")
    if default is not None and column is not None:
        wrong = unfit(footprint, name, column.type, default)
        if wrong is not None:
            footprint.condition(wrong, Stage.CATALOG)
    is_checked = column is not None and has_constraints(column.type, footprint.before)
    is_checked = is_checked and ("CONSTR_DEFAULT" in kinds or not has_value)
    if generated is not None and column is not None:
        _predict_length(footprint, table, generated, column.type)
    is_open = generated is not None and (may_raise(generated) or _is_narrower(footprint, table, generated, column))
    if is_open or is_checked:
        because = f"it fails where the value of {name} cannot be computed for a row of {table[1]}"
        sqlstate = "22000" if generated is not None else "23514"
        rows = Rows(footprint, table, footprint.new_columns)
        found = computing(rows, [_reference(name)], because=because, sqlstate=sqlstate)
        footprint.condition(found, Stage.VALUE, *footprint.before.family(table))


def _predict_length(footprint: Footprint, table: Relation, generated: Tree, type_: str) -> None:
    """A generated text is assigned to its column, which refuses what is too long; a cast would cut it."""
    most = longest(type_)
    if most is None:
        return
    try:
        written: str | None = f"CAST(({Writer(footprint.before).write(generated)}) AS pg_catalog.text)"
    except (UnwrittenError, LookupError):
        written = None
    rows = Rows(footprint, table, {"~": written})
    because = f"it fails where a generated value is longer than {type_} for a row of {table[1]}"
    found = condition(
        rows,
        "22001",
        because,
        ["~", *columns_in(generated)],
        lambda _: OffendingRows(rows.of_family(["~"]), longer('"~"', most)),
    )
    footprint.condition(found, Stage.VALUE, *footprint.before.family(table))


def _is_narrower(footprint: Footprint, table: Relation, generated: Tree, column: Column | None) -> bool:
    """Say whether the column holds fewer numbers than one that its value is made of."""
    width = _width(column)
    used = (footprint.before.column(table, each) for each in columns_in(generated))
    return width is not None and any((own := _width(each)) is not None and own > width for each in used)


def _width(column: Column | None) -> int | None:
    bare = column.type.partition("(")[0] if column is not None else ""
    return NUMBERS.index(bare) if bare in NUMBERS else None


def _predict_nulls(
    footprint: Footprint, table: Relation, definition: Tree, kinds: Mapping[str, Tree], *, has_value: bool
) -> None:
    if kinds.keys().isdisjoint({"CONSTR_NOTNULL", "CONSTR_PRIMARY"}):
        return
    name = definition["colname"]
    family = list(footprint.before.family(table))
    rows = Rows(footprint, table, footprint.new_columns)
    default = kinds.get("CONSTR_DEFAULT", {}).get("raw_expr")
    if not has_value and not _has_domain_default(footprint, table, name):
        because = f"it fails if {table[1]} holds a row: {name} is NOT NULL without a default"
        footprint.scan(*family)
        footprint.condition(any_row(rows, "23502", because), Stage.NOT_NULL, *family)
    elif "CONSTR_GENERATED" in kinds or (default is not None and _may_be_null(default, footprint)):
        because = f"it fails where the value of {name} is NULL for a row of {table[1]}"
        footprint.condition(nulls(rows, name, because), Stage.NOT_NULL, *family)


def _reference(name: str) -> Tree:
    return {"ColumnRef": {"fields": [{"String": {"sval": name}}]}}


def is_serial_or_identity(definition: Tree) -> bool:
    words = [each["String"]["sval"] for each in definition["typeName"].get("names", ())]
    kinds = {each["Constraint"]["contype"] for each in definition.get("constraints", ())}
    return (words[-1:] != [] and words[-1] in SERIAL) or "CONSTR_IDENTITY" in kinds


def _may_be_null(default: Tree, footprint: Footprint) -> bool:
    """Say whether a default other than NULL may have no value: one of a function that a migration made."""
    return calls_unknown_code(default, footprint.before) is not None


def _may_refuse_null(expression: Tree, name: str) -> bool:
    """Say whether a CHECK may be false for NULL in the new column: it asks for that, or is of other columns too."""
    asks = any(any(True for _ in nodes_with(expression, key)) for key in ("nulltesttype", "booltesttype", "funcname"))
    combines = any(True for _ in nodes_with(expression, "boolop"))
    return asks or combines or set(columns_in(expression)) != {name}


def _is_value(default: Tree | None) -> bool:
    return default is not None and "isnull" not in default.get("A_Const", {})


def _rewritten_for(
    footprint: Footprint, table: Relation, name: str, kinds: set[str], default: Tree | None, *, is_serial: bool
) -> str | None:
    """Why the rows must be rewritten; None where the catalog alone changes."""
    if is_serial or "CONSTR_IDENTITY" in kinds:
        return "a number for each row"
    if "CONSTR_GENERATED" in kinds:
        return "a generated value for each row"
    if default is not None and is_volatile(default, footprint.before):
        return "a default that differs for each row"
    column = _made(footprint, table, name)
    if column is not None and has_constraints(column.type, footprint.before):
        return "a domain with constraints"
    return None


def _made(footprint: Footprint, table: Relation, name: str) -> Column | None:
    after = footprint.changed.get(Subject(Kind.COLUMN, (*table, name)), (None, None))[1]
    return after if isinstance(after, Column) else None


def _has_domain_default(footprint: Footprint, table: Relation, name: str) -> bool:
    """Say whether the column's domain gives it a value."""
    column = _made(footprint, table, name)
    if column is None:
        return False
    domain = domain_of(column.type, footprint.before)
    return domain is not None and domain.default is not None
