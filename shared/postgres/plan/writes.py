"""INSERT, UPDATE and DELETE: which rows, as the statement leaves them, the constraints of their tables refuse.

What a trigger, a rule, row security or a query within the statement decides is left open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...model.plan import Access, Condition, Probe, Relation
from ...model.schema import (
    Check,
    Column,
    Deferral,
    Definition,
    Domain,
    Enum,
    Exclusion,
    ForeignKey,
    Index,
    Kind,
    PrimaryKey,
    Subject,
    Table,
    Unique,
)
from ..naming import unquoted
from ..offending_rows import OffendingRows, longer
from ..parse import Tree
from .bounds import holds, key_column, read_bound
from .expressions import columns_in, expression_of
from .footprint import Footprint, Stage
from .known import Known
from .new_values import may_raise
from .own_types import insist_on_own_types
from .probing import (
    Rows,
    breaking,
    computing,
    condition,
    duplicates,
    nulls,
    orphans,
)
from .row_changes import Assigned, RowChanges, Scene, changes_of
from .row_states import State, item
from .type_changes import MODIFIED
from .writing import UnwrittenError, Writer, quoted

_LIMITED = ("character varying", "character")
_WHOLE = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision")

Found = Iterator[tuple[Stage, Condition]]


def predict_rows(footprint: Footprint, kind: str, node: Tree, table: Relation) -> bool:
    """Add what rows decide of *node* to *footprint*; False where that cannot be said in queries."""
    circumstances = footprint.circumstances
    if (because := circumstances.passed.unsettled([table], ())) is not None:
        footprint.note(because)
        return False
    if footprint.unread:
        footprint.note("its expressions are of what is only pending")
        return False
    try:
        changes = changes_of(Scene(footprint.before, circumstances.passed, circumstances.vague), kind, node)
        found = [
            *_values(footprint, table, changes),
            *_constraints(footprint, table, changes, kind),
            *_gone(footprint, changes),
        ]
    except (UnwrittenError, LookupError, RecursionError) as error:
        if isinstance(error, UnwrittenError) and error.args:
            footprint.note(str(error))
        return False
    unasked = [each.because for _, each in found if each.probe is None]
    if unasked:
        footprint.note(unasked[0])
        return False
    for stage, each in found:
        footprint.condition(each, stage)
    return True


# Values


def _values(footprint: Footprint, table: Relation, changes: RowChanges) -> Found:
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
            limit = MODIFIED.fullmatch(type_)
            if limit is not None and limit[1] in _LIMITED and limit[2] is not None:
                raw = Rows(footprint, table, state=changes.raw, new=[name])
                yield Stage.VALUE, _too_long(raw, name, int(limit[2]), because)
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
    if "ival" in constant and type_ in _WHOLE:
        return not -_WHOLE[type_] <= constant["ival"].get("ival", 0) < _WHOLE[type_]
    name = _own_column(tree, table)
    own = footprint.before.column(table, name) if name is not None else None
    return own is None or own.type != type_


def _own_column(tree: Tree, table: Relation) -> str | None:
    """The column that an expression is, where it is surely one of *table*: behind another name it may be another's."""
    fields = [each.get("String", {}).get("sval") for each in tree.get("ColumnRef", {}).get("fields", ())]
    return fields[-1] if len(fields) == 1 or fields[:-1] == [table[1]] else None


def _likely(type_: str) -> str:
    return "22003" if type_.startswith(_NUMBERS) else "22P02"


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


# Constraints of the rows that are written


def _constraints(footprint: Footprint, table: Relation, changes: RowChanges, kind: str) -> Found:
    for relation, state in changes.written.items():
        names = set(changes.nulled.get(relation, ()))
        if relation == table and changes.values:
            names = {name for row in changes.values for name in row}
            names |= _generated(footprint, relation)
        rows = Rows(footprint, relation, state=state, new=names)
        given = rows
        if relation == table and changes.proposed is not None:
            given = Rows(footprint, relation, state=changes.proposed, new=names)
        whole = kind == "InsertStmt" and relation == table
        for name, column in footprint.before.columns(relation):
            if not column.nullable and name in names and not _has_value(changes, relation, table, name, column):
                yield Stage.NOT_NULL, nulls(given, name, f"it fails where {relation[1]}.{name} becomes NULL")
        scene = Scene(footprint.before, footprint.circumstances.passed, footprint.circumstances.vague)
        for subject, part in _refusing(footprint.before, scene, relation):
            checked = given if isinstance(part, Check) else rows
            yield from _of_part(checked, changes, subject, part, None if whole else names)
        for each in scene.ancestors(relation):
            yield from _within_bounds(given, each)
    if changes.several is not None:
        yield Stage.FIRST, _several(footprint, table, changes.several, kind)
    if kind in ("UpdateStmt", "MergeStmt"):
        yield from _keys_of_others(footprint, table, changes)


def _refusing(before: Known, scene: Scene, table: Relation) -> Iterator[tuple[Subject, Definition]]:
    """Constraints and indexes of *table*, those of what it is a partition of, and checks that it inherits."""
    ancestors = [*scene.ancestors(table)]
    for each in ancestors:
        yield from before.parts(each)
    for _, subject in before.inherited(table):
        if subject.kind is Kind.CHECK and subject.name[:2] not in ancestors:
            yield subject, before.objects[subject]


def _several(footprint: Footprint, table: Relation, several: State, kind: str) -> Condition:
    """MERGE refuses to change a row twice; UPDATE takes any of the values."""
    rows = Rows(footprint, table, state=several)
    is_refused = kind == "MergeStmt"
    because = f"a row of {table[1]} finds several others" + (
        "" if is_refused else ": which of them it takes is not known"
    )
    found = condition(rows, "21000", because, (), lambda _: OffendingRows(rows.own(())))
    return replace(found, may=not is_refused)


def _within_bounds(rows: Rows, table: Relation) -> Found:
    """A row that is written to a partition belongs there."""
    before = rows.footprint.before
    definition = before.objects.get(Subject(Kind.TABLE, table))
    if not isinstance(definition, Table) or definition.partition_of is None or definition.bound is None:
        return
    parent = definition.partition_of.name[0], definition.partition_of.name[1]
    name, inside = key_column(before, parent), holds(before, parent, read_bound(definition.bound.sql))
    yield (
        Stage.CHECK,
        condition(
            rows,
            "23514",
            f"it fails where a row does not belong to the partition {table[1]}",
            [name],
            lambda _: OffendingRows(rows.own([name]), f"({inside}) IS NOT TRUE", (quoted(name),)),
        ),
    )


def _keys_of_others(footprint: Footprint, table: Relation, changes: RowChanges) -> Found:
    """Keys that others refer to, and that the rows have no more."""
    scene = Scene(footprint.before, footprint.circumstances.passed, footprint.circumstances.vague)
    changed = {name for row in changes.values for name in row if not _is_same(row[name], table, name)}
    for subject, key in scene.referencing(table):
        if not key.enforced or changed.isdisjoint(key.referenced_columns):
            continue
        other = subject.name[0], subject.name[1]
        if key.on_update != "no action" or changes.old is None:
            raise UnwrittenError(f"{subject} acts on a change of the key")
        rows = Rows(footprint, table, state=changes.old)
        there = (changes.after[table], key.referenced_columns)
        found = _referred(rows, other, key, changes.after.get(other), still=there)
        yield Stage.FOREIGN_KEY, _when(footprint, key, found)


def _when(footprint: Footprint, key: ForeignKey, found: Condition) -> Condition:
    """A deferred key is checked at the end of the transaction: a later statement may still help, or fail before."""
    is_late = key.deferral is Deferral.INITIALLY_DEFERRED and footprint.circumstances.in_block is not False
    return replace(found, may=found.may or is_late)


def _generated(footprint: Footprint, table: Relation) -> set[str]:
    return {name for name, column in footprint.before.columns(table) if column.generated is not None}


def _has_value(changes: RowChanges, relation: Relation, table: Relation, name: str, column: Column) -> bool:
    """Say whether the server gives the column a value of its own: a number."""
    if relation != table or not changes.values:
        return False
    unknown = all(row[name].sql is None for row in changes.values if name in row)
    return unknown and (column.identity is not None or "nextval" in (column.default.sql if column.default else ""))


def _is_same(assigned: Assigned, table: Relation, name: str) -> bool:
    """Say whether a column of *table* is assigned its own value."""
    return assigned.tree is not None and _own_column(assigned.tree, table) == name


def _of_part(rows: Rows, changes: RowChanges, subject: Subject, part: Definition, names: set[str] | None) -> Found:
    """What a constraint or an index says of the rows that are written. *names* are the columns; None: a new row."""
    table = rows.table
    if isinstance(part, Check) and part.enforced:
        expression = expression_of(part.expression.meaning)
        if expression is None:
            raise UnwrittenError
        if names is None or not part.validated or not names.isdisjoint(columns_in(expression)):
            yield Stage.CHECK, breaking(rows, expression, f"it fails where a row breaks {subject.name[-1]}")
    elif isinstance(part, ForeignKey) and part.enforced and (names is None or not names.isdisjoint(part.columns)):
        other = part.referenced_table.name[0], part.referenced_table.name[1]
        because = f"it fails if rows of {table[1]} refer to missing rows of {other[1]}"
        full, behind = part.match == "full", changes.after.get(other)
        found = orphans(rows, part.columns, other, part.referenced_columns, because, full=full, others=behind)
        if names is not None and not part.validated:
            found = replace(found, may=True)  # a row that keeps its value is not checked
        yield Stage.FOREIGN_KEY, _when(rows.footprint, part, found)
    elif isinstance(part, PrimaryKey | Unique | Exclusion) or (isinstance(part, Index) and part.unique):
        yield from _of_key(rows.footprint, changes, table, part, names)
    elif isinstance(part, Index) and (
        part.predicate is not None or any(key.expression is not None for key in part.keys)
    ):
        raise UnwrittenError  # computing it may fail for a row


def _of_key(
    footprint: Footprint, changes: RowChanges, table: Relation, part: Definition, names: set[str] | None
) -> Found:
    keys, predicate, sqlstate = _key(table, part)
    uses = {used for key in (*keys, predicate) for used in ([key] if isinstance(key, str) else columns_in(key))}
    if names is not None:
        changed = {name for row in changes.values for name in row if not _is_same(row[name], table, name)} | (
            names if not changes.values else set()
        )
        if not _generated(footprint, table).isdisjoint(uses):
            raise UnwrittenError("a generated column is unique")
        if uses and changed.isdisjoint(uses):
            return
        trees = [row[name].tree for row in changes.values for name in row if name in uses]
        if any(columns_in(tree) for tree in trees):
            yield Stage.INDEX, _moment(footprint, changes, table, keys, predicate)
    if changes.ignores:
        return  # a row that is there already is left out
    if table not in changes.after:
        raise UnwrittenError
    after = Rows(footprint, table, state=changes.after[table])
    listed = ", ".join(key if isinstance(key, str) else "an expression" for key in keys)
    distinct = not (isinstance(part, Index | Unique) and part.nulls_not_distinct)
    found = duplicates(
        after, keys, f"it fails where {listed} would be there twice", predicate=predicate, nulls_distinct=distinct
    )
    yield Stage.INDEX_AFTER_ROWS, replace(found, sqlstate=sqlstate)


def _key(table: Relation, part: Definition) -> tuple[list[Tree | str], Tree | None, str]:
    """The keys that no two rows may have, for which rows, and the SQLSTATE of those that do."""
    keys: list[Tree | str] = []
    predicate = None
    sqlstate = "23505"
    if isinstance(part, Exclusion):
        if any(operator != "=" for _, operator in part.elements) or part.deferral is not Deferral.NOT_DEFERRABLE:
            raise UnwrittenError(f"{table[1]} has an exclusion constraint")
        keys += [key.column if key.column is not None else _tree(key.expression) for key, _ in part.elements]
        predicate = _tree(part.predicate) if part.predicate is not None else None
        sqlstate = "23P01"
    elif isinstance(part, PrimaryKey | Unique):
        if part.deferral is not Deferral.NOT_DEFERRABLE:
            raise UnwrittenError
        keys += part.columns
    elif isinstance(part, Index):
        keys += [key.column if key.column is not None else _tree(key.expression) for key in part.keys]
        predicate = _tree(part.predicate) if part.predicate is not None else None
    return keys, predicate, sqlstate


def _moment(
    footprint: Footprint, changes: RowChanges, table: Relation, keys: list[Tree | str], predicate: Tree | None
) -> Condition:
    """A new key that another row has now: where that row changes later, the two agree for a moment."""
    columns = [key for key in keys if isinstance(key, str)]
    if predicate is not None or len(columns) < len(keys):
        raise UnwrittenError("a unique index has expressions or a predicate")
    rows = Rows(footprint, table, state=changes.written[table])
    there = item(footprint.circumstances.passed.state(table), columns, "~there")
    name = quoted(table[1])
    same = " AND ".join(f'"~there".{quoted(key)} OPERATOR(pg_catalog.=) {name}.{quoted(key)}' for key in columns)
    assigned = {each for row in changes.values for each in row}
    old = {f"~was {key}": key for key in columns if key in assigned}
    changed = " OR ".join(f"{name}.{quoted(was)} IS DISTINCT FROM {name}.{quoted(key)}" for was, key in old.items())
    because = f"whether {', '.join(columns)} agree for a moment depends on the order in which the rows are updated"
    found = condition(
        rows,
        "23505",
        because,
        columns,
        lambda _: OffendingRows(
            rows.own([*columns, *old]), f"({changed}) AND EXISTS (SELECT FROM {there} WHERE {same})"
        ),
        access=Access.GROUP,
        alike=True,
    )
    return replace(found, may=True)


def _tree(expression: object) -> Tree:
    found = expression_of(expression.meaning) if hasattr(expression, "meaning") else None
    if found is None:
        raise UnwrittenError
    return found


# Rows that others refer to


def _gone(footprint: Footprint, changes: RowChanges) -> Found:
    for table, gone in changes.gone.items():
        scene = Scene(footprint.before, footprint.circumstances.passed, footprint.circumstances.vague)
        for subject, key in scene.referencing(table):
            if not key.enforced or key.on_delete not in ("no action", "restrict"):
                continue
            other = subject.name[0], subject.name[1]
            if key.on_delete == "restrict" and other in changes.gone:
                raise UnwrittenError
            rows = Rows(footprint, table, state=gone)
            yield Stage.FOREIGN_KEY, _when(footprint, key, _referred(rows, other, key, changes.after.get(other)))


def _referred(
    rows: Rows,
    other: Relation,
    key: ForeignKey,
    behind: State | None,
    *,
    still: tuple[State, Sequence[str]] | None = None,
) -> Condition:
    """Rows to which others refer, unless a row of *still* has the same key."""
    footprint, table = rows.footprint, rows.table
    passed = footprint.circumstances.passed
    state = behind if behind is not None else passed.rows(tuple(footprint.before.family(other)))

    def write(_: Writer) -> OffendingRows:
        insist_on_own_types(footprint, table, key.referenced_columns)
        insist_on_own_types(footprint, other, key.columns)
        name = quoted(table[1])
        pairs = zip(key.columns, key.referenced_columns, strict=True)
        same = " AND ".join(
            f'"~other".{quoted(theirs)} OPERATOR(pg_catalog.=) {name}.{quoted(ours)}' for theirs, ours in pairs
        )
        origin = f'{quoted(other[0])}.{quoted(other[1])} AS "~other"'
        if state is not None:
            origin = item(state, key.columns, "~other")
        found = f"EXISTS (SELECT FROM {origin} WHERE {same})"
        if still is not None:
            state_then, columns = still
            alike = " AND ".join(
                f'"~still".{quoted(each)} OPERATOR(pg_catalog.=) {name}.{quoted(each)}' for each in columns
            )
            found += f" AND NOT EXISTS (SELECT FROM {item(state_then, columns, '~still')} WHERE {alike})"
        return OffendingRows(rows.own(key.referenced_columns), found, tuple(map(quoted, key.referenced_columns)))

    because = (
        f"it fails where rows of {other[1]} refer to rows that are deleted"
        if still is None
        else f"it fails where rows of {other[1]} refer to keys that change"
    )
    return condition(rows, "23503", because, key.referenced_columns, write, others={other: key.columns}, alike=True)
