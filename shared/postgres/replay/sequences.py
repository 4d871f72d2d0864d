"""CREATE and ALTER SEQUENCE, and the sequences behind serial and identity columns (commands/sequence.c)."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ...model.schema import SequenceOptions
from ...model.value import replace
from ..canonical.names import AsWritten
from ..canonical.types import type_of
from ..parse import Tree
from . import records
from .names import words
from .records import Oid
from .state import State, options

_TOP = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def create_sequence(state: State, node: Tree) -> None:
    schema, name = state.place(node["sequence"])
    state.taken_by_relation(schema, name)
    oid = state.catalog.add(records.Sequence(schema, name, options=sequence_options(node.get("options", ()))))
    _own(state, oid, node.get("options", ()))


def alter_sequence(state: State, node: Tree) -> None:
    oid = state.names.relation(node["sequence"])
    sequence = state.catalog.get(oid, records.Sequence)
    if sequence is not None:
        given = node.get("options", ())
        state.catalog.change(oid, options=sequence_options(given, sequence.options))
        _own(state, oid, given)


def add_owned_sequence(
    state: State, column: Oid, type_name: str, given: Iterable[Tree] = (), *, identity: bool = False
) -> Oid:
    """The sequence of a serial or identity *column*, named after it unless the options name it."""
    owner = state.catalog.expect(column, records.Column)
    table = state.catalog.expect(owner.table, records.Table)
    given = list(given)
    named = next((value for name, value in options(given) if name == "sequence_name"), None)
    schema = state.place_named(tuple(named))[0] if isinstance(named, list) and len(named) > 1 else table.schema
    name = (
        named[-1]
        if isinstance(named, list)
        else state.catalog.free_relation_name(schema, table.name, owner.name, "seq")
    )
    base = _options_of(type_name)
    return state.catalog.add(
        records.Sequence(
            schema, name, options=sequence_options(given, base) if given else base, owner=column, identity=identity
        )
    )


@cache
def _options_of(type_name: str) -> SequenceOptions:
    """The options of a sequence of this type for which none are given."""
    return sequence_options((), replace(SequenceOptions(), type=type_name, maximum=_TOP.get(type_name, _TOP["bigint"])))


def sequence_options(given: Iterable[Tree], current: SequenceOptions | None = None) -> SequenceOptions:
    """What a list of options makes of *current*, or of nothing (``init_params``)."""
    wanted: dict[str, Any] = dict(options(given))
    types = {each["DefElem"]["defname"]: each["DefElem"].get("arg") for each in given}
    now = current or SequenceOptions()
    type_name = type_of(types["as"]["TypeName"], AsWritten()) if types.get("as") else now.type
    increment = _integer(wanted.get("increment"), now.increment)
    was_top, top = (_TOP.get(each, _TOP["bigint"]) for each in (now.type, type_name))
    fresh = current is None
    lowest, highest = (1, top) if increment > 0 else (-top - 1, -1)
    retyped = {was_top: top, -was_top - 1: -top - 1} if type_name != now.type else {}
    maximum = _limit(wanted, "maxvalue", highest if fresh else now.maximum, highest, retyped)
    minimum = _limit(wanted, "minvalue", lowest if fresh else now.minimum, lowest, retyped)
    begin = minimum if increment > 0 else maximum
    return SequenceOptions(
        type=type_name,
        start=_integer(wanted.get("start"), begin if fresh else now.start),
        increment=increment,
        minimum=minimum,
        maximum=maximum,
        cache=_integer(wanted.get("cache"), now.cache),
        cycle=bool(wanted["cycle"]) if "cycle" in wanted else now.cycle,
    )


def _limit(wanted: Mapping[str, Any], name: str, now: int, without: int, retyped: Mapping[int, int]) -> int:
    """The limit that *wanted* gives: NO MAXVALUE is the one *without* any, a former type's own is the new one's."""
    if name not in wanted:
        return retyped.get(now, now)
    return _integer(wanted[name], retyped.get(now, without))


def _integer(value: Any, otherwise: int) -> int:
    return otherwise if value is None else int(value)


def _own(state: State, sequence: Oid, given: Iterable[Tree]) -> None:
    owner = next((value for name, value in options(given) if name == "owned_by"), None)
    if not isinstance(owner, list):
        return
    if len(owner) == 1:
        state.catalog.change(sequence, owner=None)
    else:
        table = state.names.relation_named(owner[:-1])
        state.catalog.change(sequence, owner=state.names.column(table, owner[-1]))


def type_of_serial(tree: Tree) -> str | None:
    """``serial`` and its like as the word written, None for other types."""
    name = words(tree["names"])
    return name[0] if len(name) == 1 and not tree.get("arrayBounds") else None


def sequence_type_of(state: State, column: records.Column) -> str:
    """The type of an identity column's sequence: the column's own."""
    spelled = state.names.spelled(column.type, modified=False)
    return spelled if spelled in _TOP else "bigint"
