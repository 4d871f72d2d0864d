"""INSERT and UPDATE: columns that do not exist, and those that take no value."""

from collections.abc import Iterator

from ....model.schema import Kind
from ...parse import Tree
from ..footprint import Failure, Footprint

# Up to 13 a value for a generated column is an error of syntax.
_ALWAYS_GENERATED = 14


def insert(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    named = [each["ResTarget"]["name"] for each in node.get("cols", ())]
    yield from _columns(footprint, node, named)
    query = node.get("selectStmt", {}).get("SelectStmt", {})
    table = footprint.before.find(node["relation"])
    if table is None or footprint.before.kind(table) is not Kind.TABLE or table in footprint.circumstances.vague:
        return
    most = len(named) or sum(1 for _ in footprint.before.columns(table))
    rows = [each["List"]["items"] for each in query.get("valuesLists", ())]
    if any(len(row) > most for row in rows):
        yield Failure("42601", "INSERT has more expressions than target columns")
    elif named and any(len(row) < most for row in rows):
        yield Failure("42601", "INSERT has more target columns than expressions")
    for row in rows:
        for name, value in zip(named, row, strict=False):
            column = footprint.before.column(table, name)
            if column is not None and column.generated is not None and "SetToDefault" not in value:
                yield _generated(footprint, f"cannot insert a non-DEFAULT value into the generated column {name}")


def update(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    targets = [each["ResTarget"] for each in node["targetList"]]
    yield from _columns(footprint, node, [each["name"] for each in targets])
    table = footprint.before.find(node["relation"])
    for each in targets if table is not None else ():
        column = footprint.before.column(table, each["name"]) if table is not None else None
        if column is not None and column.generated is not None and "SetToDefault" not in each["val"]:
            yield _generated(footprint, f"the generated column {each['name']} can only be updated to DEFAULT")


def _generated(footprint: Footprint, because: str) -> Failure:
    return Failure("428C9" if footprint.circumstances.version >= _ALWAYS_GENERATED else "42601", because)


def _columns(footprint: Footprint, node: Tree, names: list[str]) -> Iterator[Failure]:
    table = footprint.before.find(node["relation"])
    if table is None or footprint.before.kind(table) is not Kind.TABLE or table in footprint.circumstances.vague:
        return
    for name in names:
        if footprint.before.column(table, name) is None:
            yield Failure("42703", f"column {name} of {table[1]} does not exist")
