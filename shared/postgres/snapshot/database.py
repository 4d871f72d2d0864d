"""What is of the whole database: publications, subscriptions and event triggers."""

from ...model import schema as model
from ...model.schema import Kind, Operation, Subject
from .. import canonical
from .reading import ENABLED, Described, Row, optional

_OPERATIONS: tuple[Operation, ...] = ("insert", "update", "delete", "truncate")


def publication(row: Row) -> Described:
    tables = (
        model.PublishedTable(
            Subject(Kind.TABLE, (each["schema"], each["name"])),
            tuple(each.get("columns", ())),
            optional(each.get("where")),
        )
        for each in row.get("tables", ())
    )
    yield (
        Subject(Kind.PUBLICATION, (row["name"],)),
        model.Publication(
            all_tables=row.get("all_tables", False),
            tables=tuple(sorted(tables, key=lambda each: each.table)),
            schemas=tuple(sorted(row.get("schemas", ()))),
            operations=tuple(each for each in _OPERATIONS if row[each]),
            via_root=row.get("via_root", False),
            generated_columns=row.get("generated_columns", "n") != "n",
        ),
    )


def subscription(row: Row) -> Described:
    yield (
        Subject(Kind.SUBSCRIPTION, (row["name"],)),
        model.Subscription(
            publications=tuple(sorted(row["publications"])),
            enabled=not row.get("disabled", False),
            slot=row.get("slot"),
        ),
    )


def event_trigger(row: Row) -> Described:
    schema, function = row["function"]
    yield (
        Subject(Kind.EVENT_TRIGGER, (row["name"],)),
        model.EventTrigger(
            event=row["event"],
            function=canonical.spelled((function,) if schema == "pg_catalog" else (schema, function)),
            tags=tuple(sorted(row.get("tags", ()))),
            enabled=ENABLED[row["enabled"]],  # type: ignore[arg-type]  # one of four words
            hangs_on=(Subject(Kind.FUNCTION, (schema, f"{function}()")),),
        ),
    )
