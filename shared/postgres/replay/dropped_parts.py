"""DROP COLUMN and DROP CONSTRAINT: what goes along in the tables below, and what stays."""

from . import not_null, records
from .catalog import UnknownError
from .records import Oid
from .state import State


def drop_column(state: State, table: Oid, name: str, *, missing_ok: bool, only: bool = False) -> None:
    column = state.catalog.find("column", table, name)
    if column is None:
        if not missing_ok:
            raise UnknownError(f"column {state.names.qualified(table)}.{name}")
        return
    if any(each in partition_columns(state, below) for below, each in state.column_family(table, name)):
        return  # the server refuses, with CASCADE too: the table stays as it is
    # A column below that came only from here goes along by itself; one that is its table's own as well stays.
    for child, _ in list(state.children(table)):
        mine = state.catalog.find("column", child, name)
        record = state.catalog.get(mine, records.Column)
        if record is not None and mine is not None:
            left = tuple(each for each in record.inherited_from if each != column)
            if record.local or left or only:
                state.catalog.change(mine, inherited_from=left, local=record.local or only)
            else:
                drop_column(state, child, name, missing_ok=True)
    state.catalog.remove(column)


def partition_columns(state: State, table: Oid) -> frozenset[Oid]:
    record = state.catalog.get(table, records.Table)
    return record.partition_columns if record is not None else frozenset()


def drop_constraint(state: State, table: Oid, name: str, *, missing_ok: bool, only: bool) -> None:
    constraint = state.catalog.find("constraint", table, name)
    if constraint is None:
        if not missing_ok and not _drop_not_null(state, table, name, only=only):
            raise UnknownError(f"constraint {name} of {state.names.qualified(table)}")
        return
    for oid, check in list(state.catalog.held(constraint, records.Check)):
        left = tuple(each for each in check.parents if each != constraint)
        if check.local or left or only:
            state.catalog.change(oid, parents=left, local=check.local or only)
    state.catalog.remove(constraint)


def _drop_not_null(state: State, table: Oid, name: str, *, only: bool) -> bool:
    """PostgreSQL 18 drops a NOT NULL by its name. Say whether there is one."""
    column = not_null.named(state, table, name)
    if column is not None:
        is_here = state.catalog.expect(column, records.Column).required_here
        for _, each in state.column_family(table, state.names.full_name(column)[-1], only=only or is_here):
            not_null.allow_null(state, each)
    return column is not None
