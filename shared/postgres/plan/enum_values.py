"""Enum values that are used in the transaction that adds them: 55P04."""

from collections.abc import Iterator, Set
from typing import Any

from ...model.schema import Column, Kind, Subject
from ..parse import Statement, Tree
from .known import Changed, Known


def used_value(
    statement: Statement, before: Known, changed: Changed, new_values: Set[tuple[str, str]]
) -> tuple[str, bool] | None:
    """The new value that *statement* uses, and whether it is certainly one of that type and not a text like it."""
    if not new_values or statement.kind == "AlterEnumStmt":
        return None
    possible = None
    for type_, value in sorted(new_values):
        if any(_is_constant(tree, value) for tree in _of_type(statement, before, changed, type_)):
            return value, True
        if possible is None and any(text == value for text in _texts(statement.tree)):
            possible = value
    return None if possible is None else (possible, False)


def _is_constant(tree: Tree, value: str) -> bool:
    if "TypeCast" in tree:
        return _is_constant(tree["TypeCast"]["arg"], value)
    return bool(tree.get("A_Const", {}).get("sval", {}).get("sval") == value)


def _of_type(statement: Statement, before: Known, changed: Changed, type_: str) -> Iterator[Tree]:
    """Expressions that the server reads as values of the enum *type_*."""
    node = statement.node
    if statement.kind == "AlterTableStmt":
        table = before.find(node["relation"])
        for each in node["cmds"] if table is not None else ():
            command = each["AlterTableCmd"]
            column = command.get("def", {}).get("ColumnDef", {})
            name = column.get("colname", command.get("name"))
            if table is None or not _has_type(before, changed, (*table, str(name)), type_):
                continue
            if command["subtype"] == "AT_ColumnDefault" and "def" in command:
                yield command["def"]
            for constraint in column.get("constraints", ()):
                if "raw_expr" in constraint["Constraint"]:
                    yield constraint["Constraint"]["raw_expr"]
    elif statement.kind in ("UpdateStmt", "InsertStmt"):
        table = before.find(node["relation"])
        if table is not None:
            yield from _assigned(statement.kind, node, before, table, type_)
    yield from _casts(statement.tree, type_)


def _assigned(kind: str, node: Tree, before: Known, table: tuple[str, str], type_: str) -> Iterator[Tree]:
    if kind == "UpdateStmt":
        for target in (each["ResTarget"] for each in node["targetList"]):
            if "val" in target and _has_type(before, {}, (*table, target["name"]), type_):
                yield target["val"]
        return
    names = [each["ResTarget"]["name"] for each in node.get("cols", ())]
    for row in node.get("selectStmt", {}).get("SelectStmt", {}).get("valuesLists", ()):
        for name, item in zip(names, row["List"]["items"], strict=False):
            if _has_type(before, {}, (*table, name), type_):
                yield item


def _has_type(before: Known, changed: Changed, name: tuple[str, ...], type_: str) -> bool:
    subject = Subject(Kind.COLUMN, name)
    column = changed.get(subject, (None, before.objects.get(subject)))[1]
    return isinstance(column, Column) and column.type.replace('"', "") == type_


def _casts(tree: Any, type_: str) -> Iterator[Tree]:
    if isinstance(tree, list):
        for each in tree:
            yield from _casts(each, type_)
    elif isinstance(tree, dict):
        cast = tree.get("TypeCast")
        if cast is not None and "arrayBounds" not in cast["typeName"]:
            words = [each["String"].get("sval", "") for each in cast["typeName"].get("names", ())]
            if words and words == type_.split(".")[-len(words) :]:
                yield cast["arg"]
        for value in tree.values():
            yield from _casts(value, type_)


def _texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, list):
        for each in tree:
            yield from _texts(each)
    elif isinstance(tree, dict):
        sval = tree.get("A_Const", {}).get("sval") if isinstance(tree.get("A_Const"), dict) else None
        if isinstance(sval, dict):
            yield sval.get("sval", "")
        for value in tree.values():
            yield from _texts(value)
