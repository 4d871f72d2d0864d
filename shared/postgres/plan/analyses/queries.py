"""Queries, asked as they stand or behind the tables that the run touches."""

from collections.abc import Set
from typing import Any

from ....model.plan import Analysis
from ....model.question import Question
from ....model.schema import Kind, PrimaryKey, Subject, View
from ...naming import unquoted
from ...parse import ParseError, Statement, nodes_with, parse
from ...replay.asking import query_text
from ..expression_questions import (
    is_harmless_name,
    is_harmless_type,
    relation,
)
from ..expressions import columns_in
from ..footprint import Footprint
from ..rows import made_by, range_vars
from ..write_questions import WRITES
from ..writing import quoted

AS_THEY_STAND = frozenset({"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
# Names that are only pending do not exist yet for the server.
_PENDING = frozenset({"42704", "42883", "42P01", "42846"})
# Columns that a primary key makes one in each group are not, where the table stands in front as a query.
_GROUPED = "42803"


def ask_as_it_stands(footprint: Footprint, statement: Statement, sql: str, same_as: str | None = None) -> None:
    """Ask about the query *sql*, over the tables as the run leaves them."""
    defined = frozenset(each["ctename"] for each in nodes_with(statement.tree, "ctename"))
    if footprint.circumstances.passed.may_touch(statement):
        for each in range_vars(statement.tree):
            if each["relname"] not in {*defined, made_by(statement.node)}:
                relation(footprint, each)
    if not _is_harmless(footprint, statement.tree):
        if statement.kind not in WRITES:
            footprint.depends(None, "this query is not asked about: to read it may run the database's own code")
        return
    path = footprint.before.search_path
    if footprint.circumstances.passed.may_touch(statement):
        text = _behind(_in_front(footprint, statement, defined), sql)
        if text is None:
            footprint.depends(None, "the server cannot be asked about this query before the run has come to it")
        else:
            open_to = _PENDING | _grouped(footprint, statement)
            footprint.ask(Analysis(Question(text, path), "the statement is read", open_to))
        return
    same = Question(same_as, path) if same_as is not None else None
    footprint.ask(Analysis(Question(sql, path), "the statement is read", same_as=same))


def _grouped(footprint: Footprint, statement: Statement) -> frozenset[str]:
    """Where a query groups by a table's key, its other columns are one in each group: a query in front has no key."""
    keys = {column for each in nodes_with(statement.tree, "groupClause") for column in columns_in(each["groupClause"])}
    for range_var in range_vars(statement.tree):
        found = footprint.before.find(range_var)
        key = footprint.before.objects.get(Subject(Kind.PRIMARY_KEY, found)) if found is not None else None
        if isinstance(key, PrimaryKey) and keys.issuperset(key.columns):
            return frozenset({_GROUPED})
    return frozenset()


def _behind(common: str | None, sql: str) -> str | None:
    """The query *sql* with *common* in front; None where there is no such form."""
    first, _, rest = sql.lstrip().partition(" ")
    if not common or first.lower() not in ("select", "with"):
        return sql if common == "" else None
    if first.lower() == "select":
        return f"WITH {common} {sql}"
    second, _, others = rest.lstrip().partition(" ")
    return f"WITH RECURSIVE {common}, {others}" if second.lower() == "recursive" else f"WITH {common}, {rest}"


def _in_front(footprint: Footprint, statement: Statement, defined: Set[str]) -> str | None:
    """The tables of a query that the run touches as common table expressions, as they are by then.

    None where one has no such form. *defined* are the query's own expressions.
    """
    own = made_by(statement.node)
    clauses = {}
    for range_var in range_vars(statement.tree):
        name = range_var["relname"]
        is_pending = footprint.circumstances.passed.is_pending([name])
        if name == own or not is_pending:
            continue
        found = footprint.before.find(range_var)
        columns = dict(footprint.before.columns(found)) if found is not None else {}
        if name in defined and found is None:
            continue
        if found is None or name in defined or "schemaname" in range_var or not columns:
            return None
        if found in footprint.circumstances.vague:
            return None
        listed = ", ".join(map(quoted, columns))
        nulls = ", ".join(f"NULL::{column.type}" for column in columns.values())
        clauses[name] = f"{quoted(name)}({listed}) AS (SELECT {nulls})"
    return ", ".join(clauses.values())


def _query_of(statement: Statement) -> str | None:
    try:
        return query_text(statement)
    except (ValueError, LookupError):
        return None


def ask_about_view(footprint: Footprint, statement: Statement) -> None:
    """CREATE VIEW: its query, whose columns must stay as they are where it replaces another."""
    text = _query_of(statement)
    if text is None:
        return
    found = footprint.before.find(statement.node["view"])
    same = None
    if found is not None and isinstance(footprint.before.objects.get(Subject(Kind.VIEW, found)), View):
        same = f"SELECT * FROM {quoted(found[0])}.{quoted(found[1])}"  # noqa: S608  # quoted
    ask_as_it_stands(footprint, statement, text, same)


def ask_about_table_as(footprint: Footprint, statement: Statement) -> None:
    """CREATE TABLE AS, and a materialized view: its query."""
    text = _query_of(statement)
    if text is None:
        return
    ask_as_it_stands(footprint, statement, text)


def ask_about_function(footprint: Footprint, statement: Statement) -> None:
    """The body of a function in SQL without arguments, where it is one query."""
    options = {each["DefElem"]["defname"]: each["DefElem"].get("arg", {}) for each in statement.node.get("options", ())}
    language = options.get("language", {}).get("String", {}).get("sval", "").lower()
    bodies = options.get("as", {}).get("List", {}).get("items", ())
    if language != "sql" or statement.node.get("parameters") or len(bodies) != 1:
        return
    try:
        (body,) = parse(bodies[0]["String"].get("sval", ""))
    except (ParseError, ValueError):
        return
    if body.kind in AS_THEY_STAND and not footprint.circumstances.passed.may_touch(body):
        ask_as_it_stands(footprint, body, body.sql)


def _is_harmless(footprint: Footprint, tree: Any) -> bool:
    """Say whether reading its literals runs nothing of the database's own."""
    for range_var in range_vars(tree):
        found = footprint.before.find(range_var)
        if found is not None and footprint.before.kind(found) is Kind.TABLE:
            for _, column in footprint.before.columns(found):
                pending = footprint.circumstances.passed.is_pending(unquoted(column.type.removesuffix("[]"))[-1:])
                if pending or not is_harmless_type(footprint, column.type):
                    return False
        elif found is not None and footprint.before.kind(found) in (Kind.VIEW, Kind.MATERIALIZED_VIEW):
            return not _has_strings(tree)
    if _has_strings(tree) and footprint.before.calls_own(tree):
        return False
    return all(is_harmless_name(footprint, each["typeName"]) for each in nodes_with(tree, "typeName"))


def _has_strings(tree: Any) -> bool:
    return any("sval" in each["A_Const"] for each in nodes_with(tree, "A_Const"))
