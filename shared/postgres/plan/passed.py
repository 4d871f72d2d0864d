"""What the statements of the run so far change for those behind them: rows, columns and names that were there."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from shared.model.plan import Relation
from shared.model.schema import Column, Kind
from shared.postgres.parse import UNREAD, Statement, Tree
from shared.postgres.plan.known import Changed, Known
from shared.postgres.plan.writing import UnwrittenError, Writer
from shared.postgres.progress.steps import words

ALL = "*"
# They may change any row.
_ANYTHING = {
    "CallStmt": "runs a procedure", "DoStmt": "runs a DO block", "ExecuteStmt": "runs a prepared statement",
    UNREAD: "cannot be read",
}  # fmt: skip
_WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt"})


class Passed:
    """Kept up to date by `follow`; what it says is of the database as it is now, before the run."""

    def __init__(self) -> None:
        self._anything: str | None = None
        self._changed: defaultdict[Relation, dict[str, str]] = defaultdict(dict)
        self._values: defaultdict[Relation, dict[str, str]] = defaultdict(dict)
        self._names: set[str] = set()
        self.role: str | None = None
        self.role_changed = False
        self.brings_extension = False

    def follow(self, statement: Statement, before: Known, changed: Changed) -> None:
        """*statement* has run: *before* is the schema without it, *changed* what it changes there."""
        said = f"line {statement.line} of the run"
        if statement.kind in _ANYTHING:
            self._anything = self._anything or f"{said} {_ANYTHING[statement.kind]} first"
        elif statement.kind == "SelectStmt" and any(_calls(statement.tree, before)):
            self._anything = self._anything or f"{said} calls functions first"
        self._follow_system(statement)
        for table, column in _written(statement, before):
            for each in before.family(table):
                self._changed[each][column] = f"{said} changes these rows first"
                if column == ALL:
                    self._values.pop(each, None)
                else:
                    self._values[each].pop(column, None)
        added = _added(statement, before)
        for subject, (was, now) in changed.items():
            self._names |= {word.casefold() for word in subject.name[-1 if len(subject.name) < 3 else 1 :]}
            if subject.kind is Kind.COLUMN and _is_another(was, now):
                relation = subject.name[0], subject.name[1]
                self._changed[relation].setdefault(subject.name[2], f"{said} changes the column first")
                if subject.name[2] in added and relation in before.family(added[subject.name[2]][0]):
                    self._values[relation][subject.name[2]] = added[subject.name[2]][1]
            elif subject.kind is Kind.TABLE and (was is None) != (now is None):
                self._changed[subject.name[0], subject.name[1]].setdefault(ALL, f"{said} makes, drops or renames it")

    def _follow_system(self, statement: Statement) -> None:
        """Roles, and who deploys from here on. Rights that the run itself grants are not followed."""
        node = statement.node
        if statement.kind == "CreateRoleStmt":
            self._names.add(node["role"].casefold())
        elif statement.kind == "CreateExtensionStmt":
            self.brings_extension = True
        elif statement.kind in ("GrantStmt", "GrantRoleStmt", "AlterOwnerStmt"):
            self.role_changed = True
        elif statement.kind == "VariableSetStmt" and node.get("name") == "role":
            arguments = node.get("args", ())
            value = arguments[0].get("A_Const", {}).get("sval", {}).get("sval") if arguments else None
            self.role = value if value != "none" else None

    def value(self, relation: Relation, column: str) -> str | None:
        """The SQL of what every row has in a *column* that the run has added."""
        return self._values[relation].get(column)

    def unsettled(self, relations: Iterable[Relation], columns: Iterable[str]) -> str | None:
        """Why rows of now say nothing of those that the statement will meet; None where they do."""
        if self._anything is not None:
            return self._anything
        wanted = [ALL, *columns]
        for relation in relations:
            changed, values = self._changed[relation], self._values[relation]
            for column in wanted:
                if column in changed and column not in values:
                    return changed[column]
        return None

    def is_pending(self, names: Iterable[str]) -> bool:
        """Say whether the run has made or changed something of one of these names."""
        return any(each.casefold() in self._names for each in names)

    def may_touch(self, statement: Statement) -> bool:
        """Say whether the run has changed or made what *statement* names: then the server does not know that yet."""
        return bool(self._names) and not self._names.isdisjoint(words(statement))


NOTHING = Passed()


def _is_another(was: object, now: object) -> bool:
    return not (isinstance(was, Column) and isinstance(now, Column) and was.type == now.type)


def _calls(tree: Any, before: Known) -> Iterator[str]:
    for each in _called(tree):
        if each in ("setval", "nextval", "set_config") or any(True for _ in before.routines(each)):
            yield each


def _called(tree: Any) -> Iterator[str]:
    if isinstance(tree, list):
        for each in tree:
            yield from _called(each)
    elif isinstance(tree, dict):
        if "funcname" in tree:
            yield tree["funcname"][-1]["String"].get("sval", "")
        for value in tree.values():
            yield from _called(value)


def _written(statement: Statement, before: Known) -> Iterator[tuple[Relation, str]]:
    """Tables that a statement writes to, with the columns: those of an UPDATE, else all."""
    node = statement.node
    if statement.kind == "TruncateStmt":
        for each in node["relations"]:
            if (table := before.find(each["RangeVar"])) is not None:
                yield table, ALL
    elif statement.kind in _WRITES:
        table = before.find(node["relation"]) if "relation" in node else None
        if table is None:
            return
        if statement.kind == "UpdateStmt" and not any(True for _ in before.triggers(table, "update")):
            yield from ((table, each["ResTarget"]["name"]) for each in node["targetList"])
        else:
            yield table, ALL
        if statement.kind == "DeleteStmt":
            yield from ((each, ALL) for each in _cascading(before, table))


def _cascading(before: Known, table: Relation, seen: frozenset[Relation] = frozenset()) -> Iterator[Relation]:
    for subject, key in before.referencing(table):
        other = subject.name[0], subject.name[1]
        if key.on_delete not in ("no action", "restrict") and other not in seen:
            yield other
            yield from _cascading(before, other, seen | {table, other})


def _added(statement: Statement, before: Known) -> dict[str, tuple[Relation, str]]:
    """Columns that an ALTER TABLE adds, with the one value that all rows get."""
    found: dict[str, tuple[Relation, str]] = {}
    table = before.find(statement.node["relation"]) if statement.kind == "AlterTableStmt" else None
    for each in statement.node["cmds"] if table is not None else ():
        command: Tree = each["AlterTableCmd"]
        if command["subtype"] == "AT_AddColumn" and table is not None:
            definition = command["def"]["ColumnDef"]
            try:
                found[definition["colname"]] = table, added_value_sql(Writer(before), definition)
            except UnwrittenError:
                continue
    return found


def added_value_sql(writer: Writer, definition: Tree) -> str:
    """The value of a new column in every row that is there. Raises UnwrittenError where rows get different ones."""
    type_ = writer.type(definition["typeName"])
    if "serial" in type_:
        raise UnwrittenError
    constraints = [each["Constraint"] for each in definition.get("constraints", ())]
    if any(each["contype"] in ("CONSTR_IDENTITY", "CONSTR_GENERATED") for each in constraints):
        raise UnwrittenError
    default = next((each["raw_expr"] for each in constraints if each["contype"] == "CONSTR_DEFAULT"), None)
    return f"CAST({writer.write(default) if default is not None else 'NULL'} AS {type_})"
