"""CREATE and ALTER OPERATOR."""

from collections.abc import Iterable, Mapping
from typing import Any

from ...model.schema import Doubt
from ..canonical.names import operator_name
from ..parse import Tree
from . import records
from .builtin import OPERATORS
from .catalog import UnknownError
from .definitions import given, name_in, type_in
from .names import words
from .others import function_taking
from .records import Oid, TypeRef
from .state import ExistsError, State, is_off, options

_Operands = tuple[TypeRef | None, TypeRef | None]


def create(state: State, node: Tree) -> None:
    schema, symbol = state.place_named(words(node["defnames"]))
    said = given(node["definition"])
    operands = type_in(state, said.get("leftarg")), type_in(state, said.get("rightarg"))
    types = _types(state, operands)
    there = state.catalog.find("operator taking", schema, f"{symbol}({types})")
    announced = state.catalog.get(there, records.Operator)
    if announced is not None and announced.function is not None:
        raise ExistsError(f"operator {symbol}")
    function = name_in(said["function" if "function" in said else "procedure"])
    left, right = operands
    operator = records.Operator(
        schema, symbol, left=left, right=right, types=types, function=function_taking(state, function, operands)
    )
    if there is None:
        there = state.catalog.add(operator)
    else:
        state.catalog.put(there, operator)
    _set(state, there, said, dict(options(node["definition"])), announce=True)


def alter(state: State, node: Tree) -> None:
    plain = dict(options(node["options"]))
    _set(state, find(state, node["opername"]), given(node["options"]), plain, announce=False)


def find(state: State, tree: Tree) -> Oid:
    """Give the operator that an ObjectWithArgs node means. Raises UnknownError."""
    *schema, symbol = words(tree["objname"])
    left, right = (type_in(state, each) for each in tree["objargs"])
    found = state.names.find("operator taking", (*schema, f"{symbol}({_types(state, (left, right))})"))
    if found is None:
        raise UnknownError(f"operator {symbol}")
    return found


def _set(state: State, oid: Oid, said: Mapping[str, Tree], plain: Mapping[str, Any], *, announce: bool) -> None:
    """What is *said* of it besides its operands and its function."""
    estimators = {each: said[each] for each in ("restrict", "join") if each in said}
    changed: dict[str, Any] = {
        each: function_taking(state, name_in(tree), ()) if tree else None for each, tree in estimators.items()
    }
    changed |= {each: plain[each] is None or not is_off(plain[each]) for each in ("hashes", "merges") if each in plain}
    state.catalog.change(oid, **changed)
    operator = state.catalog.expect(oid, records.Operator)
    if "commutator" in said:
        _link(state, oid, "commutator", name_in(said["commutator"]), (operator.right, operator.left), announce=announce)
    if "negator" in said:
        _link(state, oid, "negator", name_in(said["negator"]), (operator.left, operator.right), announce=announce)


def _link(state: State, oid: Oid, how: str, name: tuple[str, ...], operands: _Operands, *, announce: bool) -> None:
    """Tie two operators together. CREATE OPERATOR *announces* one that does not exist yet.

    Whether one is linked that does not say so itself depends on which was made first; a dump has an order of its own.
    """
    *schema, symbol = name
    types = _types(state, operands)
    other = state.names.find("operator taking", (*schema, f"{symbol}({types})"))
    if other is None and (schema == ["pg_catalog"] or _may_be_built_in(symbol, operands)):
        state.catalog.change(oid, **{how: operator_name(tuple(each for each in name if each != "pg_catalog"))})
        return
    if other is None and not announce:
        raise UnknownError(f"operator {symbol}")
    if other is None:
        place = state.schema_to_create_in(schema[-1] if schema else None)
        left, right = operands
        other = state.catalog.add(records.Operator(place, symbol, left=left, right=right, types=types))
    state.catalog.change(oid, **{how: other})
    state.know(oid, frozenset({how}))
    if getattr(state.catalog[other], how) is None:
        state.catalog.change(other, **{how: oid})
        state.doubt(other, Doubt("only another operator names the two together", frozenset({how})))


def _may_be_built_in(symbol: str, operands: Iterable[TypeRef | None]) -> bool:
    return symbol in OPERATORS and all(each is None or each.oid is None for each in operands)


def _types(state: State, operands: _Operands) -> str:
    """As signatures of routines have them: renamed types stay the same."""
    return ", ".join("none" if each is None else state.names.signature([each]) for each in operands)
