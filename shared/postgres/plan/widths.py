"""How many bytes a value takes at most, by its type as a column spells it, and by what a statement puts into it."""

import re
from collections.abc import Mapping

from ...model.schema import Column, Kind, Subject
from ...model.value import dataclass
from ..naming import unquoted
from ..parse import Statement, Tree, name_called, nodes_with
from .known import Changed, Known
from .type_changes import domain_of


@dataclass(frozen=True, slots=True)
class Width:
    """*bytes* of a value, which begins at a multiple of *align*."""

    bytes: int
    align: int


# pg_type.typlen and typalign; of those with a length of their own what they take at most.
_FIXED: Mapping[str, Width] = {
    "boolean": Width(1, 1), '"char"': Width(1, 1), "smallint": Width(2, 2), "integer": Width(4, 4),
    "bigint": Width(8, 8), "real": Width(4, 4), "double precision": Width(8, 8), "money": Width(8, 8),
    "oid": Width(4, 4), "date": Width(4, 4), "uuid": Width(16, 1), "macaddr": Width(6, 4), "macaddr8": Width(8, 4),
    "inet": Width(22, 4), "cidr": Width(22, 4), "pg_lsn": Width(8, 8), "point": Width(16, 8), "name": Width(64, 1),
}  # fmt: skip
_MOMENT = re.compile(r"(?P<name>timestamp|time|interval)(?:\(\d\))?(?P<zone> with(?:out)? time zone)?")
_MOMENTS = {"timestamp": Width(8, 8), "time": Width(12, 8), "interval": Width(16, 8)}
_NUMERIC = re.compile(r"numeric\((\d+)(?:,-?\d+)?\)")
_CHARACTERS = re.compile(r"text|character(?P<varying> varying)?(?:\((?P<limit>\d+)\))?")
# Of a value that has any length.
_HEADER = 4
# The longest text of a value of a type of fixed width: an enum's label has 63 bytes at most.
_AS_TEXT = 64
# Functions of the server's and its usual extensions' whose results are no longer than that.
_SHORT = frozenset(
    {"gen_random_uuid", "uuid_generate_v1", "uuid_generate_v4", "uuidv4", "uuidv7", "nextval", "random", "md5", "now",
     "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday", "date_trunc", "timezone"}
)  # fmt: skip


def fixed_width(type_: str, known: Known) -> Width | None:
    """None of a type whose values have any length."""
    if type_ in _FIXED:
        return _FIXED[type_]
    if (moment := _MOMENT.fullmatch(type_)) is not None:
        return _MOMENTS[moment["name"]]
    if (precise := _NUMERIC.fullmatch(type_)) is not None:
        # Two bytes for each four digits, before and after the point, and a header.
        return Width(8 + 2 * (int(precise[1]) // 4 + 2), 4)
    if type_.endswith("[]"):
        return None
    if Subject(Kind.ENUM, unquoted(type_)) in known.objects:
        return Width(4, 4)
    domain = domain_of(type_, known)
    return fixed_width(domain.type, known) if domain is not None else None


def most_of(type_: str) -> int | None:
    """The bytes of a value of a character type at most; None where no limit is set. A character has four at most."""
    found = _CHARACTERS.fullmatch(type_)
    return _HEADER + 4 * int(found["limit"]) if found is not None and found["limit"] else None


def growth(statement: Statement, before: Known, changed: Changed) -> int | None:
    """The bytes by which *statement* lengthens each row of a table that it rewrites; None where the rows decide."""
    definitions = _definitions(statement)
    # Partitions and inheriting tables have the columns of their parent.
    columns = {
        subject.name[-1]: (was, now)
        for subject, (was, now) in changed.items()
        if subject.kind is Kind.COLUMN and isinstance(now, Column)
    }
    total = 0
    for name, (was, now) in columns.items():
        definition = definitions.get(name, {})
        if not isinstance(was, Column):
            more = _added(now, definition, statement, before)
            # With more columns the row's list of NULLs may begin 8 bytes more.
            more = more if more is None else aligned(more, 8) + 8
        elif was.type == now.type:
            more = 0
        else:
            more = _altered(was, now, definition, before, name)
        if more is None:
            return None
        total += more
    return total


def aligned(offset: int, align: int) -> int:
    return -(-offset // align) * align


def _definitions(statement: Statement) -> Mapping[str, Tree]:
    """The columns that an ALTER TABLE adds or changes, by name."""
    commands = [each["AlterTableCmd"] for each in statement.node.get("cmds", ()) if "AlterTableCmd" in each]
    found = ((each, each["def"]["ColumnDef"]) for each in commands if "ColumnDef" in each.get("def", {}))
    return {each.get("name") or definition["colname"]: definition for each, definition in found}


def _added(column: Column, definition: Tree, statement: Statement, known: Known) -> int | None:
    """The bytes of a new column's value."""
    fixed = fixed_width(column.type, known)
    if fixed is not None:
        return fixed.bytes
    constraints = {each["Constraint"]["contype"]: each["Constraint"] for each in definition.get("constraints", ())}
    if "CONSTR_GENERATED" in constraints or domain_of(column.type, known) is not None:
        return None
    default = constraints.get("CONSTR_DEFAULT", {}).get("raw_expr")
    value = 0 if default is None else of_constants(default, statement)
    return None if value is None else _HEADER + _padded(column.type) + value


def of_constants(expression: Tree, statement: Statement) -> int | None:
    """The bytes of a value that is made of constants and of short results; None where it is of anything else."""
    calls = [name_called(each) for each in nodes_with(expression, "funcname")]
    if not _SHORT.issuperset(calls) or any(True for _ in nodes_with(expression, "fields")):
        return None
    return len(statement.sql.encode()) + _AS_TEXT * len(calls)


def _altered(was: Column, now: Column, definition: Tree, known: Known, name: str) -> int | None:
    """The bytes by which the new value is longer than the old one, in a row that is aligned to 8."""
    old, new = fixed_width(was.type, known), fixed_width(now.type, known)
    if old is not None and new is not None:
        return aligned(max(new.bytes - old.bytes, 0) + max(new.align - old.align, 0), 8)
    if new is not None:
        return aligned(new.bytes, 8) + 8
    if not _is_cast_of(name, definition.get("raw_default")):
        return None
    if old is not None and (now.type == "numeric" or _CHARACTERS.fullmatch(now.type)):
        return aligned(_HEADER + max(_AS_TEXT, 4 * old.bytes) + _padded(now.type), 8)
    if _CHARACTERS.fullmatch(was.type) and _CHARACTERS.fullmatch(now.type):
        return aligned(_HEADER + _padded(now.type), 8)
    elements = [fixed_width(each[:-2], known) for each in (was.type, now.type) if each.endswith("[]")]
    return 8 if len(elements) == 2 and elements[0] is not None and elements[0] == elements[1] else None


def _is_cast_of(name: str, expression: Tree | None) -> bool:
    """Say whether the new value is the old one of the column *name*, cast."""
    while expression is not None and "TypeCast" in expression:
        expression = expression["TypeCast"]["arg"]
    if expression is None:
        return True
    return [each.get("String", {}).get("sval") for each in expression.get("ColumnRef", {}).get("fields", ())] == [name]


def _padded(type_: str) -> int:
    """The blanks that fill a value of a fixed number of characters."""
    found = _CHARACTERS.fullmatch(type_)
    return int(found["limit"]) if found is not None and found["limit"] and not found["varying"] else 0
