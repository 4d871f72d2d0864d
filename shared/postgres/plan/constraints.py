"""Constraints that are added, validated and dropped: with a table, with a column, and alone."""

from shared.model.plan import LockMode, Relation
from shared.model.schema import Check, ForeignKey, Kind, Subject
from shared.postgres.canonical.expressions import text
from shared.postgres.parse import Tree
from shared.postgres.plan.footprint import Footprint

_INDEXED = {"CONSTR_PRIMARY": "23505", "CONSTR_UNIQUE": "23505", "CONSTR_EXCLUSION": "23P01"}


def add_constraint(footprint: Footprint, table: Relation, constraint: Tree) -> None:
    """ALTER TABLE … ADD CONSTRAINT on a table that is there. The table's own lock is the caller's."""
    kind = constraint["contype"]
    if kind == "CONSTR_FOREIGN":
        _add_foreign_key(footprint, table, constraint)
    elif kind == "CONSTR_CHECK":
        _add_check(footprint, table, constraint)
    elif kind in _INDEXED:
        _add_indexed(footprint, table, constraint)
    elif kind == "CONSTR_NOTNULL" and not constraint.get("skip_validation"):
        for key in constraint.get("keys", ()):
            set_not_null(footprint, table, key["String"]["sval"])


def _add_foreign_key(footprint: Footprint, table: Relation, constraint: Tree) -> None:
    other = footprint.before.find(constraint["pktable"])
    for end in (table, other):
        if end is not None:
            footprint.lock_all(footprint.before.family(end), LockMode.SHARE_ROW_EXCLUSIVE)
    if constraint.get("skip_validation"):
        return
    scan_both(footprint, table, other)
    footprint.depends("23503", f"it fails where rows of {table[1]} refer to no row", table)


def scan_both(footprint: Footprint, table: Relation, other: Relation | None) -> None:
    for end in (table, other):
        if end is not None:
            footprint.scan(*footprint.before.family(end))


def lock_referenced(footprint: Footprint, constraint: Tree) -> Relation | None:
    """The other table of a foreign key of a new column or table."""
    other = footprint.before.find(constraint["pktable"])
    if other is not None:
        footprint.lock_all(footprint.before.family(other), LockMode.SHARE_ROW_EXCLUSIVE)
    return other


def _add_check(footprint: Footprint, table: Relation, constraint: Tree) -> None:
    family = [table] if constraint.get("is_no_inherit") else list(footprint.before.family(table))
    footprint.lock_all(family, LockMode.ACCESS_EXCLUSIVE)
    if not constraint.get("skip_validation"):
        footprint.scan(*family)
        footprint.depends("23514", f"it fails where rows of {table[1]} break the check", *family)


def _add_indexed(footprint: Footprint, table: Relation, constraint: Tree) -> None:
    family = list(footprint.before.family(table))
    footprint.lock_all(family, LockMode.ACCESS_EXCLUSIVE)
    kind = constraint["contype"]
    if (name := constraint.get("indexname")) is not None:
        index = (table[0], name)
        footprint.lock(index, LockMode.SHARE_UPDATE_EXCLUSIVE)
        if kind == "CONSTR_PRIMARY":
            definition = footprint.before.objects.get(Subject(Kind.INDEX, index))
            for key in getattr(definition, "keys", ()):
                if key.column is not None:
                    set_not_null(footprint, table, key.column)
        return
    footprint.scan(*family)
    if kind == "CONSTR_PRIMARY":
        for key in constraint.get("keys", ()):
            set_not_null(footprint, table, key["String"]["sval"])
    what = "values that exclude each other" if kind == "CONSTR_EXCLUSION" else "duplicates"
    footprint.depends(_INDEXED[kind], f"it fails where {table[1]} holds {what}", *family)


def set_not_null(footprint: Footprint, table: Relation, name: str) -> None:
    """Scan the table, unless the column is so already or a valid CHECK says so (NotNullImpliedByRelConstraints)."""
    for each in footprint.before.family(table):
        footprint.lock(each, LockMode.ACCESS_EXCLUSIVE)
        column = footprint.before.column(each, name)
        if column is not None and not column.nullable:
            continue
        if any(_says_not_null(definition, name) for _, definition in footprint.before.parts(each)):
            continue
        footprint.scan(each)
        footprint.depends("23502", f"it fails where {each[1]}.{name} holds NULL", each)


def _says_not_null(definition: object, name: str) -> bool:
    if not isinstance(definition, Check) or not definition.validated or not definition.enforced:
        return False
    return definition.expression.meaning == text(["NullTest", {"arg": ["column", name], "nulltesttype": "IS_NOT_NULL"}])


def validate(footprint: Footprint, table: Relation, name: str) -> None:
    """VALIDATE CONSTRAINT: the scan lets others read and write."""
    for kind in (Kind.CHECK, Kind.FOREIGN_KEY):
        found = footprint.before.objects.get(Subject(kind, (*table, name)))
        if isinstance(found, ForeignKey):
            other = (found.referenced_table.name[0], found.referenced_table.name[1])
            footprint.lock(other, LockMode.ROW_SHARE)
            if not found.validated:
                scan_both(footprint, table, other)
                footprint.depends("23503", f"it fails where rows of {table[1]} refer to no row", table)
        elif isinstance(found, Check):
            family = list(footprint.before.family(table))
            footprint.lock_all(family, LockMode.SHARE_UPDATE_EXCLUSIVE)
            if not found.validated:
                footprint.scan(*family)
                footprint.depends("23514", f"it fails where rows of {table[1]} break the check", *family)
