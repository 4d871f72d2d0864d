"""Values that do not fit the type of their column."""

from ....model.plan import Access, Condition, Probe, Relation
from ....model.schema import (
    Column,
    Domain,
    Enum,
    Kind,
    Subject,
)
from ...naming import unquoted
from ...offending_rows import OffendingRows, longer
from ...parse import Tree
from ...patterns import RANGES
from ..assignment import NUMBERS
from ..expressions import columns_in, expression_of
from ..footprint import Footprint, Stage
from ..new_values import may_raise
from ..probed_rows import Rows
from ..probing import breaking, computing, condition, nulls
from ..row_changes import Assigned, RowChanges
from ..type_changes import longest
from ..writing import UnwrittenError, quoted
from .assigned import Found, own_column


def unfit_values(footprint: Footprint, table: Relation, changes: RowChanges) -> Found:
    """Values that do not fit the type of their column."""
    if not changes.values or table not in changes.written:
        return
    names = {name for row in changes.values for name in row}
    written = Rows(footprint, table, state=changes.proposed or changes.written[table], new=names)
    for name in dict.fromkeys(name for row in changes.values for name in row):
        column = footprint.before.column(table, name)
        if column is None:
            raise UnwrittenError
        assigned = [row[name] for row in changes.values if name in row]
        type_ = _beneath(footprint, column.type)
        because = f"it fails where the new value of {name} does not fit"
        if any(_may_not_fit(footprint, changes.source or table, each, type_) for each in assigned):
            most = longest(type_)
            if most is not None:
                raw = Rows(footprint, table, state=changes.raw, new=[name])
                yield Stage.VALUE, _too_long(raw, name, most, because)
            else:
                tree: Tree = {"ColumnRef": {"fields": [{"String": {"sval": name}}]}}
                yield Stage.VALUE, computing(written, [tree], because=because, sqlstate=_likely(type_))
        yield from _labels(footprint, assigned, type_, because)
        yield from _of_domain(footprint, written, column, name)
    yield from _made_of_them(footprint, written, names)


def _made_of_them(footprint: Footprint, written: Rows, names: set[str]) -> Found:
    """Values that are made of those that change, and cannot be made."""
    for name, column in footprint.before.columns(written.table):
        if column.generated is None:
            continue
        expression = expression_of(column.generated.expression.meaning)
        if expression is None:
            raise UnwrittenError
        if may_raise(expression) and not names.isdisjoint(columns_in(expression)):
            because = f"it fails where the value of {name} cannot be computed"
            yield Stage.VALUE, computing(written, [expression], because=because, sqlstate="22000")


def _beneath(footprint: Footprint, type_: str) -> str:
    domain = footprint.before.objects.get(Subject(Kind.DOMAIN, unquoted(type_)))
    return _beneath(footprint, domain.type) if isinstance(domain, Domain) else type_


def _may_not_fit(footprint: Footprint, table: Relation, assigned: Assigned, type_: str) -> bool:
    """Say whether the value may be none of its column's type. A string alone is read when the statement is analysed."""
    tree = assigned.tree
    if tree is None or assigned.sql is None:
        return False
    constant = tree.get("A_Const", {})
    if constant.get("isnull"):
        return False
    if "sval" in constant:
        return "(" in type_
    if "ival" in constant and type_ in RANGES:
        low, high = RANGES[type_]
        return not low <= constant["ival"].get("ival", 0) <= high
    name = own_column(tree, table)
    own = footprint.before.column(table, name) if name is not None else None
    return own is None or own.type != type_


def _likely(type_: str) -> str:
    return "22003" if type_.startswith(NUMBERS) else "22P02"


def _too_long(raw: Rows, name: str, most: int, because: str) -> Condition:
    return condition(
        raw,
        "22001",
        because,
        [name],
        lambda _: OffendingRows(raw.own([name]), longer(quoted(name), most), (quoted(name),)),
    )


def _labels(footprint: Footprint, assigned: list[Assigned], type_: str, because: str) -> Found:
    """An enum that the run changes or makes does not exist yet for the server: its labels are known here."""
    name = unquoted(type_)
    found = footprint.before.objects.get(Subject(Kind.ENUM, name))
    if not isinstance(found, Enum) or not footprint.circumstances.passed.is_pending_type(name):
        return
    for each in assigned:
        constant = (each.tree or {}).get("A_Const", {})
        if "sval" in constant and constant["sval"].get("sval", "") not in found.values:
            yield Stage.FIRST, Condition("22P02", because, Probe("SELECT", (), Access.INDEX))
        elif each.tree is not None and not constant:
            raise UnwrittenError


def _of_domain(footprint: Footprint, written: Rows, column: Column, name: str) -> Found:
    domain = footprint.before.objects.get(Subject(Kind.DOMAIN, unquoted(column.type)))
    if not isinstance(domain, Domain):
        return
    if footprint.before.objects.get(Subject(Kind.DOMAIN, unquoted(domain.type))) is not None:
        raise UnwrittenError
    if not domain.nullable:
        yield Stage.VALUE, nulls(written, name, f"it fails where {name} becomes NULL")
    for each in domain.checks:
        expression = expression_of(each.expression.meaning)
        if expression is None:
            raise UnwrittenError
        rows = Rows(footprint, written.table, names={"value": quoted(name)}, state=written.state(), new=[name])
        because = f"it fails where a value of {name} breaks {each.name}"
        yield Stage.VALUE, breaking(rows, expression, because, uses=[name])
