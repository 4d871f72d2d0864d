"""What runs inside the server: routines, triggers, policies, rules."""

from collections.abc import Iterable, Iterator
from typing import Any

from ...model.schema import Kind, Subject
from ..canonical.names import quoted, spelled_unless_system
from ..parse import Tree
from . import inheritance, records
from .catalog import UnknownError
from .constraints import deferral
from .names import Scope, words
from .offered import built_in_type
from .records import Oid
from .state import ExistsError, State, options, value_of

_MODES = {
    "FUNC_PARAM_OUT": "OUT",
    "FUNC_PARAM_INOUT": "INOUT",
    "FUNC_PARAM_VARIADIC": "VARIADIC",
    "FUNC_PARAM_TABLE": "TABLE",
}
_NOT_INPUT = ("OUT", "TABLE")
# Bits of CreateTrigStmt.events (catalog/pg_trigger.h), in the model's order.
_EVENTS = ((4, "insert"), (16, "update"), (8, "delete"), (32, "truncate"))
_TIMINGS = {2: "before", 64: "instead of"}
# The server keeps a setting under its own spelling; these are the ones that are not in lower case.
_SPELT_OTHERWISE = {"datestyle": "DateStyle", "intervalstyle": "IntervalStyle", "timezone": "TimeZone"}
# Settings that are lists of names: stored quoted, each as it needs (variable_is_guc_list_quote).
_LISTS_OF_NAMES = {
    "search_path", "local_preload_libraries", "session_preload_libraries", "temp_tablespaces",
    "unix_socket_directories",
}  # fmt: skip


def create_routine(state: State, node: Tree) -> None:
    name = words(node["funcname"])
    schema, last = state.place_named(name)
    arguments = tuple(arguments_of(state, node.get("parameters", ())))
    signature = state.names.signature(each.type for each in arguments if each.mode not in _NOT_INPUT)
    there = state.names.routine_taking(schema, last, signature)
    if there is not None and not node.get("replace"):
        raise ExistsError(last)
    procedure = bool(node.get("is_procedure"))
    result, set_of = _result(state, node, arguments)
    fields: dict[str, Any] = {"language": "sql", **dict(_attributes(node.get("options", ()), ()))}
    body = state.names.bind(node["sql_body"]) if "sql_body" in node else None
    record = records.Routine(
        schema, last, arguments=arguments, result=None if procedure else result, set_of=set_of,
        procedure=procedure, sql_body=body, signature=signature, **fields,
    )  # fmt: skip
    if there is None:
        state.catalog.add(record)
    else:
        state.catalog.put(there, record)


def arguments_of(state: State, parameters: Iterable[Tree]) -> Iterator[records.Argument]:
    for each in parameters:
        node = each["FunctionParameter"]
        default = state.names.bind(node["defexpr"]) if "defexpr" in node else None
        mode: Any = _MODES.get(node.get("mode", ""), "")
        yield records.Argument(node.get("name", ""), state.names.type_ref(node["argType"]), mode, default)


def _result(state: State, node: Tree, arguments: tuple[records.Argument, ...]) -> tuple[records.TypeRef, bool]:
    if "returnType" in node:
        return state.names.type_ref(node["returnType"]), bool(node["returnType"].get("setof"))
    outputs = [each.type for each in arguments if each.mode in ("OUT", "INOUT")]
    if len(outputs) == 1:
        return outputs[0], False
    return built_in_type("record" if outputs else "void"), False


def _attributes(given: Iterable[Tree], settings: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Options of CREATE and ALTER FUNCTION as fields of the record."""
    now = {each.split("=", 1)[0]: each for each in settings}
    for name, value in options(given):
        match name:
            case "language":
                yield "language", str(value).lower()
            case "volatility":
                yield "volatility", value
            case "strict" | "leakproof":
                yield name, bool(value)
            case "security":
                yield "security_definer", bool(value)
            case "parallel":
                yield "parallel", str(value).lower()
            case "as":
                yield "body", value[-1] if isinstance(value, list) else value
            case "set":
                _set(now, value["VariableSetStmt"])
            case _:
                pass  # cost, rows, support, transform: nothing that the model holds
    yield "settings", tuple(sorted(now.values()))


def _set(settings: dict[str, str], node: Tree) -> None:
    """``SET name = …`` of a function, in the form of pg_proc.proconfig (``flatten_set_variable_args``)."""
    kind, name = node["kind"], node.get("name", "")
    name = _SPELT_OTHERWISE.get(name.lower(), name.lower())
    if kind == "VAR_RESET_ALL":
        settings.clear()
    elif kind == "VAR_SET_VALUE":
        values = [
            str(value_of(each)).lower() if isinstance(value_of(each), bool) else str(value_of(each))
            for each in node["args"]
        ]
        if name in _LISTS_OF_NAMES:
            values = [quoted(each) for each in values]
        settings[name] = f"{name}={', '.join(values)}"
    else:
        settings.pop(name, None)


def alter_routine(state: State, node: Tree) -> None:
    oid = state.names.routine(node["func"])
    routine = state.catalog.expect(oid, records.Routine)
    state.catalog.change(oid, **dict(_attributes(node.get("actions", ()), routine.settings)))


def create_trigger(state: State, node: Tree) -> None:
    table = state.names.relation(node["relation"])
    name = node["trigname"]
    there = state.catalog.find("trigger", table, name)
    if there is not None and not node.get("replace"):
        raise ExistsError(name)
    function = state.names.routines(words(node["funcname"]))
    given = words(node["funcname"])
    events = node.get("events", 0)
    tables = {
        "new_table" if each["TriggerTransition"].get("isNew") else "old_table": each["TriggerTransition"]["name"]
        for each in node.get("transitionRels", ())
    }
    timing: Any = _TIMINGS.get(node.get("timing", 0), "after")
    record = records.Trigger(
        table, name, timing, tuple(word for bit, word in _EVENTS if events & bit),
        function[0] if function else spelled_unless_system(given),
        arguments=words(node.get("args", ())),
        for_each="row" if node.get("row") else "statement",
        update_of=state.names.columns(table, node.get("columns", ())) if _has_columns(state, table) else (),
        when=state.names.bind(node["whenClause"], Scope(table, ("new", "old"))) if "whenClause" in node else None,
        constraint=bool(node.get("isconstraint")), deferral=deferral(node), **tables,
    )  # fmt: skip
    if there is not None:
        state.catalog.remove(there)
    oid = state.catalog.add(record)
    for child, each in list(state.children(table)):
        if each.partition_of == table and record.for_each == "row":
            inheritance.take_trigger(state, oid, child)


def _has_columns(state: State, relation: Oid) -> bool:
    """A view's columns are no objects of their own."""
    return isinstance(state.catalog[relation], records.Table)


def _roles(state: State, table: Oid, node: Tree) -> tuple[str, ...]:
    roles = []
    for each in node.get("roles", ()):
        role = each["RoleSpec"]
        if role["roletype"] == "ROLESPEC_PUBLIC":
            return ("public",)
        if role["roletype"] != "ROLESPEC_CSTRING":
            subject = Subject(Kind.POLICY, (*state.names.full_name(table), node["policy_name"]))
            state.opaque(subject, "it belongs to the role that runs the migration")
        roles.append(role.get("rolename", role["roletype"]))
    return tuple(sorted(roles)) or ("public",)


def create_policy(state: State, node: Tree) -> None:
    table = state.names.relation(node["table"])
    state.taken("policy", table, node["policy_name"])
    state.catalog.add(
        records.Policy(
            table, node["policy_name"], node.get("cmd_name", "all"), permissive=bool(node.get("permissive")),
            roles=_roles(state, table, node), **_conditions(state, table, node),
        )
    )  # fmt: skip


def alter_policy(state: State, node: Tree) -> None:
    table = state.names.relation(node["table"])
    policy = state.catalog.find("policy", table, node["policy_name"])
    if policy is None:
        raise UnknownError(f"policy {node['policy_name']}")
    state.catalog.change(policy, **_conditions(state, table, node))
    if "roles" in node:
        state.catalog.change(policy, roles=_roles(state, table, node))


def _conditions(state: State, table: Oid, node: Tree) -> dict[str, Any]:
    scope = Scope(table, (state.names.full_name(table)[-1],))
    return {
        field: state.names.bind(node[source], scope)
        for source, field in (("qual", "using"), ("with_check", "with_check"))
        if source in node
    }


def create_rule(state: State, node: Tree) -> None:
    table = state.names.relation(node["relation"])
    there = state.catalog.find("rule", table, node["rulename"])
    if there is not None and not node.get("replace"):
        raise ExistsError(node["rulename"])
    scope = Scope(table, ("new", "old")) if _has_columns(state, table) else None
    body = {key: node[key] for key in ("whereClause", "actions") if key in node}
    event: Any = node["event"].removeprefix("CMD_").lower()
    bound = state.names.bind(body, scope)
    record = records.Rule(table, node["rulename"], event, instead=bool(node.get("instead")), body=bound)
    if there is not None:
        state.catalog.remove(there)
    state.catalog.add(record)
