"""NOT NULL, and the name that PostgreSQL gives it since 18: the written one, or one of the table and the column.

A name stays when they are renamed, and goes to the tables below. A column whose NOT NULL has the name that it would get
now says nothing of it.
"""

from collections.abc import Iterable

from ...model.value import replace
from ..naming import numbered, object_name
from ..parse import Tree
from . import records
from .records import Oid
from .state import State

_LABEL = "not_null"
_CONSTRAINTS = records.Column | records.Check | records.KeyConstraint | records.ForeignKey


def name_of(state: State, oid: Oid) -> str:
    """The name of the column's NOT NULL; empty where it takes NULLs."""
    column = state.catalog.expect(oid, records.Column)
    return (column.required_as or _usual(state, column)) if column.not_null else ""


def require(state: State, oid: Oid, name: str = "", *, later: bool = False) -> None:
    """Make the column *oid* NOT NULL, under *name* or else under a free one, unless it is so already.

    *later*: NOT VALID, rows that exist are not checked.
    """
    column = state.catalog.expect(oid, records.Column)
    if not column.not_null:
        state.catalog.put(oid, replace(required(state, column, name), required_later=later))


def required(state: State, column: records.Column, name: str = "") -> records.Column:
    """*column* with a NOT NULL, under *name* or else under a free one."""
    return replace(column, not_null=True, required_as=_said(state, column, name))


def require_all(
    state: State, columns: Iterable[Oid], name: str = "", *, here: bool = False, later: bool = False
) -> None:
    """The same of *columns* and, unless *here* alone, of those of that name below, which take the name along."""
    for oid in columns:
        if here and not state.catalog.expect(oid, records.Column).not_null:
            state.catalog.change(oid, required_here=True)
        require(state, oid, name, later=later)
        if not here:
            _pass_on(state, oid)


def _pass_on(state: State, oid: Oid) -> None:
    column = state.catalog.expect(oid, records.Column)
    for child, _ in list(state.children(column.table)):
        inherited = state.catalog.find("column", child, column.name)
        below = [inherited] if inherited is not None else []
        require_all(state, below, name_of(state, oid), later=column.required_later)


def set_inherited(state: State, oid: Oid, *, here: bool) -> None:
    """ALTER CONSTRAINT … INHERIT or, *here* alone, NO INHERIT: the tables below keep what they have."""
    state.catalog.change(oid, required_here=here)
    if not here:
        _pass_on(state, oid)


def allow_null(state: State, oid: Oid) -> None:
    state.catalog.change(oid, not_null=False, required_as="", required_here=False, required_later=False)


def validate(state: State, oid: Oid, *, only: bool = False) -> None:
    """No row of the column *oid* holds a NULL, nor one of the tables below, unless of it *only*."""
    column = state.catalog.expect(oid, records.Column)
    for _, each in list(state.column_family(column.table, column.name, only=only or column.required_here)):
        if state.catalog.expect(each, records.Column).required_later:
            state.catalog.change(each, required_later=False)


def written_name(constraints: Iterable[Tree]) -> str:
    """The name that a column's definition gives to its NOT NULL."""
    given = (each["Constraint"] for each in constraints)
    return next((each.get("conname", "") for each in given if each["contype"] == "CONSTR_NOTNULL"), "")


def is_written_here(constraints: Iterable[Tree]) -> bool:
    """Say whether a column's definition has a NOT NULL with NO INHERIT."""
    given = (each["Constraint"] for each in constraints)
    return any(each["contype"] == "CONSTR_NOTNULL" and each.get("is_no_inherit") for each in given)


def named(state: State, table: Oid, name: str) -> Oid | None:
    """The column of *table* whose NOT NULL has this name."""
    return next((oid for oid, _ in state.catalog.columns(table) if name_of(state, oid) == name), None)


def rename(state: State, table: Oid, column: Oid, old: str, new: str) -> None:
    """Give it another name, and in the tables below, too."""
    state.catalog.change(column, required_as=_said(state, state.catalog.expect(column, records.Column), new))
    for child, _ in list(state.children(table)):
        below = named(state, child, old)
        if below is not None:
            rename(state, child, below, old, new)


def keep_names(state: State, table: Oid, *, of: Oid | None = None) -> None:
    """Before *table* is renamed, or its column *of*: what they are called now stays in the names."""
    for oid, column in list(state.catalog.columns(table)):
        if column.not_null and not column.required_as and of in (None, oid):
            state.catalog.change(oid, required_as=_usual(state, column))


def make_way(state: State, table: Oid, constraints: Iterable[Tree]) -> None:
    """The names of the *constraints* of a new table come before those that nobody wrote."""
    taken = {each["conname"] for each in constraints if each.get("conname", "").endswith(_LABEL)}
    for oid, column in list(state.catalog.columns(table)) if taken else ():
        if column.not_null and not column.required_as and name_of(state, oid) in taken:
            state.catalog.change(oid, required_as=_free(state, column, _usual(state, column)))


def _usual(state: State, column: records.Column) -> str:
    return object_name(state.names.full_name(column.table)[-1], column.name, _LABEL)


def _said(state: State, column: records.Column, name: str) -> str:
    usual = _usual(state, column)
    found = name or _free(state, column, usual)
    return "" if found == usual else found


def _free(state: State, column: records.Column, usual: str) -> str:
    """The first of its names, the *usual* one at first, that no constraint of the schema has."""
    if not state.catalog.has_name(usual):
        return usual
    *_, schema, table = state.names.full_name(column.table)
    names = (name for _, name in numbered(table, column.name, _LABEL, 0))
    return next(each for each in names if not _is_taken(state, schema, each))


def _is_taken(state: State, schema: str, name: str) -> bool:
    for _, found in state.catalog.named(name):
        if not isinstance(found, _CONSTRAINTS) or (isinstance(found, records.Column) and found.required_as != name):
            continue
        if state.names.full_name(found.table)[-2] == schema:
            return True
    return False
