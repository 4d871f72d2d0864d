"""pg_catalog and information_schema as the conditions of DO blocks ask for them: rows out of the replay's catalog.

A row carries what people join to it as well: one of pg_constraint has ``relname`` and ``nspname``.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import records
from .names import TEMPORARY, words
from .records import Oid
from .state import State

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


def _in_schema(state: State, oid: Oid) -> Row:
    schema = state.names.full_name(oid)[0]
    return dict.fromkeys(
        ("nspname", "schemaname", "table_schema", "constraint_schema", "trigger_schema", "sequence_schema"), schema
    )


def _all(state: State, named: str | None, *kinds: type[records.Record]) -> Iterator[tuple[Oid, Any]]:
    for oid, record in state.catalog.everything() if named is None else state.catalog.named(named):
        if isinstance(record, kinds) and not state.is_temporary(oid):
            yield oid, record


def _classes(state: State, named: str | None) -> Iterator[Row]:
    for oid, record in _all(state, named, records.Relation):
        kind = next((mark for each, mark in _KINDS.items() if isinstance(record, each)), "r")
        if kind == "v" and record.materialized:
            kind = "m"
        yield {
            **_in_schema(state, oid),
            "oid": oid,
            "relname": record.name,
            "relkind": kind,
            "relnamespace": record.schema,
        }


def _tables(state: State, named: str | None) -> Iterator[Row]:
    for oid, record in _all(state, named, records.Table, records.View):
        view = isinstance(record, records.View)
        yield {
            **_in_schema(state, oid), "table_name": record.name, "tablename": record.name, "viewname": record.name,
            "matviewname": record.name, "table_type": "VIEW" if view else "BASE TABLE",
            "rowsecurity": not view and record.row_security,
        }  # fmt: skip


def _data_type(type_: records.TypeRef, spelled: str) -> str:
    if type_.oid is not None:
        return "USER-DEFINED"
    return "ARRAY" if spelled.endswith("[]") else spelled


def _columns(state: State, named: str | None) -> Iterator[Row]:
    for oid, column in _all(state, named, records.Column):
        table = state.names.full_name(column.table)
        spelled = state.names.spelled(column.type, modified=False)
        yield {
            **_in_schema(state, oid), "table_name": table[-1], "relname": table[-1], "column_name": column.name,
            "attname": column.name, "attrelid": column.table, "is_nullable": "NO" if column.not_null else "YES",
            "data_type": _data_type(column.type, spelled),
            "udt_name": words(column.type.tree["names"])[-1], "attnotnull": column.not_null, "attisdropped": False,
        }  # fmt: skip


def _constraints(state: State, named: str | None) -> Iterator[Row]:
    for oid, record in _all(state, named, records.KeyConstraint, records.ForeignKey, records.Check):
        table = state.names.full_name(record.table)
        short, long = ("f", "FOREIGN KEY") if isinstance(record, records.ForeignKey) else ("c", "CHECK")
        if isinstance(record, records.KeyConstraint):
            short, long = _CONSTRAINTS[record.kind]
        yield {
            **_in_schema(state, record.table), "oid": oid, "conname": record.name, "constraint_name": record.name,
            "contype": short, "constraint_type": long, "conrelid": record.table, "table_name": table[-1],
            "relname": table[-1], "connamespace": record.schema,
        }  # fmt: skip


def _indexes(state: State, named: str | None) -> Iterator[Row]:
    for oid, record in _all(state, named, records.AnyIndex):
        table = state.names.full_name(record.table)[-1]
        yield {
            **_in_schema(state, oid),
            "indexname": record.name,
            "relname": record.name,
            "tablename": table,
            "relkind": "i",
        }


_TYPES: Mapping[type[records.Record], str] = {
    records.Enum: "e", records.Domain: "d", records.Range: "r", records.Multirange: "m", records.OtherType: "b",
}  # fmt: skip


def _types(state: State, named: str | None) -> Iterator[Row]:
    for oid, record in _all(state, named, records.Type, records.Composite):
        kind = _TYPES.get(type(record), "c")
        yield {
            **_in_schema(state, oid),
            "oid": oid,
            "typname": record.name,
            "typtype": kind,
            "typnamespace": record.schema,
        }


def _labels(state: State, named: str | None) -> Iterator[Row]:
    for oid, record in _all(state, named, records.Enum):
        for value in record.values:
            yield {**_in_schema(state, oid), "enumlabel": value, "typname": record.name, "enumtypid": oid}


def _parts(kind: type[records.Record], *fields: str) -> Callable[[State, str | None], Iterator[Row]]:
    def rows(state: State, named: str | None) -> Iterator[Row]:
        for _, record in _all(state, named, kind):
            table = state.names.full_name(record.table)[-1]
            more = {"tgrelid": record.table, "polrelid": record.table, "tgisinternal": False}
            names = dict.fromkeys(("tablename", "relname", "event_object_table"), table)
            yield {**_in_schema(state, record.table), **names, **more, **dict.fromkeys(fields, record.name)}

    return rows


def _routines(state: State, named: str | None) -> Iterator[Row]:
    for oid, record in _all(state, named, records.Routine):
        yield {
            **_in_schema(state, oid),
            "oid": oid,
            "proname": record.name,
            "routine_name": record.name,
            "pronamespace": record.schema,
        }


def _sequences(state: State, named: str | None) -> Iterator[Row]:
    for oid, record in _all(state, named, records.Sequence):
        yield {
            **_in_schema(state, oid),
            "sequencename": record.name,
            "sequence_name": record.name,
            "relname": record.name,
        }


def _extensions(state: State, named: str | None) -> Iterator[Row]:
    for _, record in _all(state, named, records.Extension):
        yield {"extname": record.name}


def _publications(state: State, named: str | None) -> Iterator[Row]:
    for oid, record in _all(state, named, records.Publication):
        yield {"oid": oid, "pubname": record.name, "puballtables": record.all_tables}


def _published(state: State, _: str | None) -> Iterator[Row]:
    for oid, record in state.catalog.of_kind(records.Published):
        table = state.catalog.get(record.of, records.Table)
        if table is not None:
            publication = state.catalog.expect(record.publication, records.Publication)
            yield {
                **_in_schema(state, record.of), "oid": oid, "pubname": publication.name, "tablename": table.name,
                "relname": table.name, "prrelid": record.of, "prpubid": record.publication,
            }  # fmt: skip


def _event_triggers(state: State, named: str | None) -> Iterator[Row]:
    for oid, record in _all(state, named, records.EventTrigger):
        yield {"oid": oid, "evtname": record.name}


def _schemas(state: State, named: str | None) -> Iterator[Row]:
    for oid, record in _all(state, named, records.Namespace):
        if record.name != TEMPORARY:
            yield {"oid": oid, "nspname": record.name, "schema_name": record.name}


# What gives the rows, and which columns hold a row's own name.
# The most specific first: a query that joins several is answered by rows of the first.
SYSTEM_VIEWS: dict[str, tuple[Callable[[State, str | None], Iterator[Row]], tuple[str, ...]]] = {
    "pg_constraint": (_constraints, ("conname", "constraint_name")),
    "information_schema.table_constraints": (_constraints, ("conname", "constraint_name")),
    "pg_enum": (_labels, ("typname",)),
    "pg_trigger": (_parts(records.Trigger, "tgname"), ("tgname",)),
    "information_schema.triggers": (_parts(records.Trigger, "trigger_name"), ("trigger_name",)),
    "pg_policy": (_parts(records.Policy, "polname"), ("polname",)),
    "pg_policies": (_parts(records.Policy, "policyname"), ("policyname",)),
    "pg_rules": (_parts(records.Rule, "rulename"), ("rulename",)),
    "pg_publication_rel": (_published, ()),
    "pg_publication_tables": (_published, ()),
    "pg_attribute": (_columns, ("attname", "column_name")),
    "information_schema.columns": (_columns, ("attname", "column_name")),
    "pg_indexes": (_indexes, ("indexname", "relname")),
    "pg_index": (_indexes, ("indexname", "relname")),
    "pg_type": (_types, ("typname",)),
    "pg_proc": (_routines, ("proname", "routine_name")),
    "information_schema.routines": (_routines, ("proname", "routine_name")),
    "pg_sequences": (_sequences, ("sequencename", "sequence_name", "relname")),
    "information_schema.sequences": (_sequences, ("sequencename", "sequence_name", "relname")),
    "pg_tables": (_tables, ("table_name", "tablename", "viewname", "matviewname")),
    "information_schema.tables": (_tables, ("table_name", "tablename", "viewname", "matviewname")),
    "pg_views": (_tables, ("table_name", "tablename", "viewname", "matviewname")),
    "information_schema.views": (_tables, ("table_name", "tablename", "viewname", "matviewname")),
    "pg_matviews": (_tables, ("table_name", "tablename", "viewname", "matviewname")),
    "pg_class": (_classes, ("relname",)),
    "pg_extension": (_extensions, ("extname",)),
    "pg_publication": (_publications, ("pubname",)),
    "pg_event_trigger": (_event_triggers, ("evtname",)),
    "pg_namespace": (_schemas, ("nspname", "schema_name")),
    "information_schema.schemata": (_schemas, ("nspname", "schema_name")),
}


def rows(view: str, state: State, wanted: Mapping[str, str]) -> Iterator[Row]:
    """The rows of *view*; those that do not have the names that are *wanted* by column may be left out."""
    source, own = SYSTEM_VIEWS[view]
    return source(state, next((wanted[each] for each in own if each in wanted), None))
