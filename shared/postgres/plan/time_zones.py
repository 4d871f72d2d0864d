"""What a statement does otherwise in a session whose TimeZone is not UTC.

Prisma's client reads and writes ``timestamp`` as UTC, whatever its session's TimeZone is.
"""

from collections.abc import Iterator, Sequence

from ...model.plan import Relation
from ...model.schema import Column, Kind
from ...model.session import Session
from ..canonical.values import moments
from ..parse import Statement, Tree, nodes_with
from .known import Changed, Known

_UTC = Session("UTC")
_LOCAL = ("timestamp", "date", "time")
_NOW = frozenset({"now", "transaction_timestamp", "statement_timestamp", "clock_timestamp", "timeofday"})
# CURRENT_TIMESTAMP and its like have a node of their own.
_NOW_WORDS = ("CURRENT_DATE", "CURRENT_TIME", "LOCALTIME")


def by_time_zone(statement: Statement, before: Known, changed: Changed, zone: str) -> Iterator[str]:
    """Say in sentences what *statement* does otherwise where TimeZone is *zone* than where it is UTC."""
    match statement.kind:
        case "AlterTableStmt":
            for each in statement.node["cmds"]:
                yield from _altered(each["AlterTableCmd"], changed, zone)
        case "CreateStmt":
            for each in statement.node.get("tableElts", ()):
                if "ColumnDef" in each:
                    yield from _default(each["ColumnDef"]["colname"], _default_of(each["ColumnDef"]), changed, zone)
        case "InsertStmt" | "UpdateStmt":
            yield from _filled(statement, before, zone)
        case _:
            pass


def _altered(command: Tree, changed: Changed, zone: str) -> Iterator[str]:
    match command["subtype"]:
        case "AT_AlterColumnType":
            yield from _converted(command, changed, zone)
        case "AT_AddColumn":
            yield from _added(command["def"]["ColumnDef"], changed, zone)
        case "AT_ColumnDefault":
            yield from _default(command["name"], command.get("def", {}), changed, zone)
        case _:
            pass


def _filled(statement: Statement, before: Known, zone: str) -> Iterator[str]:
    table = before.find(statement.node["relation"])
    for name, value in _written(statement, before, table) if table is not None else ():
        column = before.column(table, name) if table is not None else None
        if column is not None:
            yield from _value(f"{statement.node['relation']['relname']}.{name}", column.type, value, zone)


def _converted(command: Tree, changed: Changed, zone: str) -> Iterator[str]:
    """The type of a column gets or loses its time zone; an expression says itself how."""
    was, now = _types(command["name"], changed)
    if was is None or now is None or "raw_default" in command["def"]["ColumnDef"]:
        return
    if _is_local(was) and _is_zoned(now):
        yield f"it takes the values of {command['name']} for times of {zone}, and Prisma's client wrote them in UTC"
    elif _is_zoned(was) and _is_local(now):
        yield f"it leaves in {command['name']} the times of {zone}, and Prisma's client reads them as UTC"


def _added(definition: Tree, changed: Changed, zone: str) -> Iterator[str]:
    name, value = definition["colname"], _default_of(definition)
    _, type_ = _types(name, changed)
    if type_ is not None and _is_local(type_) and _is_now(value):
        yield f"it fills {name} of the rows that exist with the time of {zone}, and Prisma's client reads it as UTC"
    yield from _default(name, value, changed, zone)


def _default(name: str, value: Tree, changed: Changed, zone: str) -> Iterator[str]:
    """A constant that names no time zone; the other defaults are computed by the sessions that use them."""
    _, type_ = _types(name, changed)
    if type_ is not None and _is_zoned(type_) and _names_no_zone(value):
        yield f"its default of {name} names no time zone: it is a time of {zone}"


def _value(column: str, type_: str, value: Tree, zone: str) -> Iterator[str]:
    if _is_local(type_) and _is_now(value):
        yield f"it writes the time of {zone} into {column}, and Prisma's client reads it as UTC"
    elif _is_zoned(type_) and _names_no_zone(value):
        yield f"a value for {column} names no time zone: it is a time of {zone}"


def _written(statement: Statement, before: Known, table: Relation) -> Iterator[tuple[str, Tree]]:
    """The columns that an UPDATE or an INSERT writes, each with a value."""
    if statement.kind == "UpdateStmt":
        for each in statement.node["targetList"]:
            yield each["ResTarget"]["name"], each["ResTarget"].get("val", {})
        return
    query = statement.node.get("selectStmt", {}).get("SelectStmt", {})
    names = [each["ResTarget"]["name"] for each in statement.node.get("cols", ())] or [
        name for name, _ in before.columns(table)
    ]
    for row in query.get("valuesLists", ()):
        yield from zip(names, row["List"]["items"], strict=False)
    yield from zip(names, (each["ResTarget"]["val"] for each in query.get("targetList", ())), strict=False)


def _types(name: str, changed: Changed) -> tuple[str | None, str | None]:
    """The types of the column *name* before and after the statement; None where there was or is none."""
    found: Sequence[str | None] = (None, None)
    for subject, definitions in changed.items():
        if subject.kind is Kind.COLUMN and subject.name[-1] == name:
            found = [each.type if isinstance(each, Column) else None for each in definitions]
    return found[0], found[1]


def _default_of(definition: Tree) -> Tree:
    constraints = (each["Constraint"] for each in definition.get("constraints", ()))
    found: Tree = next((each["raw_expr"] for each in constraints if each["contype"] == "CONSTR_DEFAULT"), {})
    return found


def _is_local(type_: str) -> bool:
    return type_.startswith(_LOCAL) and not _is_zoned(type_)


def _is_zoned(type_: str) -> bool:
    return type_.startswith("timestamp") and type_.endswith("with time zone")


def _is_now(value: Tree) -> bool:
    """Say whether the value is the present time: a type without time zone keeps that of the session."""
    calls = {_names(each)[-1] for each in nodes_with(value, "funcname")}
    if "timezone" in calls:  # now() AT TIME ZONE 'UTC'
        return False
    words = (str(each["op"]).removeprefix("SVFOP_") for each in nodes_with(value, "op"))
    return not _NOW.isdisjoint(calls) or any(each.startswith(_NOW_WORDS) for each in words)


def _names(call: Tree) -> list[str]:
    return [each["String"].get("sval", "") for each in call["funcname"] if "String" in each]


def _names_no_zone(value: Tree) -> bool:
    """Say whether the value is a constant that is read by the session's TimeZone."""
    while "TypeCast" in value:
        value = value["TypeCast"]["arg"]
    text = value.get("A_Const", {}).get("sval", {}).get("sval")
    if text is None:
        return False
    return moments.timestamptz(text, Session()) is None and moments.timestamptz(text, _UTC) is not None
