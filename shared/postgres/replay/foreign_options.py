"""Options of foreign tables and of their columns."""

from collections.abc import Iterable

from ..canonical import foreign_options
from ..parse import Tree
from . import records
from .records import Oid
from .state import State, value_of


def set_options(state: State, table: Oid, definition: Tree) -> None:
    record = state.catalog.expect(table, records.Table)
    state.catalog.change(table, options=changed(record.options, definition["List"]["items"]))


def set_column_options(state: State, column: Oid, definition: Tree) -> None:
    record = state.catalog.expect(column, records.Column)
    state.catalog.change(column, options=changed(record.options, definition["List"]["items"]))


def changed(options: Iterable[str], given: Iterable[Tree]) -> tuple[str, ...]:
    """*options* after ADD, SET and DROP of the *given* ones."""
    found = dict(each.partition("=")[::2] for each in options)
    for element in given:
        each = element["DefElem"]
        if each.get("defaction") == "DEFELEM_DROP":
            found.pop(each["defname"], None)
        else:
            (written,) = foreign_options([f"{each['defname']}={value_of(each.get('arg'))}"])
            found[each["defname"]] = written.partition("=")[2]
    return tuple(sorted(f"{name}={value}" for name, value in found.items()))
