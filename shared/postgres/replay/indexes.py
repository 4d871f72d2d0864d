"""CREATE INDEX, and the indexes that partitions get from their parent (commands/indexcmds.c)."""

from collections.abc import Iterable, Iterator

from ...model.value import replace
from .. import naming
from ..canonical.names import spelled
from ..canonical.names import words as name_words
from ..parse import Tree
from . import records, storage
from .catalog import UnknownError
from .index_classes import class_of_key
from .names import Scope
from .records import Bound, IndexKey, Oid
from .state import State

_LABELS = {"primary key": "pkey", "unique": "key", "exclusion": "excl"}


def index_of(state: State, table: Oid, name: str) -> Oid:
    """The index of *table* of this *name*: both are in one schema. Raises UnknownError."""
    index = state.catalog.find("relation", state.catalog.expect(table, records.InSchema).schema, name)
    if index is None:
        raise UnknownError(f"index {name}")
    return index


def create_index(state: State, node: Tree) -> None:
    table = state.names.relation(node["relation"])
    owner = state.catalog.expect(table, records.Relation)
    method = node.get("accessMethod", "btree")
    keys = [each["IndexElem"] for each in node["indexParams"]]
    included = [each["IndexElem"]["name"] for each in node.get("indexIncludingParams", ())]
    names = naming.index_column_names([*map(_suggested_name, keys), *included])
    name = node.get("idxname") or state.catalog.free_index_name(owner.schema, owner.name, names, "idx")
    state.taken("relation", owner.schema, name)
    oid = state.catalog.add(
        records.Index(
            owner.schema, name, table=table, column_names=names, method=method,
            own_keys=tuple(index_key(state, table, key, method) for key in keys),
            include=tuple(state.names.column(table, each) for each in included),
            predicate=bind_for(state, table, node["whereClause"]) if "whereClause" in node else None,
            unique=bool(node.get("unique")), nulls_not_distinct=bool(node.get("nulls_not_distinct")),
            parameters=storage.parameters_of(node.get("options", ())),
        )
    )  # fmt: skip
    if node["relation"].get("inh"):
        spread(state, oid)
        parts = (part for _, part in state.catalog.held(oid, records.Index) if part.parent == oid)
        if not all(part.valid for part in parts):
            state.catalog.change(oid, valid=False)
    elif isinstance(owner, records.Table) and owner.partition_by is not None:
        # ON ONLY: invalid until every partition's index is attached.
        state.catalog.change(oid, valid=not any(True for _ in state.children(table)))


def _suggested_name(key: Tree) -> str | None:
    return key["name"] if "name" in key else naming.figured_name(key["expr"])


def bind_for(state: State, table: Oid, tree: Tree) -> Bound:
    return state.names.bind(tree, Scope(table, (state.names.full_name(table)[-1],)))


def index_key(state: State, table: Oid, element: Tree, method: str) -> IndexKey:
    """One key of an index, an exclusion constraint or a partitioned table."""
    column = expression = None
    if "name" in element:
        column = state.catalog.find("column", table, element["name"])
        if column is None:
            # A materialized view's columns are no objects of their own here.
            view = state.catalog.get(table, records.View)
            column_name = {"ColumnRef": {"fields": [{"String": {"sval": element["name"]}}]}}
            expression = Bound(column_name) if view is not None else None
            if expression is None:
                column = state.names.column(table, element["name"])
    else:
        expression = bind_for(state, table, element["expr"])
    collation = spelled(name_words(element["collation"])) if "collation" in element else None
    descending = element.get("ordering") == "SORTBY_DESC"
    nulls = element.get("nulls_ordering", "SORTBY_NULLS_DEFAULT")
    own = state.catalog.get(column, records.Column)
    return IndexKey(
        column=column,
        expression=expression,
        descending=descending,
        nulls_first=descending if nulls == "SORTBY_NULLS_DEFAULT" else nulls == "SORTBY_NULLS_FIRST",
        operator_class=class_of_key(state, method, element.get("opclass", []), None if own is None else own.type),
        collation=collation,
    )


def of_table(state: State, table: Oid) -> Iterator[Oid]:
    """Its indexes, those of constraints included, in order of creation."""
    return (oid for oid, index in state.catalog.held(table, records.AnyIndex) if index.table == table)


def spread(state: State, index: Oid) -> None:
    """Give every partition its part of a partitioned table's new index."""
    record = state.catalog.expect(index, records.AnyIndex)
    for child, table in list(state.children(record.table)):
        if table.partition_of == record.table:
            attach_or_clone(state, index, child)


def attach_or_clone(state: State, index: Oid, child: Oid) -> None:
    """Take an index of *child* that is alike and free as the part of *index*, or make one (``DefineIndex``)."""
    wanted = _shape(state, index)
    for mine in of_table(state, child):
        record = state.catalog.expect(mine, records.AnyIndex)
        if record.parent is None and _shape(state, mine) == wanted:
            state.catalog.change(mine, parent=index)
            return
    clone(state, index, child, part=True)


def _shape(state: State, oid: Oid) -> object:
    """All that must be equal for one index to be a part of another, columns by name."""
    index = state.catalog.expect(oid, records.AnyIndex)
    constraint = index if isinstance(index, records.KeyConstraint) else None
    keys = [(_name(state, key.column), _plain(state, key.expression), _how(key)) for key in index.index_keys]
    return (
        constraint
        and (constraint.kind, constraint.without_overlaps, [operator for _, operator in constraint.elements]),
        index.method,
        isinstance(index, records.Index) and index.unique,
        index.nulls_not_distinct,
        keys,
        [_name(state, each) for each in index.include],
        _plain(state, index.predicate),
    )


def _how(key: IndexKey) -> object:
    return key.descending, key.nulls_first, key.operator_class, key.collation


def _name(state: State, column: Oid | None) -> str | None:
    return None if column is None else state.names.full_name(column)[-1]


def _plain(state: State, expression: Bound | None) -> object:
    return None if expression is None else state.names.unbound(expression.tree)


def counterparts(state: State, columns: Iterable[Oid], table: Oid) -> tuple[Oid, ...]:
    """The columns of the same names in *table*."""
    return tuple(state.names.column(table, state.names.full_name(each)[-1]) for each in columns)


def clone(state: State, index: Oid, table: Oid, *, part: bool) -> Oid:
    """Make an index like *index* on *table*, named as if nobody had named it (``generateClonedIndexStmt``)."""
    original = state.catalog.expect(index, records.AnyIndex)
    owner = state.catalog.expect(table, records.Table)
    label = _label(original) if isinstance(original, records.KeyConstraint) else "idx"
    record = replace(
        original,
        schema=owner.schema,
        name=state.catalog.free_index_name(owner.schema, owner.name, original.column_names, label),
        table=table,
        include=counterparts(state, original.include, table),
        predicate=_moved(state, original.predicate, table),
        parent=index if part else None,
    )
    if isinstance(record, records.Index):
        record = replace(record, own_keys=tuple(_moved_key(state, key, table) for key in record.own_keys))
    elif isinstance(record, records.KeyConstraint):
        elements = tuple((_moved_key(state, key, table), operator) for key, operator in record.elements)
        record = replace(record, columns=counterparts(state, record.columns, table), elements=elements)
    made = state.catalog.add(record)
    if part:
        spread(state, made)
    return made


def _label(key: records.KeyConstraint) -> str:
    """Copies of a UNIQUE … WITHOUT OVERLAPS have operators, as an exclusion has, and so its word."""
    return _LABELS["exclusion" if key.kind == "unique" and key.without_overlaps else key.kind]


def _moved(state: State, expression: Bound | None, table: Oid) -> Bound | None:
    """The same expression over another table's columns."""
    return None if expression is None else state.names.bind(state.names.unbound(expression.tree), Scope(table))


def _moved_key(state: State, key: IndexKey, table: Oid) -> IndexKey:
    column = counterparts(state, [key.column], table)[0] if key.column is not None else None
    return replace(key, column=column, expression=_moved(state, key.expression, table))


def attach_index(state: State, parent: Oid, child: Oid) -> None:
    """ALTER INDEX … ATTACH PARTITION."""
    state.catalog.change(child, parent=parent)
    _validate_index(state, parent)


def _validate_index(state: State, oid: Oid | None) -> None:
    """A partitioned index is valid once each partition has a valid part of it (``validatePartitionedIndex``)."""
    whole = state.catalog.get(oid, records.Index)
    if whole is None or oid is None or whole.valid:
        return
    parts = {part.table for _, part in state.catalog.held(oid, records.Index) if part.parent == oid and part.valid}
    if all(partition in parts for partition, _ in state.children(whole.table)):
        state.catalog.change(oid, valid=True)
        _validate_index(state, whole.parent)
