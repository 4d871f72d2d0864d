"""Calls of functions and procedures that migrations made: which body they run, and with what for its parameters."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...model.value import dataclass
from ..parse import ParseError, Tree, parse_plpgsql
from . import records
from .names import words
from .state import State
from .texts import text_of

_INPUTS = ("", "INOUT", "VARIADIC")


@dataclass(frozen=True, slots=True)
class Call:
    """One call. *values*: what is known of the parameters, by name and by number. *for_rows*: once for each of some."""

    routine: records.Routine
    values: Mapping[str, str]
    for_rows: bool


def calls(state: State, tree: Tree, known: Mapping[str, str]) -> Iterator[Call]:
    """The calls in a SELECT's list or FROM, or a CALL; *known* are the variables around it."""
    ((kind, node),) = tree.items()
    if kind == "CallStmt":
        found, for_rows = [node["funccall"]], False
    elif kind == "SelectStmt":
        items = node.get("fromClause", ())
        of_rows = [each["RangeFunction"] for each in items if "RangeFunction" in each]
        listed = [each.get("ResTarget", {}).get("val", {}).get("FuncCall") for each in node.get("targetList", ())]
        listed += [part.get("FuncCall") for each in of_rows for part in each["functions"][0]["List"]["items"]]
        found, for_rows = [each for each in listed if each], len(of_rows) < len(items) or "whereClause" in node
    else:
        return
    for each in found:
        routine = _routine(state, each)
        if routine is not None:
            yield Call(routine, {} if for_rows else _values(state, routine, each, known), for_rows)


def _routine(state: State, call: Tree) -> records.Routine | None:
    name = words(call["funcname"])
    if name[0] == "pg_catalog":
        return None
    given = len(call.get("args", ()))
    candidates = [state.catalog.get(oid, records.Routine) for oid in state.names.routines(name)]
    known = [each for each in candidates if each is not None]
    fitting = [each for each in known if len(each.inputs) == given] or [
        each for each in known if len(each.inputs) > given
    ]
    return fitting[0] if fitting else None


def _values(state: State, routine: records.Routine, call: Tree, known: Mapping[str, str]) -> dict[str, str]:
    inputs = [each for each in routine.arguments if each.mode in _INPUTS]
    names = [each.name for each in inputs]
    given: dict[int, Tree] = {}
    for place, argument in enumerate(call.get("args", ())):
        named = argument.get("NamedArgExpr")
        given[names.index(named["name"]) if named and named["name"] in names else place] = (named or {}).get(
            "arg", argument
        )
    values: dict[str, str] = {}
    for place, each in enumerate(inputs):
        default = None if each.default is None else state.names.unbound(each.default.tree)
        tree = given.get(place, default)
        text = None if tree is None else text_of(tree, known)
        if text is not None:
            values |= {f"${place + 1}": text, **({each.name: text} if each.name else {})}
    return values


def program(state: State, routine: records.Routine) -> Any:
    """The tree of a PL/pgSQL body; None where it cannot be parsed."""
    tag = "$body$"
    while tag in routine.body:
        tag = f"${tag.strip('$')}x$"
    parameters = ", ".join(
        f'{each.mode} "{each.name}" {_type(state, each.type)}'.replace('""', "")
        for each in routine.arguments
        if each.mode in (*_INPUTS, "OUT")
    )
    returns = "" if routine.procedure else f" RETURNS {_result(state, routine)}"
    kind = "PROCEDURE" if routine.procedure else "FUNCTION"
    try:
        (tree,) = parse_plpgsql(f"CREATE {kind} f({parameters}){returns} LANGUAGE plpgsql AS {tag}{routine.body}{tag}")
    except (ParseError, ValueError):
        return None
    return tree.get("PLpgSQL_function")


def _result(state: State, routine: records.Routine) -> str:
    if routine.set_of or any(each.mode == "TABLE" for each in routine.arguments):
        return "SETOF record"
    return "void" if routine.result is None else _type(state, routine.result)


def _type(state: State, type_: records.TypeRef) -> str:
    """Only what a type is called matters to the parser: one that is not built in is any other."""
    return "text" if type_.oid is not None else state.names.spelled(type_, modified=False)
