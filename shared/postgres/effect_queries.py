"""A query that shows whether a statement that changes rows has run: for a person to run, never run by the monitor.

It is the statement's own text, cut into pieces, so that it asks of exactly those rows. It is written only where it
reads and nothing else: plain columns, constants, the server's own operators and functions that are not volatile.
What an UPDATE adds to the value that was there (``SET n = n + 1``) leaves nothing to ask for.
"""
# ruff: noqa: S608  # SQL is what this module writes

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from ..model.value import dataclass
from .canonical.sql import identifier
from .parse import ParseError, Statement, Tree, parse
from .pieces import clauses_of, items_of

# More rows of an INSERT would make a query that nobody reads.
_MOST_ROWS = 50
_EXPRESSIONS = frozenset(
    {"A_ArrayExpr", "A_Const", "A_Expr", "Alias", "BoolExpr", "BooleanTest", "CaseExpr", "CaseWhen", "CoalesceExpr",
     "ColumnRef", "FuncCall", "Integer", "JoinExpr", "List", "MinMaxExpr", "NullTest", "RangeVar", "ResTarget",
     "SelectStmt", "String", "SubLink", "TypeCast", "TypeName"}
)  # fmt: skip
_OPERATORS = frozenset(
    {"=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "||", "~~", "!~~", "~~*", "!~~*", "~", "~*", "!~", "->",
     "->>", "@>", "<@", "?", "BETWEEN", "NOT BETWEEN"}
)  # fmt: skip
_FUNCTIONS = frozenset(
    {"abs", "array_length", "btrim", "ceil", "char_length", "concat", "count", "floor", "initcap", "jsonb_build_object",
     "left", "length", "lower", "lpad", "ltrim", "max", "md5", "min", "nullif", "regexp_replace", "replace", "right",
     "round", "rpad", "rtrim", "split_part", "strpos", "substr", "substring", "sum", "trim", "trunc", "upper"}
)  # fmt: skip
# Fields of a SELECT that do more than read rows.
_MORE_THAN_READING = frozenset({"intoClause", "lockingClause", "withClause", "windowClause"})


@dataclass(frozen=True, slots=True)
class EffectQuery:
    """*sql* counts rows. If it gives *count*, the statement has run, or would change nothing.

    Any other number means that it has not run, or that these rows were changed since.
    """

    sql: str
    count: int


def effect_query(sql: str) -> EffectQuery | None:
    """Give the query for the one statement *sql*; None where none can be written."""
    try:
        (statement,) = parse(sql)
    except (ParseError, ValueError):
        return None
    writer = {"UpdateStmt": _of_update, "DeleteStmt": _of_delete, "InsertStmt": _of_insert}.get(statement.kind)
    if writer is None or "withClause" in statement.node:
        return None
    query = writer(statement)
    return query if query is not None and _is_one_select(query.sql) else None


def _is_one_select(sql: str) -> bool:
    """Say whether the pieces were put together to what they were meant to be: the cutting knows no grammar."""
    try:
        return [statement.kind for statement in parse(sql)] == ["SelectStmt"]
    except ParseError:
        return False


def _of_update(statement: Statement) -> EffectQuery | None:
    """Count the rows that the UPDATE would still change."""
    node = statement.node
    assigned = [target["ResTarget"] for target in node["targetList"]]
    table = _name_of(node["relation"])
    own = {(table, target["name"]) for target in assigned}
    if any("indirection" in target or not _is_comparable(target["val"], own) for target in assigned):
        return None
    if not _only_reads([node.get("whereClause"), node.get("fromClause")]):
        return None
    clauses = clauses_of(statement.sql, ("UPDATE", "SET", "FROM", "WHERE", "RETURNING"))
    values = items_of(clauses["SET"])
    if len(values) != len(assigned) or any(not sep for _, sep, _ in (value.partition("=") for value in values)):
        return None
    changed = " OR ".join(
        f"{identifier(table)}.{identifier(target['name'])} IS DISTINCT FROM ({value.partition('=')[2].strip()})"
        for target, value in zip(assigned, values, strict=True)
    )
    tables = ", ".join(filter(None, (clauses["UPDATE"], clauses.get("FROM"))))
    conditions = [f"({clauses['WHERE']})"] if "WHERE" in clauses else []
    conditions.append(f"({changed})" if len(assigned) > 1 and conditions else changed)
    return EffectQuery(f"SELECT count(*) FROM {tables} WHERE {' AND '.join(conditions)};", 0)


def _of_delete(statement: Statement) -> EffectQuery | None:
    """Count the rows that the DELETE would still remove."""
    node = statement.node
    if not _only_reads([node.get("whereClause"), node.get("usingClause")]):
        return None
    clauses = clauses_of(statement.sql, ("DELETE", "FROM", "USING", "WHERE", "RETURNING"))
    tables = ", ".join(filter(None, (clauses["FROM"], clauses.get("USING"))))
    where = f" WHERE {clauses['WHERE']}" if "WHERE" in clauses else ""
    return EffectQuery(f"SELECT count(*) FROM {tables}{where};", 0)


def _of_insert(statement: Statement) -> EffectQuery | None:
    """Count the rows that the INSERT of constants makes, by their key: ON CONFLICT names it, or it is the id."""
    node = statement.node
    columns = [column["ResTarget"]["name"] for column in node.get("cols", ())]
    rows = [row["List"]["items"] for row in node.get("selectStmt", {}).get("SelectStmt", {}).get("valuesLists", ())]
    if not columns or not rows or len(rows) > _MOST_ROWS or any(len(row) != len(columns) for row in rows):
        return None
    key = _key(node, columns)
    places = [columns.index(name) for name in key]
    if not all(_is_constant(row[place]) for row in rows for place in places):
        return None
    clauses = clauses_of(statement.sql, ("INTO", "VALUES", "ON", "RETURNING"))
    written = [items_of(row.strip()[1:-1]) for row in items_of(clauses["VALUES"])]
    if any(len(row) != len(columns) for row in written):
        return None
    keys = [[(row[place], texts[place].strip()) for place in places] for row, texts in zip(rows, written, strict=True)]
    count = len({tuple(text for _, text in values) for values in keys})
    return EffectQuery(f"SELECT count(*) FROM {_table_of(node)} WHERE {_with_key(key, keys)};", count)


def _table_of(node: Tree) -> str:
    relation = node["relation"]
    return ".".join(identifier(relation[part]) for part in ("schemaname", "relname") if part in relation)


def _with_key(key: Sequence[str], keys: Sequence[Sequence[tuple[Tree, str]]]) -> str:
    """The condition for rows that have one of *keys*: each value as a tree, and as it is written."""
    if len(key) == 1 and not any(_is_null(value) for ((value, _),) in keys):
        return f"{identifier(key[0])} IN ({', '.join(dict.fromkeys(text for ((_, text),) in keys))})"
    return " OR ".join(
        f"({' AND '.join(_equal(name, *value) for name, value in zip(key, values, strict=True))})" for values in keys
    )


def _key(node: Tree, columns: Sequence[str]) -> list[str]:
    inferred = node.get("onConflictClause", {}).get("infer", {}).get("indexElems", ())
    named = [element["IndexElem"].get("name", "") for element in inferred]
    if named and set(named) <= set(columns):
        return named
    return [name for name in columns if name.lower() == "id"][:1] or list(columns)


def _equal(column: str, value: Tree, written: str) -> str:
    return f"{identifier(column)} IS NULL" if _is_null(value) else f"{identifier(column)} = {written}"


def _is_null(value: Tree) -> bool:
    return "isnull" in value.get("A_Const", {})


def _is_constant(value: Tree) -> bool:
    return "A_Const" in value or ("TypeCast" in value and "A_Const" in value["TypeCast"]["arg"])


def _is_comparable(value: Tree, own: Set[tuple[str, str]]) -> bool:
    """Say whether a column that was set to *value* can be distinguished from one that was not, even later.

    *own* are the columns that are set, each with its table: what depends on them has another value afterwards.
    """
    tables, columns = {table for table, _ in own}, {column for _, column in own}
    for words in _columns(value):
        is_own = len(words) == 1 or words[-2] in tables
        if "*" in words or (is_own and words[-1] in columns):
            return False
    # A number with decimals is rounded to what its column holds.
    return _only_reads(value) and "fval" not in value.get("A_Const", {})


def _columns(tree: Any) -> Iterator[list[str]]:
    for kind, node in _nodes(tree):
        if kind == "ColumnRef":
            yield [field.get("String", {}).get("sval", "*") for field in node["fields"]]


def _only_reads(tree: Any) -> bool:
    return all(_is_harmless(kind, node) for kind, node in _nodes(tree))


def _is_harmless(kind: str, node: Tree) -> bool:
    match kind:
        case "A_Expr":
            own = len(node["name"]) == 1 and node["name"][0]["String"]["sval"] in _OPERATORS
            return own or node["kind"] in {"AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT", "AEXPR_NULLIF"}
        case "FuncCall":
            name = [word["String"]["sval"] for word in node["funcname"]]
            return name[-1] in _FUNCTIONS and name[:-1] in ([], ["pg_catalog"])
        case "SelectStmt":
            return _MORE_THAN_READING.isdisjoint(node) and node.get("op", "SETOP_NONE") == "SETOP_NONE"
        case _:
            return kind in _EXPRESSIONS


def _nodes(tree: Any) -> Iterator[tuple[str, Tree]]:
    """Every node below *tree* that bears its name; fields are in lower case."""
    if isinstance(tree, list):
        for item in tree:
            yield from _nodes(item)
    elif isinstance(tree, Mapping):
        for name, value in tree.items():
            if name[:1].isupper():
                yield name, value
            yield from _nodes(value)


def _name_of(relation: Tree) -> str:
    name: str = relation.get("alias", {}).get("aliasname") or relation["relname"]
    return name
