"""Constraints that are added, validated and dropped: with a table, with a column, and alone."""

from collections.abc import Sequence

from ...model.plan import Condition, LockMode, Relation
from ...model.schema import Check, ForeignKey, Kind, PrimaryKey, Subject
from ..canonical.expressions import text
from ..parse import Tree
from .expressions import expression_of
from .footprint import Footprint, Stage
from .probed_rows import Rows
from .probing import breaking, duplicates, excluding, filled, nulls, orphans

# From this version on ADD CHECK … NO INHERIT locks the tables that inherit, too, and leaves them as they are.
_LOCKS_WHO_DO_NOT_INHERIT = 18
_INDEXED = frozenset({"CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION"})


def add_constraint(footprint: Footprint, table: Relation, constraint: Tree) -> None:
    """ALTER TABLE … ADD CONSTRAINT on a table that is there. The table's own lock is the caller's."""
    kind = constraint["contype"]
    if kind == "CONSTR_FOREIGN":
        _add_foreign_key(footprint, table, constraint)
    elif kind == "CONSTR_CHECK":
        _add_check(footprint, table, constraint)
    elif kind in _INDEXED:
        _add_indexed(footprint, table, constraint)
    elif kind == "CONSTR_NOTNULL" and constraint.get("skip_validation"):
        footprint.lock_all(footprint.before.family(table), LockMode.ACCESS_EXCLUSIVE)
    elif kind == "CONSTR_NOTNULL":
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
    refer(footprint, table, constraint, [each["String"]["sval"] for each in constraint.get("fk_attrs", ())])


def refer(footprint: Footprint, table: Relation, constraint: Tree, columns: list[str]) -> None:
    """Rows of *table* whose *columns* must refer to a row."""
    other = footprint.before.find(constraint["pktable"])
    named = [each["String"]["sval"] for each in constraint.get("pk_attrs", ())]
    if other == table and not named:
        named = _new_key(footprint, table)
    referenced = named or (_key(footprint, other) if other is not None else [])
    if constraint.get("fk_with_period"):
        _uncovered(footprint, table)
        return
    full = constraint.get("fk_matchtype") == "f"
    _orphans(footprint, table, columns, other, referenced, full=full)


def _uncovered(footprint: Footprint, table: Relation) -> None:
    """FOREIGN KEY … PERIOD: several rows together may cover the range of one that refers to them."""
    because = f"it fails if rows of {table[1]} refer to ranges that no rows cover"
    footprint.condition(Condition("23503", because), Stage.FOREIGN_KEY, table)


def _search_orphans(footprint: Footprint, table: Relation, key: ForeignKey, other: Relation) -> None:
    if key.period:
        _uncovered(footprint, table)
    else:
        _orphans(footprint, table, key.columns, other, key.referenced_columns, full=key.match == "full")


def _orphans(
    footprint: Footprint,
    table: Relation,
    columns: Sequence[str],
    other: Relation | None,
    referenced: Sequence[str],
    *,
    full: bool,
) -> None:
    because = f"it fails if rows of {table[1]} refer to missing rows"
    if other is None or len(columns) != len(referenced):
        footprint.condition(Condition("23503", because), Stage.FOREIGN_KEY, table)
        return
    rows = Rows(footprint, table, footprint.new_columns)
    if other in footprint.circumstances.empty:
        found = filled(rows, columns, "23503", because)
    else:
        found = orphans(rows, columns, other, referenced, because, full=full)
    footprint.condition(found, Stage.FOREIGN_KEY, table)


def _key(footprint: Footprint, table: Relation) -> list[str]:
    found = footprint.before.objects.get(Subject(Kind.PRIMARY_KEY, table))
    return list(found.columns) if isinstance(found, PrimaryKey) else []


def _new_key(footprint: Footprint, table: Relation) -> list[str]:
    found = footprint.definition(Subject(Kind.PRIMARY_KEY, table))
    return list(found.columns) if isinstance(found, PrimaryKey) else []


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
    everything = list(footprint.before.family(table))
    family = [table] if constraint.get("is_no_inherit") else everything
    locks_all = footprint.circumstances.version >= _LOCKS_WHO_DO_NOT_INHERIT and not footprint.only
    footprint.lock_all(everything if locks_all else family, LockMode.ACCESS_EXCLUSIVE)
    if not constraint.get("skip_validation"):
        footprint.scan(*family)
        check(footprint, table, constraint["raw_expr"], only=bool(constraint.get("is_no_inherit")))


def check(footprint: Footprint, table: Relation, expression: Tree, *, only: bool = False) -> None:
    """A CHECK that all rows of *table* must pass."""
    because = f"it fails where rows of {table[1]} break the check"
    rows = Rows(footprint, table, footprint.new_columns)
    family = [table] if only else list(footprint.before.family(table))
    footprint.condition(breaking(rows, expression, because, only=only or footprint.only), Stage.CHECK, *family)


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
    if kind == "CONSTR_EXCLUSION":
        exclusion(footprint, table, constraint)
        return
    keys = [key["String"]["sval"] for key in constraint.get("keys", ())]
    if constraint.get("without_overlaps"):
        _without_overlaps(footprint, table, keys)
        return
    unique(footprint, table, keys, nulls_distinct=not constraint.get("nulls_not_distinct"))


def unique(
    footprint: Footprint,
    table: Relation,
    keys: Sequence[Tree | str],
    because: str = "",
    *,
    predicate: Tree | None = None,
    nulls_distinct: bool = True,
) -> None:
    because = because or f"it fails where {table[1]} holds duplicates"
    rows = Rows(footprint, table, footprint.new_columns)
    found = duplicates(rows, keys, because, predicate=predicate, nulls_distinct=nulls_distinct)
    footprint.condition(found, Stage.INDEX, *footprint.before.family(table))


def exclusion(footprint: Footprint, table: Relation, constraint: Tree) -> None:
    """Two rows that exclude each other: a join of the table with itself, by the constraint's own operators."""
    because = f"it fails where {table[1]} holds values that exclude each other"
    rows = Rows(footprint, table, footprint.new_columns)
    elements = []
    for each in constraint.get("exclusions", ()):
        element, operator = each["List"]["items"]
        elements.append((element["IndexElem"], [word["String"]["sval"] for word in operator["List"]["items"]]))
    found = excluding(rows, elements, constraint.get("where_clause"), because)
    footprint.condition(found, Stage.INDEX, *footprint.before.family(table))


def _without_overlaps(footprint: Footprint, table: Relation, keys: Sequence[str]) -> None:
    """Rows that agree in all keys but the last, whose ranges overlap; and ranges that hold nothing."""
    because = f"it fails where ranges of {table[1]}.{keys[-1]} overlap"
    rows = Rows(footprint, table, footprint.new_columns)
    elements: list[tuple[Tree, list[str]]] = [({"name": key}, ["="]) for key in keys[:-1]]
    found = excluding(rows, [*elements, ({"name": keys[-1]}, ["&&"])], None, because)
    family = list(footprint.before.family(table))
    footprint.condition(found, Stage.INDEX, *family)
    footprint.depends("23514", f"it fails where {table[1]}.{keys[-1]} holds an empty range", *family)


def set_not_null(footprint: Footprint, table: Relation, name: str) -> None:
    """Scan the table, unless the column is so already or a valid CHECK says so (NotNullImpliedByRelConstraints).

    A NOT NULL that is NOT VALID is validated, since 18.
    """
    scanned = []
    for each in [table] if footprint.only else footprint.before.family(table):
        footprint.lock(each, LockMode.ACCESS_EXCLUSIVE)
        column = footprint.before.column(each, name)
        holds = column is not None and not column.nullable and column.not_null_validated
        if holds and name not in footprint.new_columns:
            continue
        if any(_says_not_null(definition, name) for _, definition in footprint.before.parts(each, Kind.CHECK)):
            continue
        if not holds:
            footprint.scan(each)
        scanned.append(each)
    if scanned:
        rows = Rows(footprint, table, footprint.new_columns)
        found = nulls(rows, name, f"it fails where {table[1]}.{name} holds NULL", only=footprint.only)
        footprint.condition(found, Stage.NOT_NULL, *scanned)


def _says_not_null(definition: object, name: str) -> bool:
    if not isinstance(definition, Check) or not definition.validated or not definition.enforced:
        return False
    return definition.expression.meaning == text(["NullTest", {"arg": ["column", name], "nulltesttype": "IS_NOT_NULL"}])


def validate(footprint: Footprint, table: Relation, name: str) -> None:
    """VALIDATE CONSTRAINT: the scan lets others read and write."""
    subject = footprint.before.constraint(table, name)
    found = footprint.before.objects.get(subject) if subject is not None else None
    if isinstance(found, ForeignKey):
        other = (found.referenced_table.name[0], found.referenced_table.name[1])
        footprint.lock(other, LockMode.ROW_SHARE)
        if not found.validated:
            scan_both(footprint, table, other)
            _search_orphans(footprint, table, found, other)
    elif isinstance(found, Check):
        family = list(footprint.before.family(table))
        footprint.lock_all(family, LockMode.SHARE_UPDATE_EXCLUSIVE)
        if not found.validated:
            footprint.scan(*family)
            written = expression_of(found.expression.meaning)
            if written is not None:
                check(footprint, table, written, only=found.no_inherit)
            else:
                footprint.depends("23514", f"it fails where rows of {table[1]} break the check", *family)
    elif (column := footprint.before.required_column(table, name)) is not None:
        family = list(footprint.before.family(table))
        footprint.lock_all(family, LockMode.SHARE_UPDATE_EXCLUSIVE)
        footprint.scan(*family)
        rows = Rows(footprint, table, footprint.new_columns)
        found_null = nulls(rows, column, f"it fails where {table[1]}.{column} holds NULL", only=False)
        footprint.condition(found_null, Stage.NOT_NULL, *family)


def enforce(footprint: Footprint, table: Relation, name: str) -> None:
    """ALTER CONSTRAINT … ENFORCED: the foreign key gets its triggers on both tables, and their rows are checked."""
    found = footprint.before.objects.get(Subject(Kind.FOREIGN_KEY, (*table, name)))
    if isinstance(found, ForeignKey) and not found.enforced:
        other = found.referenced_table.name[0], found.referenced_table.name[1]
        footprint.lock_all(footprint.before.family(other), LockMode.SHARE_ROW_EXCLUSIVE)
        scan_both(footprint, table, other)
        _search_orphans(footprint, table, found, other)
