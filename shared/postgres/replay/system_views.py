"""pg_catalog and information_schema as the conditions of DO blocks ask for them: rows out of the replay's catalog.

A row carries what people join to it as well: one of pg_constraint has ``relname`` and ``nspname``.
"""

from collections.abc import Callable, Iterator
from typing import Any

from shared.postgres.replay import records
from shared.postgres.replay.names import words
from shared.postgres.replay.records import Oid
from shared.postgres.replay.world import TEMPORARY, World

Row = dict[str, Any]
_KINDS = {
    records.Table: "r",
    records.View: "v",
    records.Sequence: "S",
    records.Index: "i",
    records.KeyConstraint: "i",
    records.Composite: "c",
}
_CONSTRAINTS = {"primary key": ("p", "PRIMARY KEY"), "unique": ("u", "UNIQUE"), "exclusion": ("x", "EXCLUDE")}


def _in_schema(world: World, oid: Oid) -> Row:
    schema = world.names.full_name(oid)[0]
    return dict.fromkeys(
        ("nspname", "schemaname", "table_schema", "constraint_schema", "trigger_schema", "sequence_schema"), schema
    )


def _all(world: World, *kinds: type[records.Record]) -> Iterator[tuple[Oid, Any]]:
    for oid, record in world.catalog.everything():
        if isinstance(record, kinds) and not world.is_temporary(oid):
            yield oid, record


def _classes(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Relation):
        kind = next((mark for each, mark in _KINDS.items() if isinstance(record, each)), "r")
        if kind == "v" and record.materialized:
            kind = "m"
        yield {
            **_in_schema(world, oid),
            "oid": oid,
            "relname": record.name,
            "relkind": kind,
            "relnamespace": record.schema,
        }


def _tables(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Table, records.View):
        view = isinstance(record, records.View)
        yield {
            **_in_schema(world, oid), "table_name": record.name, "tablename": record.name, "viewname": record.name,
            "matviewname": record.name, "table_type": "VIEW" if view else "BASE TABLE",
            "rowsecurity": not view and record.row_security,
        }  # fmt: skip


def _data_type(type_: records.TypeRef, spelled: str) -> str:
    if type_.oid is not None:
        return "USER-DEFINED"
    return "ARRAY" if spelled.endswith("[]") else spelled


def _columns(world: World) -> Iterator[Row]:
    for oid, column in _all(world, records.Column):
        table = world.names.full_name(column.table)
        spelled = world.names.spelled(column.type, modified=False)
        yield {
            **_in_schema(world, oid), "table_name": table[-1], "relname": table[-1], "column_name": column.name,
            "attname": column.name, "attrelid": column.table, "is_nullable": "NO" if column.not_null else "YES",
            "data_type": _data_type(column.type, spelled),
            "udt_name": words(column.type.tree["names"])[-1], "attnotnull": column.not_null, "attisdropped": False,
        }  # fmt: skip


def _constraints(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.KeyConstraint, records.ForeignKey, records.Check):
        table = world.names.full_name(record.table)
        short, long = ("f", "FOREIGN KEY") if isinstance(record, records.ForeignKey) else ("c", "CHECK")
        if isinstance(record, records.KeyConstraint):
            short, long = _CONSTRAINTS[record.kind]
        yield {
            **_in_schema(world, record.table), "oid": oid, "conname": record.name, "constraint_name": record.name,
            "contype": short, "constraint_type": long, "conrelid": record.table, "table_name": table[-1],
            "relname": table[-1], "connamespace": record.schema,
        }  # fmt: skip


def _indexes(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.AnyIndex):
        table = world.names.full_name(record.table)[-1]
        yield {
            **_in_schema(world, oid),
            "indexname": record.name,
            "relname": record.name,
            "tablename": table,
            "relkind": "i",
        }


def _types(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Type, records.Composite):
        kind = "e" if isinstance(record, records.Enum) else "d" if isinstance(record, records.Domain) else "c"
        yield {
            **_in_schema(world, oid),
            "oid": oid,
            "typname": record.name,
            "typtype": kind,
            "typnamespace": record.schema,
        }


def _labels(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Enum):
        for value in record.values:
            yield {**_in_schema(world, oid), "enumlabel": value, "typname": record.name, "enumtypid": oid}


def _parts(kind: type[records.Record], *fields: str) -> Callable[[World], Iterator[Row]]:
    def rows(world: World) -> Iterator[Row]:
        for _, record in _all(world, kind):
            table = world.names.full_name(record.table)[-1]
            more = {"tgrelid": record.table, "polrelid": record.table, "tgisinternal": False}
            names = dict.fromkeys(("tablename", "relname", "event_object_table"), table)
            yield {**_in_schema(world, record.table), **names, **more, **dict.fromkeys(fields, record.name)}

    return rows


def _routines(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Routine):
        yield {
            **_in_schema(world, oid),
            "oid": oid,
            "proname": record.name,
            "routine_name": record.name,
            "pronamespace": record.schema,
        }


def _sequences(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Sequence):
        yield {
            **_in_schema(world, oid),
            "sequencename": record.name,
            "sequence_name": record.name,
            "relname": record.name,
        }


def _extensions(world: World) -> Iterator[Row]:
    for _, record in _all(world, records.Extension):
        yield {"extname": record.name}


def _schemas(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Namespace):
        if record.name != TEMPORARY:
            yield {"oid": oid, "nspname": record.name, "schema_name": record.name}


# The most telling first: a query that joins several is answered by rows of the first.
SYSTEM_VIEWS: dict[str, Callable[[World], Iterator[Row]]] = {
    "pg_constraint": _constraints,
    "information_schema.table_constraints": _constraints,
    "pg_enum": _labels,
    "pg_trigger": _parts(records.Trigger, "tgname"),
    "information_schema.triggers": _parts(records.Trigger, "trigger_name"),
    "pg_policy": _parts(records.Policy, "polname"),
    "pg_policies": _parts(records.Policy, "policyname"),
    "pg_rules": _parts(records.Rule, "rulename"),
    "pg_attribute": _columns,
    "information_schema.columns": _columns,
    "pg_indexes": _indexes,
    "pg_index": _indexes,
    "pg_type": _types,
    "pg_proc": _routines,
    "information_schema.routines": _routines,
    "pg_sequences": _sequences,
    "information_schema.sequences": _sequences,
    "pg_tables": _tables,
    "information_schema.tables": _tables,
    "pg_views": _tables,
    "information_schema.views": _tables,
    "pg_matviews": _tables,
    "pg_class": _classes,
    "pg_extension": _extensions,
    "pg_namespace": _schemas,
    "information_schema.schemata": _schemas,
}
