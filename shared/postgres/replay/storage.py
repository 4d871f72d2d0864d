"""How columns are kept and sampled, and the storage parameters of tables and indexes: WITH (…), SET, RESET."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...model.schema import Doubt, Storing
from ...model.value import replace
from ..canonical.storage import own_storage, parameter
from ..parse import Tree
from . import records
from .records import Oid, TypeRef
from .state import State, value_of

OF_PARAMETERS = frozenset({"AT_SetRelOptions", "AT_ResetRelOptions"})
OF_COLUMNS = frozenset({"AT_SetStorage", "AT_SetCompression", "AT_SetStatistics", "AT_SetOptions", "AT_ResetOptions"})
# Bits of TableLikeClause.options (parsenodes.h).
_LIKE_COMPRESSION, _LIKE_STORAGE = 2, 256
# A higher one is lowered to it (MAX_STATISTICS_TARGET).
_HIGHEST_TARGET = 10_000
# A column of one of these alone makes a TOAST table (needs_toast_table): its values may be of any length.
_LONG = frozenset({"bytea", "character varying", "json", "jsonb", "text", "tsvector", "xml"})
_STORING, _TOAST = frozenset({"storing"}), frozenset({"toast_parameters"})


def parameters_of(given: Iterable[Tree], namespace: str = "") -> tuple[str, ...]:
    """Those of a WITH clause, sorted; *namespace* is ``toast`` for ``toast.autovacuum_enabled``."""
    return tuple(sorted(_written(given, namespace)))


def _written(given: Iterable[Tree], namespace: str) -> Iterator[str]:
    for each in given:
        option = each["DefElem"]
        if option.get("defnamespace", "") == namespace:
            value: Any = value_of(option.get("arg"))
            text = "true" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            yield parameter(option["defname"], text)


def of_table(given: Iterable[Tree]) -> tuple[str, ...]:
    """Those of CREATE TABLE. ``oids = false`` is read, and kept nowhere."""
    return tuple(each for each in parameters_of(given) if not each.startswith("oids="))


def with_parameters(now: Iterable[str], given: Iterable[Tree], namespace: str = "") -> tuple[str, ...]:
    """*now* and what SET gives."""
    every = [*now, *parameters_of(given, namespace)]
    return tuple(sorted({each.split("=", 1)[0]: each for each in every}.values()))


def without_parameters(now: Iterable[str], given: Iterable[Tree], namespace: str = "") -> tuple[str, ...]:
    """*now* without what RESET names."""
    options = (each["DefElem"] for each in given)
    gone = {each["defname"] for each in options if each.get("defnamespace", "") == namespace}
    return tuple(each for each in now if each.split("=", 1)[0] not in gone)


def alter_parameters(state: State, oid: Oid, command: Tree) -> None:
    """SET or RESET of a table's or an index's."""
    given = command["def"]["List"]["items"]
    changed = with_parameters if command["subtype"] == "AT_SetRelOptions" else without_parameters
    record = state.catalog[oid]
    if isinstance(record, records.Table):
        state.catalog.change(oid, parameters=changed(record.parameters, given))
        _change_toast(state, oid, changed(record.toast_parameters, given, "toast"))
    elif isinstance(record, records.AnyIndex):
        state.catalog.change(oid, parameters=changed(record.parameters, given))


def set_toast_parameters(state: State, table: Oid, given: Sequence[Tree]) -> None:
    """Those that CREATE TABLE gives the TOAST table, once the columns are known."""
    _change_toast(state, table, parameters_of(given, "toast"))


def _change_toast(state: State, table: Oid, parameters: tuple[str, ...]) -> None:
    """A table without a TOAST table forgets them; whether it has one, only some types say."""
    if parameters == state.catalog.expect(table, records.Table).toast_parameters:
        return
    state.catalog.change(table, toast_parameters=parameters)
    types = (state.names.base_type(column.type) for _, column in state.catalog.columns(table))
    if not any(each in _LONG or each.endswith("[]") for each in types):
        state.doubt(table, Doubt("whether it has a TOAST table depends on its types", _TOAST))


def declare(state: State, column: Oid, definition: Tree) -> None:
    """What a column's own definition says of it: STORAGE and COMPRESSION."""
    storing = state.catalog.expect(column, records.Column).storing
    if "compression" in definition:
        storing = replace(storing, compression=_unless_default(definition["compression"]))
    if "storage_name" in definition:
        storing = replace(storing, storage=_storage(state, column, definition["storage_name"]))
    _put(state, column, storing)


def alter_column(state: State, table: Oid, command: Tree, *, only: bool) -> None:
    """SET STORAGE and SET STATISTICS go to the tables below as well (ATSimpleRecursion), the others do not."""
    kind = command["subtype"]
    stays = only or kind not in ("AT_SetStorage", "AT_SetStatistics")
    if "name" not in command:  # a column by its number: that of an index
        return
    for _, column in state.column_family(table, command["name"], only=stays):
        _put(state, column, _altered(state, column, kind, command.get("def")))


def _altered(state: State, column: Oid, kind: str, definition: Any) -> Storing:
    storing = state.catalog.expect(column, records.Column).storing
    match kind:
        case "AT_SetStorage":
            state.know(column, _STORING)
            return replace(storing, storage=_storage(state, column, value_of(definition)))
        case "AT_SetCompression":
            return replace(storing, compression=_unless_default(value_of(definition)))
        case "AT_SetStatistics":
            target = value_of(definition) if definition else -1
            return replace(storing, statistics=None if target < 0 else min(target, _HIGHEST_TARGET))
        case "AT_SetOptions":
            return replace(storing, options=with_parameters(storing.options, definition["List"]["items"]))
        case _:
            return replace(storing, options=without_parameters(storing.options, definition["List"]["items"]))


def _unless_default(word: str) -> str | None:
    return None if word.lower() == "default" else word.lower()


def _storage(state: State, column: Oid, word: str) -> str | None:
    """None where *word* is what the column's type has by itself; in doubt where that is not known."""
    wanted = _unless_default(word)
    if wanted is None:
        return None
    own = _own_storage(state, state.catalog.expect(column, records.Column).type)
    if own is None and not state.is_temporary(state.catalog.expect(column, records.Column).table):
        state.doubt(column, Doubt("how its type is stored by itself is not known", _STORING))
    return None if wanted == own else wanted


def _own_storage(state: State, type_: TypeRef) -> str | None:
    if type_.tree.get("arrayBounds"):
        return "extended"
    match state.catalog.get(type_.oid, records.Record):
        case records.Domain() as domain:
            return _own_storage(state, domain.type)
        case records.Enum():
            return "plain"
        case records.Composite() | records.Range() | records.Multirange() | records.Table() | records.View():
            return "extended"
        case _:
            return own_storage(state.names.spelled(type_))


def forget(state: State, column: Oid) -> None:
    """Another type comes with its own storage; statistics and options stay."""
    storing = state.catalog.expect(column, records.Column).storing
    _put(state, column, replace(storing, storage=None, compression=None))
    state.know(column, _STORING)


def inherited(column: records.Column) -> Storing:
    """What a new column of a partition or an inheriting table takes over from its parent's *column*."""
    return replace(column.storing, statistics=None, options=())


def copied(column: records.Column, given: int) -> Storing:
    """What LIKE takes over, by its options."""
    return Storing(
        storage=column.storing.storage if given & _LIKE_STORAGE else None,
        compression=column.storing.compression if given & _LIKE_COMPRESSION else None,
    )


def _put(state: State, column: Oid, storing: Storing) -> None:
    if storing != state.catalog.expect(column, records.Column).storing:
        state.catalog.change(column, storing=storing)
