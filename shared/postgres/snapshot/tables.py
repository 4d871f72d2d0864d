"""Tables, their columns, constraints and indexes."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

from ...model import schema as model
from ...model.schema import Definition, Expression, Kind, Subject
from .. import canonical
from ..canonical.storage import parameters
from ..parse import parse
from .reading import (
    DIFFERENT_TEXTS,
    NAMES,
    Described,
    Row,
    collation,
    columns_in,
    deferral,
    expression,
    options,
    type_of,
    typed_default,
)

_SAID_OF_MOST = {"name", "type", "not_null", "default"}
_REPLICA_MODES: dict[str, Literal["full", "nothing", "index"]] = {"f": "full", "n": "nothing", "i": "index"}
_OF_INDEX = {"p": Kind.PRIMARY_KEY, "u": Kind.UNIQUE, "x": Kind.EXCLUSION}
_SAID_OF_STORING = {"storage", "compression", "statistics", "options"}
_STORAGES = {"p": "plain", "e": "external", "x": "extended", "m": "main"}
_COMPRESSIONS = {"p": "pglz", "l": "lz4"}
_ACTIONS: dict[str, model.Action] = {
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}


def table(row: Row) -> Described:
    name = (row["schema"], row["name"])
    parents = [Subject(Kind.TABLE, (schema, table)) for schema, table in row.get("parents", ())]
    partition = bool(row.get("partition"))
    yield (
        Subject(Kind.TABLE, name),
        model.Table(
            unlogged=row.get("unlogged", False),
            partition_by=_partition_key(row["partition_by"]) if "partition_by" in row else None,
            partition_of=parents[0] if partition and parents else None,
            bound=_partition_bound(row["bound"], row.get("bound_types") or ()) if "bound" in row else None,
            inherits=() if partition else tuple(parents),
            hangs_on=tuple(parents),
            parameters=parameters(row.get("parameters", ())),
            toast_parameters=None if row.get("no_toast") else parameters(row.get("toast_parameters", ())),
        ),
    )
    for column in row.get("columns", ()):
        yield Subject(Kind.COLUMN, (*name, column["name"])), _column(column, parents)
    if row.get("row_security") or row.get("forced_row_security"):
        yield (
            Subject(Kind.ROW_SECURITY, name),
            model.RowSecurity(enabled=row.get("row_security", False), forced=row.get("forced_row_security", False)),
        )

    if "replica_identity" in row:
        yield Subject(Kind.REPLICA_IDENTITY, name), _replica_identity(name, row)


def foreign_table(row: Row) -> Described:
    parents = [Subject(Kind.TABLE, (schema, table)) for schema, table in row.get("parents", ())]
    columns = (
        model.ForeignColumn(
            each["name"],
            _column({key: value for key, value in each.items() if key not in ("name", "options")}, []),
            canonical.foreign_options(each.get("options", ())),
        )
        for each in row.get("columns", ())
    )
    yield (
        Subject(Kind.FOREIGN_TABLE, (row["schema"], row["name"])),
        model.ForeignTable(
            server=row["server"],
            columns=tuple(sorted(columns, key=lambda each: each.name)),
            options=canonical.foreign_options(row.get("options", ())),
            partition_of=parents[0] if row.get("partition") and parents else None,
            bound=_partition_bound(row["bound"], ()) if "bound" in row else None,
            hangs_on=tuple(parents),
        ),
    )


def _replica_identity(table: "_Table", row: Row) -> model.ReplicaIdentity:
    index = _index_named(table, row["replica_index"]) if "replica_index" in row else None
    return model.ReplicaIdentity(_REPLICA_MODES[row["replica_identity"]], index)


def cluster_mark(row: Row) -> Described:
    table = (row["schema"], row["name"])
    index = _index_named(table, row["index"])
    yield Subject(Kind.CLUSTER_MARK, table), model.ClusterMark(index, hangs_on=(index,))


def _index_named(table: "_Table", row: Sequence[str]) -> Subject:
    """An index of *table*, or the constraint that it is of."""
    schema, own, constraint = row
    kind = _OF_INDEX.get(constraint, Kind.INDEX)
    return Subject(kind, {Kind.INDEX: (schema, own), Kind.PRIMARY_KEY: table}.get(kind, (*table, own)))


def _column(row: Row, parents: list[Subject]) -> model.Column:
    if row.keys() <= _SAID_OF_MOST:
        return _like_many(row["type"], row.get("not_null", False), row.get("default"))
    type_name = type_of(row["type"])
    generated = row.get("generated")
    value, its_type = typed_default(row.get("default"), type_name)
    inherited = parents if row.get("inherited") else []
    not_null = row.get("not_null_as", {})
    return model.Column(
        type=type_name,
        nullable=not row.get("not_null", False),
        default=None if generated else value,
        identity=_identity(row),
        generated=model.Generated(value, stored=generated == "s") if generated and value else None,
        collation=collation(row),
        storing=_storing(row),
        not_null_validated=not not_null.get("not_valid", False),
        not_null_inherited=not not_null.get("no_inherit", False),
        not_null_name=not_null.get("name"),
        default_type=None if generated else its_type,
        hangs_on=tuple(Subject(Kind.COLUMN, (*parent.name, row["name"])) for parent in inherited),
    )


def _storing(row: Row) -> model.Storing:
    if row.keys().isdisjoint(_SAID_OF_STORING):
        return model.AS_USUAL
    return model.Storing(
        storage=_STORAGES[row["storage"]] if "storage" in row else None,
        compression=_COMPRESSIONS[row["compression"]] if "compression" in row else None,
        statistics=row.get("statistics"),
        options=parameters(row.get("options", ())),
    )


@lru_cache(DIFFERENT_TEXTS)
def _like_many(type_text: str, not_null: bool, default_text: str | None) -> model.Column:  # it is a key
    """Give one and the same column for all that are alike, as most of a large schema are."""
    type_name = type_of(type_text)
    value, its_type = typed_default(default_text, type_name)
    return model.Column(type=type_name, nullable=not not_null, default=value, default_type=its_type)


def constraint(row: Row) -> Described:
    relation = (row["schema"], row["table"])
    describe = {
        "p": _primary_key,
        "u": _unique,
        "f": _foreign_key,
        "c": _check,
        "x": _exclusion,
    }[row["type"]]
    columns = tuple(Subject(Kind.COLUMN, (*relation, column)) for column in row.get("columns", ()))
    yield describe(relation, row, columns)


def index(row: Row) -> Described:
    node = parse(row["definition"])[0].node
    relation = Subject(
        Kind.MATERIALIZED_VIEW if row.get("materialized_view") else Kind.TABLE, (row["table_schema"], row["table"])
    )
    method = node.get("accessMethod", "btree")
    keys = tuple(canonical.index_key(key["IndexElem"], NAMES, method) for key in node["indexParams"])
    included = tuple(key["IndexElem"]["name"] for key in node.get("indexIncludingParams", ()))
    predicate = node.get("whereClause")
    yield (
        Subject(Kind.INDEX, (row["schema"], row["name"])),
        model.Index(
            table=relation,
            method=method,
            keys=keys,
            include=included,
            predicate=canonical.expression(predicate, NAMES) if predicate is not None else None,
            unique=node.get("unique", False),
            nulls_not_distinct=node.get("nulls_not_distinct", False),
            valid=not row.get("invalid", False),
            parameters=parameters(row.get("parameters", ())),
            hangs_on=columns_in(relation, node),
        ),
    )


def _identity(row: Row) -> model.Identity | None:
    # A partition's column (17 and later) is one by its parent's sequence: the parent's column says it.
    if "identity" not in row or not row.get("sequence"):
        return None
    return model.Identity(always=row["identity"] == "a", options=options(row["sequence"]))


def _partition_key(text: str) -> Expression:
    spec = parse(f"CREATE TABLE t () PARTITION BY {text}")[0].node["partspec"]
    strategy = spec["strategy"].removeprefix("PARTITION_STRATEGY_").lower()
    return canonical.partition_key(
        strategy, (canonical.index_key(each["PartitionElem"], NAMES) for each in spec["partParams"])
    )


def _partition_bound(text: str, types: Iterable[str]) -> Expression:
    node = parse(f"CREATE TABLE t PARTITION OF p {text}")[0].node
    return canonical.partition_bound(node["partbound"], NAMES, [type_of(each) for each in types])


_Table = tuple[str, str]
_Columns = tuple[Subject, ...]


def _primary_key(table: _Table, row: Row, columns: _Columns) -> tuple[Subject, Definition]:
    return Subject(Kind.PRIMARY_KEY, table), model.PrimaryKey(
        name=row["name"],
        columns=tuple(row["columns"]),
        include=tuple(row.get("include", ())),
        deferral=deferral(row),
        parameters=parameters(row.get("parameters", ())),
        without_overlaps=row.get("period", False),
        hangs_on=columns,
    )


def _unique(table: _Table, row: Row, columns: _Columns) -> tuple[Subject, Definition]:
    return Subject(Kind.UNIQUE, (*table, row["name"])), model.Unique(
        columns=tuple(row["columns"]),
        include=tuple(row.get("include", ())),
        nulls_not_distinct=row.get("nulls_not_distinct", False),
        deferral=deferral(row),
        parameters=parameters(row.get("parameters", ())),
        without_overlaps=row.get("period", False),
        hangs_on=columns,
    )


def _foreign_key(table: _Table, row: Row, columns: _Columns) -> tuple[Subject, Definition]:
    referenced = row["referenced"]
    target = Subject(Kind.TABLE, (referenced["schema"], referenced["table"]))
    targets = (Subject(Kind.COLUMN, (*target.name, column)) for column in referenced["columns"])
    return Subject(Kind.FOREIGN_KEY, (*table, row["name"])), model.ForeignKey(
        columns=tuple(row["columns"]),
        referenced_table=target,
        referenced_columns=tuple(referenced["columns"]),
        on_update=_ACTIONS[referenced["on_update"]],
        on_delete=_ACTIONS[referenced["on_delete"]],
        on_delete_columns=tuple(referenced.get("on_delete_columns", ())),
        match="full" if referenced["match"] == "f" else "simple",
        period=row.get("period", False),
        deferral=deferral(row),
        validated=not row.get("not_valid", False),
        enforced=row.get("enforced", True),
        hangs_on=(*columns, target, *targets),
    )


def _check(table: _Table, row: Row, columns: _Columns) -> tuple[Subject, Definition]:
    return Subject(Kind.CHECK, (*table, row["name"])), model.Check(
        expression=expression(row["expression"]),
        validated=not row.get("not_valid", False),
        no_inherit=row.get("no_inherit", False),
        enforced=row.get("enforced", True),
        hangs_on=columns,
    )


def _exclusion(table: _Table, row: Row, columns: _Columns) -> tuple[Subject, Definition]:
    node = parse(f"ALTER TABLE t ADD {row['definition']}")[0].node["cmds"][0]["AlterTableCmd"]["def"]["Constraint"]
    method = node.get("access_method", "btree")
    elements = []
    for item in node["exclusions"]:
        key, operator = item["List"]["items"]
        words = operator["List"]["items"]
        elements.append((canonical.index_key(key["IndexElem"], NAMES, method), canonical.words(words)[-1]))
    predicate = node.get("where_clause")
    return Subject(Kind.EXCLUSION, (*table, row["name"])), model.Exclusion(
        method=method,
        elements=tuple(elements),
        include=tuple(canonical.words(node.get("including", []))),
        predicate=canonical.expression(predicate, NAMES) if predicate is not None else None,
        deferral=deferral(row),
        parameters=parameters(row.get("parameters", ())),
        hangs_on=tuple(dict.fromkeys((*columns, *columns_in(Subject(Kind.TABLE, table), node)))),
    )
