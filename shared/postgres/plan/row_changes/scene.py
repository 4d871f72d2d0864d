"""The schema and the rows before a statement that changes rows, and what such a statement makes of them."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import field
from typing import Any

from ....model.plan import Relation
from ....model.schema import Column, Domain, ForeignKey, Index, Kind, PrimaryKey, Subject, Table, Unique
from ....model.value import dataclass
from ...naming import unquoted
from ...parse import Tree, nodes_with
from ..expressions import columns_in
from ..known import Known
from ..passed import Passed
from ..row_states import Live, State
from ..writing import UnwrittenError, Writer

EVENTS = {"InsertStmt": "insert", "UpdateStmt": "update", "DeleteStmt": "delete", "MergeStmt": "update"}
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Assigned:
    """*tree* is the value of a column as it is written (None: its default, or nothing), *sql* the same, uncast."""

    tree: Tree | None
    sql: str | None


@dataclass(frozen=True, slots=True)
class RowChanges:
    """*written* are the rows that the statement writes, as they are then, by table; *gone* those that it deletes.

    *after* are all rows of each table behind it. *values* are what its columns are assigned, for each row of constants.
    *ignores* says that a row which is there already is left out.
    """

    after: Mapping[Relation, State]
    written: Mapping[Relation, State] = field(default_factory=dict)
    gone: Mapping[Relation, State] = field(default_factory=dict)
    values: tuple[Mapping[str, Assigned], ...] = ()
    nulled: Mapping[Relation, frozenset[str]] = field(default_factory=dict)
    old: State | None = None  # the rows that an UPDATE changes, as they were
    raw: State | None = None  # the rows that are written, with their values before they are cast, as text
    several: State | None = None  # the rows that find several others to take values from
    proposed: State | None = None  # the rows of an INSERT, before those that conflict are left out
    source: Relation | None = None  # the table that an INSERT selects from
    ignores: bool = False
    in_all: bool = False  # every row of the table is written


class Scene:
    """The schema and the rows before a statement."""

    def __init__(self, before: Known, passed: Passed, vague: Set[Relation]) -> None:
        self.before = before
        self.passed = passed
        self.vague = vague

    def ancestors(self, table: Relation) -> Iterator[Relation]:
        """*table*, and what it is a partition of: their keys are its own, too."""
        yield table
        definition = self.before.objects.get(Subject(Kind.TABLE, table))
        if isinstance(definition, Table) and definition.partition_of is not None:
            yield from self.ancestors((definition.partition_of.name[0], definition.partition_of.name[1]))

    def referencing(self, table: Relation) -> Iterator[tuple[Subject, ForeignKey]]:
        return (found for each in self.ancestors(table) for found in self.before.referencing(each))

    def insist_on_plain(self, table: Relation, event: str, *, may_have_children: bool = False) -> None:
        definition = self.before.objects.get(Subject(Kind.TABLE, table))
        if not isinstance(definition, Table) or table in self.vague:
            raise UnwrittenError(f"not all of {table[1]} is known")
        if definition.partition_by is not None:
            raise UnwrittenError(f"{table[1]} is partitioned")
        if self.before.children(table) and not may_have_children:
            raise UnwrittenError(f"other tables inherit from {table[1]}")
        if Subject(Kind.ROW_SECURITY, table) in self.before.objects:
            raise UnwrittenError(f"{table[1]} has row security")
        if any(True for _ in self.before.triggers(table, event)):
            raise UnwrittenError(f"{table[1]} has a trigger or a rule")

    def insist_on_table(self, table: Relation) -> None:
        """A table that is only read."""
        if self.before.kind(table) is not Kind.TABLE or table in self.vague:
            raise UnwrittenError(f"not all of {table[1]} is known")
        if Subject(Kind.ROW_SECURITY, table) in self.before.objects:
            raise UnwrittenError(f"{table[1]} has row security")

    def read(self, table: Relation) -> State:
        """The rows that a query of *table* gives, with those below it."""
        family = tuple(self.before.family(table))
        return self.passed.rows(family) or Live(table, below=True)

    def insist_on_known(self, table: Relation, columns: Iterable[str]) -> None:
        if (because := self.passed.unsettled(self.before.family(table), columns)) is not None:
            raise UnwrittenError(because)

    def column(self, table: Relation, name: str) -> Column:
        found = self.before.column(table, name)
        if found is None:
            raise UnwrittenError
        return found

    def write(self, tree: Tree) -> str:
        """An expression. A cast to a type that is only pending is not written."""
        for each in nodes_with(tree, "typeName"):
            found = self.before.own_type(w["String"].get("sval", "") for w in each["typeName"].get("names", ()))
            if found is not None and self.passed.is_pending_type(found):
                raise UnwrittenError
        return Writer(self.before).write(tree)

    def type(self, spelled: str) -> str:
        """How a value of that type is written: an enum that is only pending as text, a domain as what it is over."""
        for _ in range(DEEPEST):
            name = unquoted(spelled.removesuffix("[]"))
            if self.passed.is_pending_type(name):
                if Subject(Kind.ENUM, name) not in self.before.objects or spelled.endswith("[]"):
                    raise UnwrittenError
                return "text"
            domain = self.before.objects.get(Subject(Kind.DOMAIN, name))
            if not isinstance(domain, Domain):
                return spelled
            if spelled.endswith("[]"):
                raise UnwrittenError
            spelled = domain.type
        raise UnwrittenError

    def has_text(self, spelled: str) -> bool:
        """Say whether values of a column of this type are written as text instead."""
        name = unquoted(spelled)
        return self.passed.is_pending_type(name) and Subject(Kind.ENUM, name) in self.before.objects

    def types(self, table: Relation) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, column in self.before.columns(table):
            try:
                found[name] = self.type(column.type)
            except UnwrittenError:
                continue
        return found

    def cast(self, sql: str | None, type_: str) -> str | None:
        return None if sql is None else f"CAST(({sql}) AS {self.type(type_)})"


def where_of(scene: Scene, table: Relation, node: Tree) -> tuple[str | None, frozenset[str]]:
    if "whereClause" not in node:
        return None, frozenset()
    reads = frozenset(columns_in(node["whereClause"]))
    scene.insist_on_known(table, reads)
    if scene.passed.is_text(table, reads) and not is_equality(node["whereClause"]):
        raise UnwrittenError
    return scene.write(node["whereClause"]), reads


def is_equality(tree: Any) -> bool:
    """Say whether an expression means the same where its enums are text."""
    return all(
        each["name"][-1]["String"]["sval"] in ("=", "<>") for each in nodes_with(tree, "lexpr") if "name" in each
    ) and not any(True for _ in nodes_with(tree, "funcname"))


def alias_of(node: Tree) -> str:
    range_var = node["relation"]
    found: str = range_var.get("alias", {}).get("aliasname", range_var["relname"])
    return found


def unique_keys(before: Known, table: Relation) -> Iterator[frozenset[str]]:
    for _, part in before.parts(table, Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.INDEX):
        if isinstance(part, PrimaryKey | Unique):
            yield frozenset(part.columns)
        elif isinstance(part, Index) and part.unique and part.predicate is None and part.valid:
            names = [key.column for key in part.keys]
            if None not in names:
                yield frozenset(each for each in names if each is not None)
