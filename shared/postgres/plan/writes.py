"""UPDATE and DELETE of one table: which of its rows, as the statement leaves them, its constraints refuse.

What a trigger, a rule, row security or a query within the statement decides is left open.
"""
# SQL is what this module writes; names are quoted, all else is written from trees

from collections.abc import Iterator, Mapping

from shared.model.plan import Condition, Relation
from shared.model.schema import Check, Exclusion, ForeignKey, Index, Kind, PrimaryKey, Subject, Table, Unique
from shared.postgres.parse import Tree, nodes_with
from shared.postgres.plan.footprint import Footprint, Stage
from shared.postgres.plan.own_types import insist_on_own_types
from shared.postgres.plan.probing import (
    Rows,
    breaking,
    columns_in,
    condition,
    duplicates,
    expression_of,
    nulls,
    orphans,
)
from shared.postgres.plan.type_changes import MODIFIED, has_constraints
from shared.postgres.plan.writing import UnwrittenError, Writer, quoted

_MORE = ("withClause", "fromClause", "usingClause", "returningList")


def judged(footprint: Footprint, kind: str, node: Tree, table: Relation) -> bool:
    """Add what rows decide of *node* to *footprint*; False where that cannot be said in queries."""
    event = {"UpdateStmt": "update", "DeleteStmt": "delete"}.get(kind)
    if event is None or not _is_plain(footprint, node, table, event):
        return False
    try:
        where = Writer(footprint.before).write(node["whereClause"]) if "whereClause" in node else "true"
        found = list(
            _of_update(footprint, table, node, where)
            if event == "update"
            else _of_delete(footprint, table, node, where)
        )
    except (UnwrittenError, LookupError, RecursionError):
        return False
    if any(each.probe is None for _, each in found):
        return False
    for stage, each in found:
        footprint.condition(each, stage, table)
    return True


def _is_plain(footprint: Footprint, node: Tree, table: Relation, event: str) -> bool:
    before = footprint.before
    definition = before.objects.get(Subject(Kind.TABLE, table))
    if not isinstance(definition, Table) or definition.partition_by is not None or before.children(table):
        return False
    if any(field in node for field in _MORE) or any(True for _ in nodes_with(node, "subLinkType")):
        return False
    if Subject(Kind.ROW_SECURITY, table) in before.objects or table in footprint.circumstances.vague:
        return False
    return not any(True for _ in before.triggers(table, event)) and not any(True for _ in footprint.own_calls(node))


def _of_update(footprint: Footprint, table: Relation, node: Tree, where: str) -> Iterator[tuple[Stage, Condition]]:
    values, types = _assigned(footprint, table, node)
    reads = [*columns_in(node.get("targetList")), *columns_in(node.get("whereClause"))]
    insist_on_own_types(footprint, table, reads)
    changed = Rows(footprint, table, values, where=where, reads=reads)
    for name in values:
        column = footprint.before.column(table, name)
        because = f"it fails where the new value of {name} does not fit"
        limit = MODIFIED.fullmatch(types[name])
        if limit is not None and limit[1] in ("character varying", "character") and limit[2] is not None:
            raise UnwrittenError
        if name not in _constants(node) or types[name] == "smallint":
            yield Stage.VALUE, _computed(changed, name, because)
        if column is not None and not column.nullable:
            yield Stage.NOT_NULL, nulls(changed, name, f"it fails where {table[1]}.{name} becomes NULL")
    after = Rows(footprint, table, _of_all(table, values, where), reads=reads)
    for subject, part in footprint.before.parts(table):
        yield from _of_part(changed, after, subject, part, node)
    for _, key in footprint.before.referencing(table):
        if not values.keys().isdisjoint(key.referenced_columns):
            raise UnwrittenError


def _constants(node: Tree) -> set[str]:
    """The columns that get a constant: the analyser reads it."""
    return {each["ResTarget"]["name"] for each in node["targetList"] if "A_Const" in each["ResTarget"]["val"]}


def _of_part(
    changed: Rows, after: Rows, subject: Subject, part: object, node: Tree
) -> Iterator[tuple[Stage, Condition]]:
    """What a constraint or an index says of the rows that change (*changed*), or of all rows then (*after*)."""
    table, assigned = changed.table, {target["ResTarget"]["name"] for target in node["targetList"]}
    if isinstance(part, Check) and part.enforced:
        expression = expression_of(part.expression.meaning)
        if expression is None:
            raise UnwrittenError
        if not part.validated or not assigned.isdisjoint(columns_in(expression)):
            yield Stage.CHECK, breaking(changed, expression, f"it fails where a row breaks {subject.name[-1]}")
    elif isinstance(part, ForeignKey) and part.enforced and not assigned.isdisjoint(part.columns):
        other = part.referenced_table.name[0], part.referenced_table.name[1]
        because = f"it fails where rows of {table[1]} refer to no row of {other[1]}"
        full = part.match == "full"
        yield Stage.FOREIGN_KEY, orphans(changed, part.columns, other, part.referenced_columns, because, full=full)
    elif not assigned.isdisjoint(key := _key(part)):
        # Keys that are made of keys may agree for a moment only: nobody can tell.
        if not set(key).isdisjoint(columns_in([target["ResTarget"]["val"] for target in node["targetList"]])):
            raise UnwrittenError
        because = f"it fails where {', '.join(key)} would be there twice"
        yield Stage.INDEX_AFTER_ROWS, duplicates(after, key, because)
    elif isinstance(part, Exclusion) or (isinstance(part, Index) and part.unique and not key):
        raise UnwrittenError


def _of_all(table: Relation, values: Mapping[str, str], where: str) -> dict[str, str]:
    """The columns of all rows when those that the statement is about have changed."""
    name = quoted(table[1])
    return {
        column: f"CASE WHEN {where} THEN {value} ELSE {name}.{quoted(column)} END" for column, value in values.items()
    }


def _assigned(footprint: Footprint, table: Relation, node: Tree) -> tuple[dict[str, str], dict[str, str]]:
    values: dict[str, str] = {}
    types: dict[str, str] = {}
    for each in (target["ResTarget"] for target in node["targetList"]):
        column = footprint.before.column(table, each["name"])
        if column is None or "indirection" in each or column.generated is not None or column.identity is not None:
            raise UnwrittenError
        if has_constraints(column.type, footprint.before):
            raise UnwrittenError
        values[each["name"]] = f"CAST(({Writer(footprint.before).write(each['val'])}) AS {column.type})"
        types[each["name"]] = column.type
    return values, types


def _computed(rows: Rows, name: str, because: str) -> Condition:
    return condition(
        rows,
        "22000",
        because,
        [name],
        lambda _: f"SELECT FROM {rows.of_family([name])} HAVING pg_catalog.count({quoted(name)}) < 0",
    )


def _key(part: object) -> tuple[str, ...]:
    """The columns of a unique key; none where it has expressions, or a predicate."""
    if isinstance(part, PrimaryKey | Unique):
        return part.columns
    if isinstance(part, Index) and part.unique and part.predicate is None:
        names = tuple(key.column for key in part.keys if key.column is not None)
        return names if len(names) == len(part.keys) else ()
    return ()


def _of_delete(footprint: Footprint, table: Relation, node: Tree, where: str) -> Iterator[tuple[Stage, Condition]]:
    reads = list(columns_in(node.get("whereClause")))
    insist_on_own_types(footprint, table, reads)
    referencing = [each for each in footprint.before.referencing(table) if each[1].enforced]
    for subject, key in referencing:
        other = subject.name[0], subject.name[1]
        refuses = key.on_delete in ("no action", "restrict")
        if other == table or (
            key.on_delete not in ("no action", "restrict") and not _is_harmless(footprint, other, key)
        ):
            raise UnwrittenError
        if refuses:
            rows = Rows(footprint, table, where=where, reads=reads)
            yield Stage.FOREIGN_KEY, _referred(footprint, rows, other, key)


def _is_harmless(footprint: Footprint, other: Relation, key: ForeignKey) -> bool:
    """Say whether what follows a deletion in *other* can meet nothing: no key refers to it, no trigger acts."""
    before = footprint.before
    event = "delete" if key.on_delete == "cascade" else "update"
    if any(True for _ in before.triggers(other, event)):
        return False
    if key.on_delete == "cascade":
        return not any(True for _ in before.referencing(other))
    nullable = all((column := before.column(other, name)) is not None and column.nullable for name in key.columns)
    return (
        key.on_delete == "set null" and nullable and not any(isinstance(part, Check) for _, part in before.parts(other))
    )


def _referred(footprint: Footprint, rows: Rows, other: Relation, key: ForeignKey) -> Condition:
    def write(_: Writer) -> str:
        insist_on_own_types(footprint, rows.table, key.referenced_columns)
        insist_on_own_types(footprint, other, key.columns)
        name = quoted(rows.table[1])
        pairs = zip(key.columns, key.referenced_columns, strict=True)
        same = " AND ".join(
            f'"~other".{quoted(theirs)} OPERATOR(pg_catalog.=) {name}.{quoted(ours)}' for theirs, ours in pairs
        )
        refers = f'SELECT FROM {quoted(other[0])}.{quoted(other[1])} AS "~other" WHERE {same}'
        return f"SELECT FROM {rows.own(key.referenced_columns)} WHERE EXISTS ({refers})"

    because = f"it fails where rows of {other[1]} refer to rows that are deleted"
    return condition(rows, "23503", because, key.referenced_columns, write, others={other: key.columns})
