"""What an INSERT, UPDATE, DELETE or TRUNCATE makes of the rows, as queries over the rows before it.

What is not written here raises `UnwrittenError`: triggers, row security, tables with partitions, queries within.
"""
# ruff: noqa: S608  # SQL is what this module writes; names are quoted, all else is written from trees

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import field
from typing import Any

from ...model.plan import Relation
from ...model.schema import Column, Domain, ForeignKey, Index, Kind, PrimaryKey, Subject, Table, Unique
from ...model.value import dataclass
from ..naming import unquoted
from ..parse import Tree, nodes_with
from .expressions import columns_in, expression_of
from .known import Known
from .passed import Passed
from .row_states import Changed, Empty, Filtered, Live, Selected, State, item, joined
from .writing import UnwrittenError, Writer, quoted

EVENTS = {"InsertStmt": "insert", "UpdateStmt": "update", "DeleteStmt": "delete", "MergeStmt": "update"}
_MORE = ("withClause", "usingClause", "returningList")
_FOUND = '"~"'
_DEEP = 8


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
    ignores: bool = False
    in_all: bool = False  # every row of the table is written


class Scene:
    """The schema and the rows before a statement."""

    def __init__(self, before: Known, passed: Passed, vague: Set[Relation]) -> None:
        self.before = before
        self.passed = passed
        self.vague = vague

    def of(self, kind: str, node: Tree) -> RowChanges:
        """What the statement does to rows. Raises UnwrittenError where that cannot be said."""
        table = self.before.find(node["relation"])
        if table is None:
            raise UnwrittenError
        self.insist_on_plain(table, EVENTS.get(kind, ""), may_have_children=kind == "InsertStmt")
        if any(key in node for key in _MORE) or any(True for _ in self.own_calls(node)):
            raise UnwrittenError("it reads more than its table, or calls functions of the database's own")
        if kind == "MergeStmt":
            kind, node = "UpdateStmt", as_update(node)
        if kind == "InsertStmt":
            return _inserted(self, table, node)
        if kind == "UpdateStmt":
            return _updated(self, table, node)
        if kind == "DeleteStmt":
            return _deleted(self, table, node)
        raise UnwrittenError

    def selected(self, node: Tree, names: Sequence[str], columns: Mapping[str, Column]) -> State:
        """The rows of a new table that a query fills: *columns* are the new table's."""
        query = node["SelectStmt"]
        if "valuesLists" in query:
            raise UnwrittenError
        query = _with_columns(self, query)
        source = _source(self, query)
        if any(True for _ in self.own_calls(query)):
            raise UnwrittenError
        trees = [each["ResTarget"]["val"] for each in query["targetList"]]
        row = {name: Assigned(tree, self.write(tree)) for name, tree in zip(names, trees, strict=True)}
        return _selected(self, columns, row, query, source)

    def ancestors(self, table: Relation) -> Iterator[Relation]:
        """*table*, and what it is a partition of: their keys are its own, too."""
        yield table
        definition = self.before.objects.get(Subject(Kind.TABLE, table))
        if isinstance(definition, Table) and definition.partition_of is not None:
            yield from self.ancestors((definition.partition_of.name[0], definition.partition_of.name[1]))

    def referencing(self, table: Relation) -> Iterator[tuple[Subject, ForeignKey]]:
        return (found for each in self.ancestors(table) for found in self.before.referencing(each))

    def own_calls(self, tree: Any) -> Iterator[str]:
        for call in nodes_with(tree, "funcname") if self.before.has_routines else ():
            name = call["funcname"][-1]["String"].get("sval", "")
            if any(True for _ in self.before.routines(name)):
                yield name

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
        for _ in range(_DEEP):
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


def _where(scene: Scene, table: Relation, node: Tree) -> tuple[str | None, frozenset[str]]:
    if "whereClause" not in node:
        return None, frozenset()
    reads = frozenset(columns_in(node["whereClause"]))
    scene.insist_on_known(table, reads)
    if scene.passed.is_text(table, reads) and not _is_equality(node["whereClause"]):
        raise UnwrittenError
    return scene.write(node["whereClause"]), reads


def _is_equality(tree: Any) -> bool:
    """Say whether an expression means the same where its enums are text."""
    return all(
        each["name"][-1]["String"]["sval"] in ("=", "<>") for each in nodes_with(tree, "lexpr") if "name" in each
    ) and not any(True for _ in nodes_with(tree, "funcname"))


def _alias(node: Tree) -> str:
    range_var = node["relation"]
    found: str = range_var.get("alias", {}).get("aliasname", range_var["relname"])
    return found


# INSERT


def _inserted(scene: Scene, table: Relation, node: Tree) -> RowChanges:
    named = [each["ResTarget"]["name"] for each in node.get("cols", ())]
    if any("indirection" in each["ResTarget"] for each in node.get("cols", ())):
        raise UnwrittenError
    columns = dict(scene.before.columns(table))
    conflict = node.get("onConflictClause")
    if conflict is not None and (
        conflict.get("action") != "ONCONFLICT_NOTHING"
        or ("infer" in conflict and len([*_unique_keys(scene.before, table)]) > 1)
    ):
        raise UnwrittenError("which rows conflict is not analysed")
    query = node.get("selectStmt", {}).get("SelectStmt")
    if query is None:  # DEFAULT VALUES
        rows = [_row(scene, columns, {})]
        sources: list[tuple[Tree | None, Relation | None]] = [(None, None)]
    elif "valuesLists" in query:
        if any(key in query for key in ("sortClause", "limitCount", "withClause")):
            raise UnwrittenError
        given = [each["List"]["items"] for each in query["valuesLists"]]
        rows = [_row(scene, columns, dict(zip(named or columns, each, strict=False))) for each in given]
        sources = [(None, None)] * len(rows)
    else:
        query = _with_columns(scene, query)
        source = _source(scene, query)
        targets = [each["ResTarget"]["val"] for each in query["targetList"]]
        rows = [_row(scene, columns, dict(zip(named or columns, targets, strict=False)))]
        sources = [(query, source)]
    parts = [_selected(scene, columns, row, *source) for row, source in zip(rows, sources, strict=True)]
    raw = [_selected(scene, columns, row, *source, raw=True) for row, source in zip(rows, sources, strict=True)]
    current = scene.passed.state(table)
    new: list[State] = [_with_generated(scene, table, table[1], each) for each in parts]
    proposed = joined(new)
    if conflict is not None:
        current, new = _without_conflicts(scene, table, current, new, is_one=query is None or "valuesLists" in query)
    after = joined([current, *new]) if conflict is None else current
    written = joined(new)
    return RowChanges(
        {table: after},
        {table: written},
        values=tuple(rows),
        raw=joined(raw),
        proposed=proposed,
        ignores=conflict is not None,
    )


def _with_generated(scene: Scene, table: Relation, alias: str, state: State) -> State:
    """The server computes generated columns anew for each row that it writes."""
    values: dict[str, str | None] = {}
    reads: set[str] = set()
    for name, column in scene.before.columns(table):
        if column.generated is None:
            continue
        tree = expression_of(column.generated.expression.meaning)
        values[name] = None
        if tree is not None and not any(True for _ in scene.own_calls(tree)):
            values[name] = scene.cast(scene.write(tree), column.type)
            reads |= set(columns_in(tree))
    return Changed(state, alias, values, frozenset(reads)) if values else state


def _without_conflicts(
    scene: Scene, table: Relation, current: State, new: list[State], *, is_one: bool
) -> tuple[State, list[State]]:
    """ON CONFLICT DO NOTHING, for any key: those rows that meet none that is there already, one after the other."""
    keys = list(_unique_keys(scene.before, table))
    others = [
        part
        for _, part in scene.before.parts(table, Kind.INDEX, Kind.EXCLUSION)
        if not isinstance(part, Index)
        or (part.unique and (part.predicate is not None or None in [key.column for key in part.keys]))
    ]
    if others or len(new) > _MOST_CONFLICTS or not is_one:
        raise UnwrittenError("which rows conflict is not analysed")
    kept: list[State] = []
    for each in new:
        for key in keys:
            same = " AND ".join(
                f'"~there".{quoted(name)} OPERATOR(pg_catalog.=) "~row".{quoted(name)}' for name in sorted(key)
            )
            meets = f"NOT EXISTS (SELECT FROM {item(current, sorted(key), '~there')} WHERE {same})"
            each = Filtered(each, "~row", meets, key, current.tables)  # noqa: PLW2901
        kept.append(each)
        current = joined([current, each])
    return current, kept


def _is_of_columns(index: Index) -> bool:
    return index.predicate is None and all(key.column is not None for key in index.keys)


# Each is compared with all before it.
_MOST_CONFLICTS = 3


def _row(scene: Scene, columns: Mapping[str, Column], given: Mapping[str, Tree]) -> dict[str, Assigned]:
    found: dict[str, Assigned] = {}
    if not given.keys() <= columns.keys():
        raise UnwrittenError
    for name, column in columns.items():
        tree = given.get(name)
        if tree is not None and "SetToDefault" not in tree:
            if column.generated is not None or column.identity is not None:
                raise UnwrittenError
            found[name] = Assigned(tree, scene.write(tree))
        elif column.generated is not None or column.identity is not None:
            found[name] = Assigned(None, None)
        else:
            found[name] = _default(scene, column)
    return found


def _default(scene: Scene, column: Column) -> Assigned:
    expression = column.default
    if expression is None:
        name = unquoted(column.type)
        domain = scene.before.objects.get(Subject(Kind.DOMAIN, name))
        if isinstance(domain, Domain) and domain.default is not None:
            expression = domain.default
    if expression is None:
        return Assigned(None, "NULL")
    tree = expression_of(expression.meaning)
    if tree is None or any(True for _ in scene.own_calls(tree)):
        return Assigned(None, None)
    try:
        return Assigned(tree, scene.write(tree))
    except UnwrittenError:
        return Assigned(None, None)


def _source(scene: Scene, query: Tree) -> Relation | None:
    """The one table that a plain query reads; None where it reads none."""
    if any(
        key in query
        for key in ("groupClause", "havingClause", "sortClause", "limitCount", "withClause", "distinctClause", "larg",
                    "windowClause", "lockingClause", "intoClause")
    ) or query.get("op", "SETOP_NONE") != "SETOP_NONE":  # fmt: skip
        raise UnwrittenError
    if any(each.get("agg_star") or each["funcname"][-1]["String"]["sval"] in _AGGREGATES
           for each in nodes_with(query, "funcname")):  # fmt: skip
        raise UnwrittenError
    origin = query.get("fromClause", [])
    if not origin:
        return None
    if len(origin) > 1 or "RangeVar" not in origin[0]:
        raise UnwrittenError
    found = scene.before.find(origin[0]["RangeVar"])
    if found is None:
        raise UnwrittenError
    scene.insist_on_table(found)
    reads = columns_in(query["targetList"]) | columns_in(query.get("whereClause"))
    scene.insist_on_known(found, reads)
    return found


def _with_columns(scene: Scene, query: Tree) -> Tree:
    """*query* with the columns of the one table that it reads in the place of ``*``."""
    origin = query.get("fromClause", [])
    source = scene.before.find(origin[0]["RangeVar"]) if len(origin) == 1 and "RangeVar" in origin[0] else None
    targets: list[Tree] = []
    for each in query["targetList"]:
        fields = each["ResTarget"]["val"].get("ColumnRef", {}).get("fields", ())
        if not fields or "A_Star" not in fields[-1]:
            targets.append(each)
        elif source is None:
            raise UnwrittenError
        else:
            named = ([*fields[:-1], {"String": {"sval": name}}] for name, _ in scene.before.columns(source))
            targets += [{"ResTarget": {"val": {"ColumnRef": {"fields": words}}}} for words in named]
    return {**query, "targetList": targets}


_AGGREGATES = frozenset(
    {"count", "sum", "avg", "min", "max", "array_agg", "string_agg", "json_agg", "jsonb_agg", "bool_and", "bool_or",
     "generate_series", "unnest", "regexp_split_to_table", "json_array_elements", "jsonb_array_elements"}
)  # fmt: skip


def _selected(
    scene: Scene,
    columns: Mapping[str, Column],
    row: Mapping[str, Assigned],
    query: Tree | None,
    source: Relation | None,
    *,
    raw: bool = False,
) -> Selected:
    values = {
        name: (f"CAST(({each.sql}) AS text)" if each.sql is not None else None)
        if raw
        else scene.cast(each.sql, columns[name].type)
        for name, each in row.items()
    }
    if query is None or source is None:
        where = scene.write(query["whereClause"]) if query is not None and "whereClause" in query else None
        return Selected(values, where=where)
    range_var = query["fromClause"][0]["RangeVar"]
    alias = range_var.get("alias", {}).get("aliasname", range_var["relname"])
    where, _ = _where(scene, source, query)
    reads = frozenset(columns_in(query["targetList"]) | columns_in(query.get("whereClause")))
    if scene.passed.is_text(source, reads) and not _is_equality(query["targetList"]):
        raise UnwrittenError
    return Selected(values, scene.read(source), alias, where, reads)


# UPDATE, and a MERGE that only updates


def as_update(node: Tree) -> Tree:
    clauses = [each["MergeWhenClause"] for each in node["mergeWhenClauses"]]
    is_update = len(clauses) == 1 and clauses[0]["commandType"] == "CMD_UPDATE" and "condition" not in clauses[0]
    if not is_update or "RangeVar" not in node["sourceRelation"] or clauses[0].get("matchKind") == _NOT_BY_SOURCE:
        raise UnwrittenError("a MERGE that inserts or deletes is not analysed")
    return {
        "relation": node["relation"],
        "targetList": clauses[0]["targetList"],
        "fromClause": [node["sourceRelation"]],
        "whereClause": node["joinCondition"],
    }


_NOT_BY_SOURCE = "MERGE_WHEN_NOT_MATCHED_BY_SOURCE"


def _updated(scene: Scene, table: Relation, node: Tree) -> RowChanges:
    row: dict[str, Assigned] = {}
    for each in (target["ResTarget"] for target in node["targetList"]):
        column = scene.column(table, each["name"])
        if "indirection" in each or column.generated is not None or column.identity is not None:
            raise UnwrittenError
        if "SetToDefault" in each["val"]:
            row[each["name"]] = _default(scene, column)
        else:
            row[each["name"]] = Assigned(each["val"], scene.write(each["val"]))
    alias = _alias(node)
    current = scene.passed.state(table)
    columns = dict(scene.before.columns(table))
    was = {f"~was {name}": f"{quoted(alias)}.{quoted(name)}" for name in row}
    values = {name: scene.cast(each.sql, columns[name].type) for name, each in row.items()}
    raw = {f"~{name}": f"CAST(({each.sql}) AS text)" if each.sql is not None else None for name, each in row.items()}
    if "fromClause" in node:
        lookup, others, reads, many = _lookup(scene, table, node, alias, columns)
        reads |= row.keys()
        found = f"{quoted(_name_of(node))}.{_FOUND}"
        new = {name: sql and f"CASE WHEN {found} THEN {sql} END" for name, sql in {**values, **raw, **was}.items()}
        every = Changed(current, alias, {**new, "~": found}, reads, lookup=lookup, others=others)
        matched = Filtered(every, "~row", f'"~row".{_FOUND}', frozenset({"~"}))
        behind = _with_generated(scene, table, alias, Changed(current, alias, values, reads, found, lookup, others))
        whole = _with_generated(scene, table, alias, matched)
        marked = Changed(current, alias, {"~": found}, reads, lookup=lookup, others=others)
        matched_old = Filtered(marked, "~row", f'"~row".{_FOUND}', frozenset({"~"}))
        several = Filtered(current, alias, many, reads, others) if many else None
        return RowChanges(
            {table: behind},
            {table: whole},
            values=(row,),
            raw=_named_raw(matched, row),
            old=matched_old,
            several=several,
        )
    where, wanted = _where(scene, table, node)
    named = frozenset({*wanted, *columns_in(node["targetList"])})
    scene.insist_on_known(table, named)
    reads = named | row.keys()
    if scene.passed.is_text(table, columns_in(node["targetList"])) and not _is_equality(node["targetList"]):
        raise UnwrittenError
    filtered: State = current if where is None else Filtered(current, alias, where, wanted)
    written: State = Changed(filtered, alias, {**values, **raw, **was}, reads)
    raw_values = _named_raw(written, row)
    written = _with_generated(scene, table, alias, written)
    after = _with_generated(scene, table, alias, Changed(current, alias, values, reads, where))
    return RowChanges(
        {table: after}, {table: written}, values=(row,), raw=raw_values, old=filtered, in_all=where is None
    )


def _named_raw(written: State, row: Mapping[str, Assigned]) -> State:
    """The values before they are cast, by the names of their columns."""
    values = {name: f'"~".{quoted("~" + name)}' for name in row}
    return Selected(values, written, "~", None, frozenset(f"~{name}" for name in row))


def _name_of(node: Tree) -> str:
    range_var = node["fromClause"][0]["RangeVar"]
    found: str = range_var.get("alias", {}).get("aliasname", range_var["relname"])
    return found


def _lookup(
    scene: Scene, table: Relation, node: Tree, alias: str, columns: Mapping[str, Column]
) -> tuple[str, tuple[Relation, ...], frozenset[str], str]:
    """UPDATE … FROM one table: what a row finds there, and the condition that it finds several rows."""
    origin = node["fromClause"]
    if len(origin) != 1 or "RangeVar" not in origin[0] or "whereClause" not in node:
        raise UnwrittenError
    other = scene.before.find(origin[0]["RangeVar"])
    name = _name_of(node)
    if other is None or name == alias:
        raise UnwrittenError
    scene.insist_on_table(other)
    theirs = dict(scene.before.columns(other))
    keys = _equated(node["whereClause"], name, theirs.keys() - columns.keys())
    # A key of a table is one of its partitions, too, but not of those that inherit from it.
    has_heirs = len([*scene.before.family(other)]) > len([*scene.before.partitions(other)])
    is_unique = not has_heirs and any(key <= keys for key in _unique_keys(scene.before, other))
    used = set(columns_in([each["ResTarget"]["val"] for each in node["targetList"]])) | set(
        columns_in(node["whereClause"])
    )
    scene.insist_on_known(other, used & theirs.keys())
    scene.insist_on_known(table, used & columns.keys())
    if scene.passed.is_text(other, used) or scene.passed.is_text(table, used):
        raise UnwrittenError
    wanted = sorted(used & theirs.keys())
    listed = ", ".join(f"{quoted(name)}.{quoted(each)}" for each in wanted)
    state = scene.read(other)
    where = scene.write(node["whereClause"])
    lookup = (
        f" LEFT JOIN LATERAL (SELECT {listed}{', ' if listed else ''}true AS {_FOUND} "
        f"FROM {item(state, wanted, name)} WHERE {where} LIMIT 1) AS {quoted(name)} ON true"
    )
    many = ""
    if not is_unique:
        many = f"(SELECT pg_catalog.count(*) FROM {item(state, wanted, name)} WHERE {where}) > 1"
    return lookup, state.tables, frozenset(used & columns.keys()), many


def _equated(where: Tree, name: str, own: Set[str]) -> set[str]:
    """The columns of the other table that are equal to something of the table itself, or to a constant."""
    parts = [where]
    if where.get("BoolExpr", {}).get("boolop") == "AND_EXPR":
        parts = where["BoolExpr"]["args"]
    found = set()
    for part in parts:
        operation = part.get("A_Expr", {})
        if operation.get("kind") != "AEXPR_OP" or [each["String"]["sval"] for each in operation["name"]] != ["="]:
            continue
        for one, other in (("lexpr", "rexpr"), ("rexpr", "lexpr")):
            fields = [
                each.get("String", {}).get("sval")
                for each in operation.get(one, {}).get("ColumnRef", {}).get("fields", ())
            ]
            is_theirs = (len(fields) == 2 and fields[0] == name) or (len(fields) == 1 and fields[0] in own)
            if is_theirs and not _names(operation.get(other), name, own):
                found.add(str(fields[-1]))
    return found


def _names(tree: Any, name: str, own: Set[str]) -> bool:
    for each in nodes_with(tree, "fields"):
        words = [field_.get("String", {}).get("sval") for field_ in each["fields"]]
        if (len(words) > 1 and words[-2] == name) or (len(words) == 1 and words[0] in own):
            return True
    return False


def _unique_keys(before: Known, table: Relation) -> Iterator[frozenset[str]]:
    for _, part in before.parts(table, Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.INDEX):
        if isinstance(part, PrimaryKey | Unique):
            yield frozenset(part.columns)
        elif isinstance(part, Index) and part.unique and part.predicate is None and part.valid:
            names = [key.column for key in part.keys]
            if None not in names:
                yield frozenset(each for each in names if each is not None)


# DELETE


def _deleted(scene: Scene, table: Relation, node: Tree) -> RowChanges:
    alias = _alias(node)
    where, reads = _where(scene, table, node)
    after: dict[Relation, State] = {}
    gone: dict[Relation, State] = {}
    nulled: dict[Relation, frozenset[str]] = {}
    written: dict[Relation, State] = {}
    current = scene.passed.state(table)
    if where is None:
        after[table] = Empty(scene.types(table))
        gone[table] = current
    else:
        after[table] = Filtered(current, alias, f"({where}) IS NOT TRUE", reads)
        gone[table] = Filtered(current, alias, where, reads)
    waiting = [table]
    while waiting:
        here = waiting.pop()
        for subject, key in scene.referencing(here):
            other = subject.name[0], subject.name[1]
            if key.on_delete in ("no action", "restrict") or not key.enforced:
                continue
            if other in gone or other in nulled or key.on_delete_columns or len(gone) > _DEEP:
                raise UnwrittenError
            refers, wanted, others = _refers(scene, key, gone[here], other)
            state = scene.passed.state(other)
            if key.on_delete == "cascade":
                scene.insist_on_plain(other, "delete")
                after[other] = Filtered(state, other[1], f"({refers}) IS NOT TRUE", wanted, others)
                gone[other] = Filtered(state, other[1], refers, wanted, others)
                waiting.append(other)
            elif key.on_delete == "set null":
                scene.insist_on_plain(other, "update")
                nulls = {name: scene.cast("NULL", scene.column(other, name).type) for name in key.columns}
                after[other] = Changed(state, other[1], nulls, wanted, refers, others=others)
                written[other] = Changed(Filtered(state, other[1], refers, wanted, others), other[1], nulls, wanted)
                nulled[other] = frozenset(key.columns)
            else:
                raise UnwrittenError
    return RowChanges(after, written, gone, nulled=nulled)


def _refers(
    scene: Scene, key: ForeignKey, gone: State, other: Relation
) -> tuple[str, frozenset[str], tuple[Relation, ...]]:
    """The condition that a row of *other* refers to one of those that are *gone*."""
    scene.insist_on_known(other, key.columns)
    pairs = zip(key.columns, key.referenced_columns, strict=True)
    same = " AND ".join(
        f'"~gone".{quoted(theirs)} OPERATOR(pg_catalog.=) {quoted(other[1])}.{quoted(ours)}' for ours, theirs in pairs
    )
    deleted = item(gone, key.referenced_columns, "~gone")
    return f"EXISTS (SELECT FROM {deleted} WHERE {same})", frozenset(key.columns), gone.tables
