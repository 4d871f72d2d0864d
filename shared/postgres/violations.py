"""Which rows stand in a statement's way: a query that finds them, from the statement and the error it met.

Names come out of a parsed statement and are quoted; nothing here is ever sent to a server.
"""
# ruff: noqa: S608  # SQL is what this module writes, for a person to read and run

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from ..model.recorded_error import RecordedError
from ..model.schema import Check, ForeignKey, Kind, Subject
from ..model.value import dataclass
from .canonical.sql import identifier, literal
from .conversions import unfitting
from .failing.acts import columns_in
from .failing.mentioned import quoted_in, stands_in
from .live import Live
from .offending_rows import OffendingRows, breaking, duplicates, excluding, is_unequal, nulls, orphans
from .parse import ParseError, Statement, Tree, parse
from .pieces import clauses_of, in_brackets, items_of
from .refused_values import NUMBERS

_UNIQUE, _NOT_NULL, _FOREIGN_KEY, _CHECK, _EXCLUSION = "23505", "23502", "23503", "23514", "23P01"
_NO_SUCH_OBJECT = "42704"
# What the conversion of a value can end in; NaN, that it is no integer, in the second.
_OF_VALUES, _NOT_SUPPORTED = "22", "0A000"


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A *query* for the rows that stand in a statement's way, or, without one, the sentence that says why none can."""

    query: str | None
    because: str = ""


def query_for_violations(
    sql: str, error: RecordedError, live: Live, enums: Mapping[str, Sequence[str]] | None = None
) -> InTheWay | None:
    """Give a query for the rows that made *sql* fail with *error* on *live*; None where no likely one is known.

    *enums* are the labels of those that the script itself makes: they may not be there any more. It counts and names
    keys, or values that do not fit; it is for a person to run, and never run by the monitor.
    """
    code = error.sqlstate or ""
    if code == _NO_SUCH_OBJECT:
        names = sorted(quoted_in(error.message))
        return InTheWay(_similar_objects(names)) if names else None
    try:
        statements = parse(sql)
    except ParseError:
        return None
    found = [each for statement in statements for each in _found(statement, error, live, enums or {})]
    return min(found, key=lambda each: each.query is None, default=None)


def enums_made(statements: Iterable[Statement]) -> dict[str, list[str]]:
    """Give the labels of the enums that these *statements* make, by name."""
    made: dict[str, list[str]] = {}
    for statement in statements:
        if statement.kind == "CreateEnumStmt":
            name = statement.node["typeName"][-1]["String"]["sval"]
            made[name] = [label["String"].get("sval", "") for label in statement.node.get("vals", ())]
    return made


def _found(
    statement: Statement, error: RecordedError, live: Live, enums: Mapping[str, Sequence[str]]
) -> Iterator[InTheWay]:
    code = error.sqlstate or ""
    finder = _FINDERS.get(code)
    if finder is not None:
        yield from (InTheWay(each.listing()) for each in finder(statement, error, live))
    if code.startswith(_OF_VALUES) or code in {_CHECK, _NOT_SUPPORTED}:
        yield from _not_converted(statement, error, live, enums)


def _not_converted(
    statement: Statement, error: RecordedError, live: Live, enums: Mapping[str, Sequence[str]]
) -> Iterator[InTheWay]:
    """Values that a column's new type does not take; those of the type that the message names, first."""
    found = [
        (relation, values)
        for relation, command in _commands(statement.tree)
        if (values := unfitting(statement.sql, relation, command, enums, live)) is not None
        and (error.sqlstate != _NOT_SUPPORTED or values.named in NUMBERS)
    ]
    for relation, values in sorted(found, key=lambda each: not stands_in(each[1].named, error.message)):
        table = _table(relation)
        if values.condition is None:
            listed = ", ".join(f"{table}.{identifier(column)}" for column in values.columns)
            yield InTheWay(
                None,
                f"Find the values of {listed} that are not a valid {values.wanted}. No query is printed for that: "
                "PostgreSQL before 16 has no function that tests a value (pg_input_is_valid).",
            )
        else:
            found_rows = OffendingRows(table, values.condition, tuple(map(identifier, values.columns)))
            yield InTheWay(found_rows.listing(map(identifier, values.unequal)))


def _breaking(statement: Statement, error: RecordedError, live: Live) -> Iterator[OffendingRows]:
    """Rows against the check that the error names, or against the one that nobody named, if it is the only one."""
    yield from _validated(statement, live)
    if statement.kind == "AlterDomainStmt" and error.table and error.column:
        # What a check of a domain calls VALUE is a column here.
        values = f"(SELECT {identifier(error.column)} AS value FROM {_table_of(error)}) AS each"
        condition = in_brackets(_behind(statement, statement.node["def"]["Constraint"])).strip()
        yield breaking(values, condition, ["value"])
    said = {error.constraint, *quoted_in(error.message)}
    checks: list[tuple[str, Tree]] = []
    for relation, command in _commands(statement.tree):
        checks += [(_table(relation), check) for check in _checks(command)]
    named = [each for each in checks if each[1].get("conname") in said]
    found = named or [each for each in checks if "conname" not in each[1]]
    for table, check in found if len(found) == 1 else ():
        columns = columns_in(check["raw_expr"])
        if columns:
            yield breaking(table, in_brackets(_behind(statement, check)).strip(), [*map(identifier, columns)])


def _behind(statement: Statement, node: Tree) -> str:
    """The statement's text from *node* on."""
    return statement.sql.encode()[node.get("location", 0) :].decode()


def _narrowed(tree: Tree, error: RecordedError) -> Tree:
    """Only the command of an ALTER TABLE that makes the constraint, or has the column, which the error is about."""
    alter = tree.get("AlterTableStmt")
    said = {error.constraint, error.column, *quoted_in(error.message)} - {None}
    if alter is None:
        return tree
    own = [command for command in alter.get("cmds", ()) if said & _own_names(command["AlterTableCmd"])]
    return {"AlterTableStmt": {**alter, "cmds": own}} if own else tree


def _own_names(command: Tree) -> set[str]:
    definition = command.get("def", {})
    constraint, column = definition.get("Constraint", {}), definition.get("ColumnDef", {})
    return {name for name in (command.get("name"), constraint.get("conname"), column.get("colname")) if name}


def _checks(command: Tree) -> Iterator[Tree]:
    constraint = command.get("def", {}).get("Constraint", {})
    if constraint.get("contype") == "CONSTR_CHECK":
        yield constraint


def _validated(statement: Statement, live: Live) -> Iterator[OffendingRows]:
    """Rows against the constraint that VALIDATE CONSTRAINT names, as the catalog has it."""
    for relation, command in _commands(statement.tree):
        if command.get("subtype") != "AT_ValidateConstraint":
            continue
        place = relation.get("schemaname", live.schema), relation["relname"], command["name"]
        check, key = (live.objects.get(Subject(kind, place)) for kind in (Kind.CHECK, Kind.FOREIGN_KEY))
        if isinstance(check, Check):
            (expression,) = parse(f"SELECT {check.expression.sql}")
            yield breaking(_table(relation), check.expression.sql, [*map(identifier, columns_in(expression.tree))])
        elif isinstance(key, ForeignKey):
            other = ".".join(map(identifier, key.referenced_table.name))
            yield _referring(_table(relation), key.columns, other, key.referenced_columns, full=key.match == "full")


def _excluded(statement: Statement, error: RecordedError, live: Live) -> Iterator[OffendingRows]:
    """Rows that exclude each other by the exclusion constraint that is added."""
    for relation, command in _commands(_narrowed(statement.tree, error)):
        constraint = command.get("def", {}).get("Constraint", {})
        if constraint.get("contype") != "CONSTR_EXCLUSION":
            continue
        behind = _behind(statement, constraint)
        pairs = [each["List"]["items"] for each in constraint["exclusions"]]
        texts = items_of(in_brackets(behind))
        values = [_key(element["IndexElem"], text) for (element, _), text in zip(pairs, texts, strict=True)]
        signs = [_operator(operator["List"]["items"]) for _, operator in pairs]
        predicate = in_brackets(clauses_of(behind, ["WHERE"])["WHERE"]) if "where_clause" in constraint else None
        columns = [element["IndexElem"].get("name", "") for element, _ in pairs]
        unequal = {identifier(each) for each in columns if is_unequal(live.column(relation, each) or "")}
        yield excluding(_table(relation), [*zip(values, signs, strict=True)], predicate, unequal)


def _operator(names: Sequence[Tree]) -> str:
    *schema, sign = [each["String"]["sval"] for each in names]
    return f"OPERATOR({identifier(schema[0])}.{sign})" if schema else str(sign)


def _duplicates(statement: Statement, error: RecordedError, _live: Live) -> Iterator[OffendingRows]:
    """Rows that agree in the keys of a unique index, or of a unique or primary key."""
    if statement.kind == "IndexStmt":
        yield _of_index(statement)
    for relation, command in _commands(_narrowed(statement.tree, error)):
        constraint = command.get("def", {}).get("Constraint", {})
        if constraint.get("contype") in {"CONSTR_UNIQUE", "CONSTR_PRIMARY"} and constraint.get("keys"):
            keys = [identifier(key["String"]["sval"]) for key in constraint["keys"]]
            nulls_distinct = not constraint.get("nulls_not_distinct")
            yield duplicates(_table(relation), keys, nulls_distinct=nulls_distinct)


def _of_index(statement: Statement) -> OffendingRows:
    """Rows that agree in the keys of a CREATE UNIQUE INDEX, whose expressions are as it has them."""
    index = statement.node
    behind = _behind(statement, index["relation"])
    elements = [each["IndexElem"] for each in index["indexParams"]]
    keys = [_key(element, text) for element, text in zip(elements, items_of(in_brackets(behind)), strict=True)]
    predicate = clauses_of(behind, ["WHERE"]).get("WHERE")
    nulls_distinct = not index.get("nulls_not_distinct")
    return duplicates(_table(index["relation"]), keys, predicate=predicate, nulls_distinct=nulls_distinct)


def _key(element: Tree, text: str) -> str:
    """A key's column or expression, which ends with its first brackets: an operator class or an order may follow."""
    if "name" in element:
        return identifier(element["name"])
    name, bracket, _ = text.strip().partition("(")
    return f"{name}{bracket}{in_brackets(text)})"


def _nulls(statement: Statement, error: RecordedError, _live: Live) -> Iterator[OffendingRows]:
    """Rows without a value where one must be; every row, for a new column without a default."""
    if statement.kind == "AlterDomainStmt" and error.table and error.column:
        yield nulls(_table_of(error), identifier(error.column))
    for relation, command in _commands(_narrowed(statement.tree, error)):
        kind = command.get("subtype")
        if kind == "AT_SetNotNull":
            yield nulls(_table(relation), identifier(command["name"]))
        elif kind == "AT_AddColumn" and _is_not_null(command["def"]["ColumnDef"]):
            yield OffendingRows(_table(relation))
        constraint = command.get("def", {}).get("Constraint", {})
        if constraint.get("contype") == "CONSTR_PRIMARY":
            keys = [key["String"]["sval"] for key in constraint.get("keys", ())]
            said = {error.column} if error.column else quoted_in(error.message)
            yield from (nulls(_table(relation), identifier(key)) for key in keys if key in said)


def _is_not_null(column: Tree) -> bool:
    return not _constraints(column).isdisjoint({"CONSTR_NOTNULL", "CONSTR_PRIMARY"})


def _constraints(column: Tree) -> Set[str]:
    return {each["Constraint"]["contype"] for each in column.get("constraints", ())}


def required_column(sql: str, error: RecordedError) -> tuple[str, str] | None:
    """The table and the new column that no row of it has a value for, where that made *sql* fail."""
    if error.sqlstate != _NOT_NULL:
        return None
    try:
        (statement,) = parse(sql)
    except (ParseError, ValueError):
        return None
    for relation, command in _commands(_narrowed(statement.tree, error)):
        if command.get("subtype") != "AT_AddColumn":
            continue
        column = command["def"]["ColumnDef"]
        if "CONSTR_NOTNULL" in (kinds := _constraints(column)) and "CONSTR_PRIMARY" not in kinds:
            return _table(relation), identifier(column["colname"])
    return None


def _orphans(statement: Statement, error: RecordedError, live: Live) -> Iterator[OffendingRows]:
    """Rows that refer to rows that do not exist."""
    yield from _validated(statement, live)
    for relation, command in _commands(_narrowed(statement.tree, error)):
        constraint = command.get("def", {}).get("Constraint", {})
        if constraint.get("contype") == "CONSTR_FOREIGN" and constraint.get("pk_attrs"):
            ours, theirs = ([key["String"]["sval"] for key in constraint[each]] for each in ("fk_attrs", "pk_attrs"))
            full = constraint.get("fk_matchtype") == "f"
            yield _referring(_table(relation), ours, _table(constraint["pktable"]), theirs, full=full)


def _referring(table: str, ours: Iterable[str], other: str, theirs: Iterable[str], *, full: bool) -> OffendingRows:
    keys, referenced = [f"c.{identifier(each)}" for each in ours], [f"p.{identifier(each)}" for each in theirs]
    return orphans(f"{table} AS c", keys, f"{other} AS p", referenced, full=full)


_FINDERS: dict[str, Callable[[Statement, RecordedError, Live], Iterator[OffendingRows]]] = {
    _UNIQUE: _duplicates,
    _NOT_NULL: _nulls,
    _FOREIGN_KEY: _orphans,
    _CHECK: _breaking,
    _EXCLUSION: _excluded,
}


def _commands(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """The commands of an ALTER TABLE, each with the table."""
    alter: Any = tree.get("AlterTableStmt", {})
    for command in alter.get("cmds", ()):
        yield alter["relation"], command["AlterTableCmd"]


def _similar_objects(names: Sequence[str]) -> str:
    """What bears one of *names* in any schema and in any case: a type or an index that is missing may be near."""
    listed = ", ".join(literal(name.lower()) for name in names)
    sources = (
        ("type", "SELECT typname, typnamespace FROM pg_type"),
        ("relation", "SELECT relname, relnamespace FROM pg_class"),
        ("constraint", "SELECT conname, connamespace FROM pg_constraint"),
    )
    parts = [
        f"SELECT '{kind}' AS kind, n.nspname, o.name FROM ({source}) AS o (name, namespace)\n"
        f"JOIN pg_namespace AS n ON n.oid = o.namespace WHERE lower(o.name) IN ({listed})"
        for kind, source in sources
    ]
    return "\nUNION ALL ".join(parts) + "\nORDER BY 1, 2, 3;"


def _table_of(error: RecordedError) -> str:
    return ".".join(identifier(each) for each in (error.schema, error.table) if each)


def _table(relation: Tree) -> str:
    parts = [relation[part] for part in ("schemaname", "relname") if part in relation]
    return ".".join(map(identifier, parts))
