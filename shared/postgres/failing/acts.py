"""What a statement does, act by act: an ALTER TABLE has as many as it has commands."""

from collections.abc import Iterator, Sequence
from dataclasses import field
from enum import Enum, auto
from typing import Any

from ...model.value import dataclass, replace
from ..canonical.names import AsWritten
from ..canonical.types import type_of
from ..naming import figured_name, index_column_names, joined_columns, object_name
from ..parse import Statement, Tree


class Deed(Enum):
    """Kinds of acts, by how they can meet the rows of a table or a value that does not fit."""

    UNIQUE = auto()  # builds an index over rows that must not agree
    CHECK = auto()
    FOREIGN_KEY = auto()
    EXCLUSION = auto()
    VALIDATE = auto()
    NOT_NULL = auto()
    TYPE = auto()  # rewrites a column's values
    VALUE = auto()  # states a default, a generated value or the expression of an index
    PARTITION = auto()  # joins a table to another one
    DOMAIN = auto()
    ENUM = auto()
    WRITE = auto()
    RUN = auto()  # evaluates expressions or runs code: SELECT, DO, CALL, CREATE TABLE AS, REFRESH
    DEFINE = auto()  # a function, view, trigger, rule or policy
    DROP = auto()
    REMOVE = auto()  # drops a part of a table
    RENAME = auto()  # gives another name or another schema
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Act:
    """One act on *table*: the *names* of constraints or indexes it makes or validates, its *columns* and *types*."""

    deed: Deed
    table: str | None = None
    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    types: frozenset[str] = field(default_factory=frozenset)


_WRITES = {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt", "TruncateStmt"}
_OF_A_KIND = {
    "SelectStmt": Deed.RUN, "DoStmt": Deed.RUN, "CallStmt": Deed.RUN, "CreateTableAsStmt": Deed.RUN,
    "RefreshMatViewStmt": Deed.RUN, "ReindexStmt": Deed.RUN, "ExecuteStmt": Deed.RUN,
    "ViewStmt": Deed.DEFINE, "CreateFunctionStmt": Deed.DEFINE, "RuleStmt": Deed.DEFINE,
    "CreatePolicyStmt": Deed.DEFINE, "CreateTrigStmt": Deed.DEFINE,
    "DropStmt": Deed.DROP, "DropOwnedStmt": Deed.DROP, "DropRoleStmt": Deed.DROP,
    "RenameStmt": Deed.RENAME, "AlterObjectSchemaStmt": Deed.RENAME,
    "AlterDomainStmt": Deed.DOMAIN, "CreateDomainStmt": Deed.DOMAIN, "AlterTypeStmt": Deed.DOMAIN,
    "CreateEnumStmt": Deed.ENUM, "AlterEnumStmt": Deed.ENUM,
}  # fmt: skip
# What a constraint does, and the label that PostgreSQL puts at the end of its name where it has none.
_CONSTRAINTS = {
    "CONSTR_PRIMARY": (Deed.UNIQUE, "pkey"),
    "CONSTR_UNIQUE": (Deed.UNIQUE, "key"),
    "CONSTR_FOREIGN": (Deed.FOREIGN_KEY, "fkey"),
    "CONSTR_CHECK": (Deed.CHECK, "check"),
    "CONSTR_EXCLUSION": (Deed.EXCLUSION, "excl"),
    "CONSTR_NOTNULL": (Deed.NOT_NULL, "not_null"),
    "CONSTR_DEFAULT": (Deed.VALUE, None),
    "CONSTR_GENERATED": (Deed.VALUE, None),
    "CONSTR_IDENTITY": (Deed.OTHER, None),
}


def acts_of(statement: Statement) -> list[Act]:
    """Give everything that *statement* does; at least one act."""
    acts = list(_acts(statement.kind, statement.node))
    return acts or [Act(Deed.OTHER, types=types_in(statement.tree))]


def _acts(kind: str, node: Tree) -> Iterator[Act]:
    if kind == "AlterTableStmt":
        table = node["relation"]["relname"]
        for command in node.get("cmds", ()):
            yield from _of_command(table, command["AlterTableCmd"])
    elif kind == "CreateStmt":
        table = node["relation"]["relname"]
        deed = Deed.PARTITION if "partbound" in node else Deed.OTHER
        yield Act(deed, table, types=types_in(node))
        for element in (*node.get("tableElts", ()), *node.get("constraints", ())):
            for act in _of_element(table, element):
                # It holds no rows yet that could be in the way.
                yield act if act.deed is Deed.VALUE else replace(act, deed=Deed.OTHER)
    elif kind == "IndexStmt":
        yield from _of_index(node)
    elif kind in _WRITES:
        yield Act(Deed.WRITE, node.get("relation", {}).get("relname"), columns=columns_in(node), types=types_in(node))
    elif kind in _OF_A_KIND:
        yield Act(_OF_A_KIND[kind], types=types_in(node))


def _of_command(table: str, command: Tree) -> Iterator[Act]:
    kind, name, definition = command.get("subtype"), command.get("name"), command.get("def", {})
    columns = (name,) if name else ()
    if kind == "AT_AddColumn":
        yield from _of_element(table, definition)
    elif kind == "AT_AddConstraint":
        yield from _of_constraint(table, definition.get("Constraint", {}), ())
    elif kind == "AT_AlterColumnType":
        yield Act(Deed.TYPE, table, columns=columns, types=types_in(definition))
    elif kind == "AT_SetNotNull":
        yield Act(Deed.NOT_NULL, table, columns=columns)
    elif kind in {"AT_ColumnDefault", "AT_SetExpression"}:
        yield Act(Deed.VALUE, table, columns=columns, types=types_in(definition))
    elif kind == "AT_ValidateConstraint":
        yield Act(Deed.VALIDATE, table, columns)
    elif kind in {"AT_AttachPartition", "AT_AddInherit"}:
        yield Act(Deed.PARTITION, table)
    elif kind in {"AT_DropColumn", "AT_DropConstraint"}:
        yield Act(Deed.REMOVE, table, columns=columns)
    else:
        yield Act(Deed.OTHER, table, columns=columns)


def _of_element(table: str, element: Tree) -> Iterator[Act]:
    """A column's definition with its constraints, or a constraint of the table."""
    if "Constraint" in element:
        yield from _of_constraint(table, element["Constraint"], ())
    column = element.get("ColumnDef")
    if column is None:
        return
    name = column["colname"]
    yield Act(Deed.OTHER, table, columns=(name,), types=types_in(column))
    for constraint in column.get("constraints", ()):
        yield from _of_constraint(table, constraint["Constraint"], (name,), types_in(column))
        if constraint["Constraint"]["contype"] == "CONSTR_PRIMARY":
            yield Act(Deed.NOT_NULL, table, columns=(name,))


def _of_constraint(
    table: str, constraint: Tree, of_column: tuple[str, ...], types: frozenset[str] = frozenset()
) -> Iterator[Act]:
    kind = constraint.get("contype", "")
    deed, label = _CONSTRAINTS.get(kind, (Deed.OTHER, None))
    keys = [*constraint.get("keys", ()), *constraint.get("fk_attrs", ())]
    columns = of_column or tuple(key["String"].get("sval", "") for key in keys) or columns_in(constraint)
    if "indexname" in constraint:  # it takes an index that is there, and builds nothing
        deed = Deed.OTHER
    given = constraint.get("conname") or constraint.get("indexname")
    names = (given,) if given else tuple(_names_made(table, kind, columns, label)) if label else ()
    yield Act(deed, table, names, columns, types | types_in(constraint))
    if kind == "CONSTR_PRIMARY" and not of_column:
        yield Act(Deed.NOT_NULL, table, columns=columns)


def _names_made(table: str, kind: str, columns: Sequence[str], label: str) -> Iterator[str]:
    """What PostgreSQL may call a constraint that nobody named."""
    if kind == "CONSTR_PRIMARY":
        yield object_name(table, None, label)
    elif kind == "CONSTR_CHECK":
        # For its column where it names only one.
        yield object_name(table, columns[0] if len(set(columns)) == 1 else None, label)
    else:
        yield object_name(table, joined_columns(columns), label)


def _of_index(node: Tree) -> Iterator[Act]:
    table = node["relation"]["relname"]
    elements = [element["IndexElem"] for element in node.get("indexParams", ())]
    columns = tuple(element["name"] for element in elements if "name" in element)
    wanted = index_column_names(element.get("name") or figured_name(element.get("expr")) for element in elements)
    name = node.get("idxname") or object_name(table, joined_columns(wanted), "idx")
    yield Act(Deed.UNIQUE if node.get("unique") else Deed.OTHER, table, (name,), columns or columns_in(node))
    if "whereClause" in node or len(columns) < len(elements):
        yield Act(Deed.VALUE, table, (name,), columns_in(node), types_in(node))


def types_in(tree: Any) -> frozenset[str]:
    """Every type that *tree* mentions, spelled as the server spells it in messages, and by its last name."""
    found: set[str] = set()
    for node in _nodes(tree, "names"):
        if "typemod" in node or "typmods" in node or "arrayBounds" in node:
            found.add(type_of(node, AsWritten()))
            found.add(type_of(node, AsWritten(), modified=False))
            found.add(node["names"][-1].get("String", {}).get("sval", ""))
    return frozenset(found - {""})


def columns_in(tree: Any) -> tuple[str, ...]:
    """The columns that an expression names, and those that a statement writes."""
    referred = (node["fields"][-1].get("String", {}).get("sval") for node in _nodes(tree, "fields"))
    written = (node["ResTarget"].get("name") for node in _nodes(tree, "ResTarget"))
    return tuple(dict.fromkeys(name for name in (*referred, *written) if name))


def _nodes(tree: Any, key: str) -> Iterator[Tree]:
    """Every object in *tree* that has the field *key*."""
    rest = [tree]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            if key in node:
                yield node
            rest.extend(node.values())
        elif isinstance(node, list):
            rest.extend(reversed(node))
