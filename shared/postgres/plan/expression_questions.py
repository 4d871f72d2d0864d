"""Questions to the server's analyser about the expressions of a statement, over the columns of one table.

The table stands in front as a common table expression of typed NULLs: nothing is locked, and columns that are only
pending are there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...model.plan import Analysis, Relation
from ...model.question import Question
from ...model.schema import Column, Domain, Kind, Subject
from ..naming import unquoted
from ..parse import Tree, nodes_with
from .assignment import base_of
from .expressions import columns_in
from .footprint import Footprint
from .own_types import is_own_type
from .writing import UnwrittenError, Verbatim, quoted


class Columns(Mapping[str, Column]):
    """The columns of *table* before the statement or after it, each looked up when it is asked for."""

    def __init__(self, footprint: Footprint, table: Relation, *, is_after: bool = False) -> None:
        self._footprint = footprint
        self._table = table
        self._is_after = is_after

    def __getitem__(self, name: str) -> Column:
        subject = Subject(Kind.COLUMN, (*self._table, name))
        found = self._footprint.definition(subject) if self._is_after else self._footprint.before.objects.get(subject)
        if not isinstance(found, Column):
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        changed = self._footprint.changed
        new = (each.name[2] for each in changed if each.kind is Kind.COLUMN and each.name[:2] == self._table)
        before = (name for name, _ in self._footprint.before.columns(self._table))
        return (name for name in dict.fromkeys((*before, *(new if self._is_after else ()))) if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def over(
    footprint: Footprint,
    table: Relation,
    columns: Mapping[str, Column],
    write: Callable[[Verbatim], str],
    uses: Iterable[str],
    *,
    assigned_to: Sequence[str] = (),
) -> bool:
    """Ask ``SELECT …`` of what *write* gives, over the *columns* of *table*; False where that cannot be asked."""
    return over_all(footprint, {table[1]: columns}, write, uses, assigned_to=assigned_to)


def alone(footprint: Footprint, write: Callable[[Verbatim], str], *, assigned_to: Sequence[str] = ()) -> bool:
    """The same without a table: one default of a thousand tables is one question."""
    return over_all(footprint, {}, write, (), assigned_to=assigned_to)


def over_all(
    footprint: Footprint,
    tables: Mapping[str, Mapping[str, Column]],
    write: Callable[[Verbatim], str],
    uses: Iterable[str],
    *,
    assigned_to: Sequence[str] = (),
) -> bool:
    """The same over the columns of several *tables*, by their names in the statement."""
    passed = footprint.circumstances.passed
    writer = Verbatim(footprint.before)
    wanted = list(dict.fromkeys(uses))
    used = {table: [name for name in wanted if name in columns] for table, columns in tables.items()}
    try:
        written = write(writer)
    except (UnwrittenError, LookupError, ValueError, RecursionError):
        return False
    for table, names in used.items():
        for column in (tables[table][name] for name in names):
            if not is_harmless_type(footprint, column.type) or passed.is_pending(unquoted(column.type)[-1:]):
                return False
    if passed.is_pending(writer.names) or any(not is_harmless_name(footprint, each) for each in writer.types):
        return False
    sql = f"SELECT {written}"
    if tables:
        common = ", ".join(_in_front(table, used[table], columns) for table, columns in tables.items())
        sql = f"WITH {common} {sql} FROM {', '.join(map(quoted, tables))}"
    because = "the expression is read"
    footprint.ask(Analysis(Question(sql, footprint.before.search_path), because, assigned_to=tuple(assigned_to)))
    return True


def _in_front(table: str, used: Sequence[str], columns: Mapping[str, Column]) -> str:
    """The table as a common table expression of typed NULLs."""
    if not used:
        return f"{quoted(table)} AS (SELECT)"
    nulls = ", ".join(f"NULL::{columns[name].type}" for name in used)
    return f"{quoted(table)}({', '.join(map(quoted, used))}) AS (SELECT {nulls})"


def default(footprint: Footprint, columns: Mapping[str, Column], name: str, expression: Tree) -> None:
    """A default is of its column's type, by assignment; a constant is read as one of that type."""
    column = columns.get(name)
    if column is None or footprint.circumstances.passed.is_pending(unquoted(column.type)[-1:]):
        return
    if not _constant(footprint, expression, column.type):
        wanted = target(footprint, column.type)
        alone(footprint, lambda writer: writer.write(expression), assigned_to=wanted)


def _constant(footprint: Footprint, expression: Tree, type_: str) -> bool:
    """A string or a NULL that stands alone is read as one of the type that it is given to; False for all else."""
    constant = expression.get("A_Const", {})
    if "sval" in constant and is_harmless_type(footprint, type_):
        alone(footprint, lambda writer: f"CAST({writer.write(expression)} AS {type_})")
    return not {"sval", "isnull"}.isdisjoint(constant)


def target(footprint: Footprint, type_: str) -> tuple[str, ...]:
    """The type that a value is assigned to, where its casts are known: the server's own, or an enum."""
    base = base_of(type_, footprint.definition)
    found = footprint.type(base)
    return (base,) if "." not in base or (found is not None and found.kind is Kind.ENUM) else ()


def condition(footprint: Footprint, table: Relation, columns: Mapping[str, Column], expression: Tree) -> None:
    if not over(footprint, table, columns, lambda writer: f"NOT ({writer.write(expression)})", columns_in(expression)):
        _leave_open(footprint, columns, expression)


def value(
    footprint: Footprint, table: Relation, columns: Mapping[str, Column], expression: Tree, type_: str | None = None
) -> None:
    if type_ is not None and _constant(footprint, expression, type_):
        return
    if not over(
        footprint,
        table,
        columns,
        lambda writer: writer.write(expression),
        columns_in(expression),
        assigned_to=target(footprint, type_) if type_ is not None else (),
    ):
        _leave_open(footprint, columns, expression)


def _leave_open(footprint: Footprint, columns: Mapping[str, Column], expression: Tree) -> None:
    """Of a type that the run makes or changes, comparisons are right; who takes it otherwise is not known."""
    passed = footprint.circumstances.passed
    pending = {
        name
        for name in columns_in(expression)
        if name in columns and passed.is_pending_type(unquoted(columns[name].type))
    }
    taken = _without_texts(expression) if pending else None
    calls = (*nodes_with(taken, "funcname"), *nodes_with(taken, "typeName"))
    if any(not pending.isdisjoint(columns_in(each)) for each in calls):
        footprint.add_unknown("its expressions are of a type that is only pending")


def _without_texts(tree: Any) -> Any:
    """*tree* without what is cast to text, which any value can be."""
    if isinstance(tree, list):
        return [_without_texts(each) for each in tree]
    if not isinstance(tree, dict):
        return tree
    names = tree.get("TypeCast", {}).get("typeName", {}).get("names", ())
    if names and names[-1]["String"].get("sval") == "text":
        return {}
    return {key: _without_texts(value) for key, value in tree.items()}


def is_harmless_name(footprint: Footprint, type_: Tree) -> bool:
    found = footprint.before.own_type([each["String"].get("sval", "") for each in type_.get("names", ())])
    if found is None:
        return True
    return is_harmless_type(footprint, ".".join(map(quoted, found)) + ("[]" if type_.get("arrayBounds") else ""))


def is_harmless_type(footprint: Footprint, type_: str) -> bool:
    if not is_own_type(footprint, type_):
        return False
    element = type_.removesuffix("[]")
    domain = footprint.definition(Subject(Kind.DOMAIN, unquoted(element)))
    if isinstance(domain, Domain):
        return element == type_ and not domain.type.endswith("[]")
    return True


def relation(footprint: Footprint, range_var: Tree, sqlstate: str | None = None) -> None:
    """Ask whether a relation is there that neither the database's own nor the run's is."""
    words = [*([range_var["schemaname"]] if "schemaname" in range_var else []), range_var["relname"]]
    if footprint.before.named(words) is not None or footprint.circumstances.passed.is_pending(words[-1:]):
        return
    if any(subject.name[1:2] == (words[-1],) for subject in footprint.changed):
        return
    written = ".".join(map(quoted, words))
    question = Question(f"SELECT FROM {written}", footprint.before.search_path)  # quoted
    footprint.ask(Analysis(question, f"the relation {words[-1]}", sqlstate=sqlstate))
