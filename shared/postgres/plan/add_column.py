"""ALTER TABLE … ADD COLUMN: free, a scan, or a rewrite of the table."""

from shared.model.plan import Relation
from shared.model.schema import Column, Kind, Subject
from shared.postgres.parse import Tree
from shared.postgres.plan.constraints import lock_referenced, scan_both
from shared.postgres.plan.footprint import Footprint
from shared.postgres.plan.type_changes import domain_of, has_constraints
from shared.postgres.plan.volatility import is_volatile

_SERIAL = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})
_INDEXED = frozenset({"CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION"})


def add_column(footprint: Footprint, table: Relation, command: Tree) -> None:
    definition = command["def"]["ColumnDef"]
    name = definition["colname"]
    if command.get("missing_ok") and footprint.before.column(table, name) is not None:
        return
    constraints = [each["Constraint"] for each in definition.get("constraints", ())]
    kinds = {each["contype"] for each in constraints}
    family = list(footprint.before.family(table))
    is_serial = [each["String"]["sval"] for each in definition["typeName"].get("names", ())][-1] in _SERIAL
    default = next((each.get("raw_expr") for each in constraints if each["contype"] == "CONSTR_DEFAULT"), None)
    has_value = is_serial or _is_value(default) or bool(kinds & {"CONSTR_IDENTITY", "CONSTR_GENERATED"})
    why = _rewritten_for(footprint, table, name, kinds, default, is_serial=is_serial)
    if why is not None:
        for each in family:
            footprint.rewrite(each)
        footprint.note(f"{why} rewrites {table[1]} and its indexes")
    if kinds & (_INDEXED | {"CONSTR_CHECK"}):
        footprint.scan(*family)
    _judge_rows(footprint, table, name, kinds, has_value=has_value, is_rewritten=why is not None)
    for each in constraints:
        if each["contype"] == "CONSTR_FOREIGN":
            other = lock_referenced(footprint, each)
            if has_value:
                scan_both(footprint, table, other)
                footprint.depends("23503", f"it fails if {table[1]} holds a row and no row has the default", *family)


def _judge_rows(
    footprint: Footprint, table: Relation, name: str, kinds: set[str], *, has_value: bool, is_rewritten: bool
) -> None:
    """Say which rows the new column refuses."""
    family = list(footprint.before.family(table))
    needs_value = bool(kinds & {"CONSTR_NOTNULL", "CONSTR_PRIMARY"})
    if needs_value and not has_value and not _has_domain_default(footprint, table, name):
        footprint.scan(*family)
        footprint.depends("23502", f"it fails if {table[1]} holds a row: {name} is NOT NULL without a default", *family)
    elif kinds & _INDEXED and has_value and not is_rewritten:
        footprint.depends("23505", f"it fails if {table[1]} holds two rows: both get the default", *family)
    elif "CONSTR_CHECK" in kinds and has_value:
        footprint.depends("23514", f"it fails if {table[1]} holds a row and the default breaks the check", *family)


def _is_value(default: Tree | None) -> bool:
    return default is not None and "isnull" not in default.get("A_Const", {})


def _rewritten_for(
    footprint: Footprint, table: Relation, name: str, kinds: set[str], default: Tree | None, *, is_serial: bool
) -> str | None:
    """Why the rows must be written anew; None where the catalog alone changes."""
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
