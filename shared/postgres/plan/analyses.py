"""What the server's analyser is asked about a statement: its expressions, over tables as they will be by then.

Tables stand in front as common table expressions of typed NULLs, so that nothing is locked, and columns that are only
pending are there. A query, and an INSERT, UPDATE or DELETE, is asked as it stands where the run has touched nothing
that it names. What a literal may run (the CHECK of a domain in an array, a type of the database's own) is not asked.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any

from ...model.plan import Analysis, Relation
from ...model.question import Question
from ...model.schema import Column, Kind, PrimaryKey, Subject, View
from ..canonical.sql import literal
from ..naming import unquoted
from ..parse import ParseError, Statement, Tree, nodes_with, parse
from ..replay.asking import query_text
from .assignment import is_assignable
from .expression_questions import (
    Columns,
    condition,
    default,
    is_harmless_name,
    is_harmless_type,
    over,
    relation,
    target,
    value,
)
from .expressions import columns_in, expression_of
from .footprint import Circumstances, Footprint
from .kept_expressions import as_kept, meanings
from .known import Known
from .named_objects import ask_about_commented, ask_about_granted, ask_about_relations
from .rows import made_by, range_vars
from .write_questions import WRITES, ask_about_write
from .writing import quoted

# Names that are only pending do not exist yet for the server.
_PENDING = frozenset({"42704", "42883", "42P01", "42846"})
# Columns that a primary key makes one in each group are not, where the table stands in front as a query.
_GROUPED = "42803"
_AS_THEY_STAND = frozenset({"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})


def ask(statement: Statement, footprint: Footprint) -> None:
    """Add the questions about *statement* to *footprint*."""
    if statement.kind in WRITES and footprint.circumstances.passed.may_touch(statement):
        footprint.unread = not ask_about_write(footprint, statement.kind, statement.node)
        return
    if statement.kind in _AS_THEY_STAND:
        _as_it_stands(footprint, statement, statement.sql)
        return
    reader = _READERS.get(statement.kind)
    if reader is None:
        return
    if reader in (_view, _table_as, _function):
        reader(footprint, statement)
    else:
        reader(footprint, statement.node)


# Queries


def _as_it_stands(footprint: Footprint, statement: Statement, sql: str, same_as: str | None = None) -> None:
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


def _view(footprint: Footprint, statement: Statement) -> None:
    text = _query_of(statement)
    if text is None:
        return
    found = footprint.before.find(statement.node["view"])
    same = None
    if found is not None and isinstance(footprint.before.objects.get(Subject(Kind.VIEW, found)), View):
        same = f"SELECT * FROM {quoted(found[0])}.{quoted(found[1])}"  # noqa: S608  # quoted
    _as_it_stands(footprint, statement, text, same)


def _table_as(footprint: Footprint, statement: Statement) -> None:
    text = _query_of(statement)
    if text is None:
        return
    _as_it_stands(footprint, statement, text)


def _function(footprint: Footprint, statement: Statement) -> None:
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
    if body.kind in _AS_THEY_STAND and not footprint.circumstances.passed.may_touch(body):
        _as_it_stands(footprint, body, body.sql)


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
    if _has_strings(tree) and any(True for _ in footprint.own_calls(tree)):
        return False
    return all(is_harmless_name(footprint, each["typeName"]) for each in nodes_with(tree, "typeName"))


def _has_strings(tree: Any) -> bool:
    return any("sval" in each["A_Const"] for each in nodes_with(tree, "A_Const"))


def missing(what: str, sqlstate: str, before: Known, circumstances: Circumstances) -> Iterator[Analysis]:
    """Ask whether there is *what* the replay does not know: something of an extension, or of a platform."""
    sort, _, name = what.partition(" ")
    words = name.split(".")
    if not name or circumstances.passed.is_pending(words[-1:]) or circumstances.passed.brings_extension:
        return
    written = ".".join(map(quoted, words))
    queries = {
        "relation": f"SELECT FROM {written}",  # quoted
        "type": f"SELECT NULL::{written}",
        "routine": f"SELECT {literal(written)}::pg_catalog.regproc",
        "schema": f"SELECT {literal(written)}::pg_catalog.regnamespace",
    }
    if sort in queries:
        question = Question(queries[sort], before.search_path)
        yield Analysis(question, f"the {what}", frozenset({"42725"}), sqlstate=sqlstate)


# Parts of statements


def _constraint(
    footprint: Footprint, table: Relation, columns: Mapping[str, Column], name: str | None, constraint: Tree
) -> None:
    expression = constraint.get("raw_expr")
    if expression is None or any(True for _ in nodes_with(expression, "subLinkType")):
        return
    if constraint["contype"] == "CONSTR_CHECK":
        condition(footprint, table, columns, expression)
    elif constraint["contype"] == "CONSTR_DEFAULT" and name is not None:
        default(footprint, table, columns, name, expression)
    elif constraint["contype"] == "CONSTR_GENERATED" and name is not None:
        value(footprint, table, columns, expression, columns[name].type if name in columns else None)


def _elements(footprint: Footprint, table: Relation, columns: Mapping[str, Column], elements: Iterable[Tree]) -> None:
    for element in elements:
        definition = element.get("ColumnDef")
        if definition is not None:
            _type(footprint, definition["typeName"])
            for each in definition.get("constraints", ()):
                _constraint(footprint, table, columns, definition["colname"], each["Constraint"])
        elif "Constraint" in element:
            _constraint(footprint, table, columns, None, element["Constraint"])


def _type(footprint: Footprint, type_: Tree) -> None:
    """A type that neither the server's own names nor the database's are."""
    words = [each["String"].get("sval", "") for each in type_.get("names", ())]
    passed = footprint.circumstances.passed
    if len(words) == 1 and words[0] in ("serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"):
        return
    if words[:1] == ["pg_catalog"] or footprint.before.own_type(words) is not None or passed.is_pending(words[-1:]):
        return
    written = ".".join(map(quoted, words))
    footprint.ask(Analysis(Question(f"SELECT NULL::{written}", footprint.before.search_path), f"the type {words[-1]}"))


# Statements


def _create_table(footprint: Footprint, node: Tree) -> None:
    if node["relation"].get("relpersistence") == "t" or "ofTypename" in node or node.get("inhRelations"):
        return
    made = {subject: now for subject, (_, now) in footprint.changed.items()}
    table = next(((each.name[0], each.name[1]) for each in made if each.kind is Kind.TABLE), None)
    if table is None:
        return
    columns = {
        subject.name[2]: each
        for subject, each in made.items()
        if isinstance(each, Column) and subject.name[:2] == table
    }
    if any("TableLikeClause" in each for each in node.get("tableElts", ())) and not columns:
        return
    _elements(footprint, table, columns, node.get("tableElts", ()))
    for each in _foreign(node):
        relation(footprint, each["pktable"])


def _foreign(tree: Any) -> Iterator[Tree]:
    return (each for each in nodes_with(tree, "pktable"))


def _alter_table(footprint: Footprint, node: Tree) -> None:
    table = footprint.before.find(node["relation"])
    if table is None or footprint.before.kind(table) is not Kind.TABLE or table in footprint.circumstances.vague:
        return
    before, after = Columns(footprint, table), Columns(footprint, table, is_after=True)
    for each in node["cmds"]:
        _command(footprint, table, before, after, each["AlterTableCmd"])
    for each in _foreign(node):
        relation(footprint, each["pktable"])


def _command(
    footprint: Footprint, table: Relation, before: Mapping[str, Column], after: Mapping[str, Column], command: Tree
) -> None:
    definition = command.get("def", {})
    if command["subtype"] == "AT_AddColumn":
        _elements(footprint, table, after, [definition])
    elif command["subtype"] == "AT_AddConstraint":
        _constraint(footprint, table, after, None, definition["Constraint"])
    elif command["subtype"] == "AT_ColumnDefault" and "def" in command:
        default(footprint, table, after, command["name"], definition)
    elif command["subtype"] == "AT_AlterColumnType":
        _changed_type(footprint, table, before, after, command)


def _changed_type(
    footprint: Footprint, table: Relation, before: Mapping[str, Column], after: Mapping[str, Column], command: Tree
) -> None:
    """USING is over the old columns; indexes and checks of the column are read again over the new ones."""
    name, definition = command["name"], command["def"]["ColumnDef"]
    _type(footprint, definition["typeName"])
    _using(footprint, table, before, after, command)
    for each in footprint.before.family(table):
        _kept_default(footprint, each, name)
    collation = definition.get("collClause", {}).get("collname")
    if collation is not None:
        words = ".".join(quoted(each["String"]["sval"]) for each in collation)
        footprint.ask(Analysis(Question(f"SELECT 'x' COLLATE {words}", footprint.before.search_path), "the collation"))
    _parts(footprint, table, name, {Kind.INDEX, Kind.CHECK})


def _kept_default(footprint: Footprint, table: Relation, name: str) -> None:
    """A default that stays must be cast to the new type: the server is asked for the type of a call."""
    before, after = footprint.before.column(table, name), footprint.column(table, name)
    if before is None or after is None or before.default is None or before.default_type is not None:
        return
    if name in footprint.without_default:
        return
    tree, wanted = expression_of(before.default.meaning), target(footprint, after.type)
    is_asked = (
        footprint.circumstances.is_live
        and tree is not None
        and "A_Const" not in tree
        and bool(wanted)
        and over(footprint, table, {}, lambda writer: writer.write(tree), (), assigned_to=wanted)
    )
    if not is_asked and is_assignable(before.type, after.type, footprint.definition) is False:
        footprint.depends("42804", f"the default of {name} may have no cast to {after.type}")


def _parts(footprint: Footprint, table: Relation, name: str, of: Set[Kind]) -> None:
    """Indexes and checks of the column, in tables below as well: those that a table above has are the same there."""
    asked: set[str] = set()
    for each in footprint.before.family(table):
        before, after = Columns(footprint, each), Columns(footprint, each, is_after=True)
        for subject, part in footprint.before.parts(each, *of):
            if subject in footprint.changed and footprint.changed[subject][1] is None:
                continue
            for meaning in meanings(part):
                expression = expression_of(meaning) if meaning not in asked else None
                asked.add(meaning)
                if expression is not None and name in columns_in(expression) and name in before:
                    value(footprint, each, after, as_kept(footprint, expression, name, before[name].type))


def _using(
    footprint: Footprint, table: Relation, before: Mapping[str, Column], after: Mapping[str, Column], command: Tree
) -> None:
    name = command["name"]
    using = command["def"]["ColumnDef"].get("raw_default")
    if using is not None and name in after:
        value(footprint, table, before, using, after[name].type)


def ask_about_types(footprint: Footprint, node: Tree, *, of: Set[Kind]) -> None:
    """Ask about USING, which the server reads before the catalog refuses the type; and about what the column is in."""
    table = footprint.before.find(node["relation"])
    if table is None or footprint.before.kind(table) is not Kind.TABLE or table in footprint.circumstances.vague:
        return
    before, after = Columns(footprint, table), Columns(footprint, table, is_after=True)
    for each in node["cmds"]:
        if each["AlterTableCmd"]["subtype"] == "AT_AlterColumnType":
            _using(footprint, table, before, after, each["AlterTableCmd"])
            if of:
                _parts(footprint, table, each["AlterTableCmd"]["name"], of)


def _create_index(footprint: Footprint, node: Tree) -> None:
    table = footprint.before.find(node["relation"])
    if table is None or footprint.before.kind(table) is not Kind.TABLE or table in footprint.circumstances.vague:
        return
    columns = Columns(footprint, table)
    for each in node["indexParams"]:
        if "expr" in each["IndexElem"]:
            value(footprint, table, columns, each["IndexElem"]["expr"])
    if "whereClause" in node:
        condition(footprint, table, columns, node["whereClause"])


def _policy(footprint: Footprint, node: Tree) -> None:
    table = footprint.before.find(node["table"])
    if table is None or table in footprint.circumstances.vague:
        return
    columns = Columns(footprint, table)
    for field in ("qual", "with_check"):
        if field in node:
            condition(footprint, table, columns, node[field])


def _named_relations(footprint: Footprint, node: Tree) -> None:
    for each in range_vars(node):
        relation(footprint, each)


def _grant(footprint: Footprint, node: Tree) -> None:
    _named_relations(footprint, node)
    ask_about_granted(footprint, node)


_READERS: Mapping[str, Callable[[Footprint, Any], None]] = {
    "AlterTableStmt": _alter_table,
    "CreateFunctionStmt": _function,
    "CreatePolicyStmt": _policy,
    "CreatePublicationStmt": _named_relations,
    "CreateStmt": _create_table,
    "CreateTableAsStmt": _table_as,
    "GrantStmt": _grant,
    "IndexStmt": _create_index,
    "LockStmt": _named_relations,
    "ClusterStmt": ask_about_relations,
    "CommentStmt": ask_about_commented,
    "CreateStatsStmt": ask_about_relations,
    "RefreshMatViewStmt": ask_about_relations,
    "ReindexStmt": ask_about_relations,
    "TruncateStmt": ask_about_relations,
    "VacuumStmt": ask_about_relations,
    "ViewStmt": _view,
}
