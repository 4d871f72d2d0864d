"""Columns made NOT NULL, added, given another type, renamed and dropped in steps."""

from ....model.plan import Relation
from ....model.schema import Column
from ...canonical.sql import identifier
from ...naming import object_name
from .commands import spelled
from .parts import Part, Way

# Rows of one transaction of a backfill: some hundred milliseconds of row locks.
_BATCH = 10_000
# What only people know.
UNKNOWN_VALUE = "<value>"


def backfill(table: Relation, values: str, condition: str) -> str:
    """The step that fills rows in batches: not by a migration, which would be one transaction, with its locks."""
    name = spelled(table)
    some = f"ARRAY(SELECT ctid FROM {name} WHERE {condition} LIMIT {_BATCH})"  # noqa: S608 - printed, never run here
    return (
        "Fill the rows in batches, by a script beside the migrations; repeat until it changes no row:\n"
        f"UPDATE {name} SET {values} WHERE ctid = ANY({some});"
    )


def not_null(table: Relation, column: str) -> Way:
    """SET NOT NULL without a scan under the strong lock: a valid CHECK spares it."""
    name, quoted = spelled(table), identifier(column)
    check = identifier(object_name(table[1], column, "not_null"))
    return (
        Part(
            "Refuse new NULLs; no row is read",
            (f"ALTER TABLE {name} ADD CONSTRAINT {check} CHECK ({quoted} IS NOT NULL) NOT VALID",),
        ),
        Part(
            "Check the rows while others read and write",
            (f"ALTER TABLE {name} VALIDATE CONSTRAINT {check}",),
            locks=False,
        ),
        Part(
            "Set NOT NULL; the valid CHECK makes a scan unnecessary",
            (f"ALTER TABLE {name} ALTER COLUMN {quoted} SET NOT NULL",),
        ),
        Part("Drop the CHECK", (f"ALTER TABLE {name} DROP CONSTRAINT {check}",)),
    )


def set_not_null(table: Relation, column: str, value: str) -> Way:
    """SET NOT NULL, with *value* for rows that hold NULL."""
    quoted = identifier(column)
    return (
        "Deploy a release that writes no NULL to the column.",
        backfill(table, f"{quoted} = {value}", f"{quoted} IS NULL"),
        *not_null(table, column),
    )


def add_column(table: Relation, column: Column, name: str, default: str | None) -> Way:
    """ADD COLUMN … NOT NULL without a default, or with one that differs for each row."""
    quoted = identifier(name)
    add = f"ALTER TABLE {spelled(table)} ADD COLUMN {quoted} {column.type}"
    found: list[Part | str] = [Part("Add the column without its default and NOT NULL: no row is written", (add,))]
    if default is not None:
        alter = f"ALTER TABLE {spelled(table)} ALTER COLUMN {quoted} SET DEFAULT {default}"
        found.append(Part("Give new rows the default", (alter,)))
    else:
        found.append("Deploy a release that writes the column.")
    found.append(backfill(table, f"{quoted} = {default or UNKNOWN_VALUE}", f"{quoted} IS NULL"))
    return (*found, *(not_null(table, name) if not column.nullable else ()))


def replace_column(table: Relation, name: str, new: str, column: Column, converted: str) -> Way:
    """Another column of the new type, or of the new name, and two releases: *converted* gives its value."""
    quoted, old = identifier(new), identifier(name)
    add = f"ALTER TABLE {spelled(table)} ADD COLUMN {quoted} {column.type}"
    return (
        Part("Expand: add the new column", (add,)),
        f"Deploy a release that writes both columns. Build the indexes that {old} has for {quoted}, each concurrently.",
        backfill(table, f"{quoted} = {converted}", f"{quoted} IS NULL AND {old} IS NOT NULL"),
        *(not_null(table, new) if not column.nullable else ()),
        *(() if column.nullable else (_nullable(table, name),)),
        f"Deploy a release that reads and writes {quoted} alone, and wait until no older one runs.",
        Part("Contract: drop the old column", (f"ALTER TABLE {spelled(table)} DROP COLUMN {old}",)),
    )


def _nullable(table: Relation, name: str) -> Part:
    alter = f"ALTER TABLE {spelled(table)} ALTER COLUMN {identifier(name)} DROP NOT NULL"
    return Part("Let a release insert rows without the old column", (alter,))


def drop_column(table: Relation, name: str, column: Column | None, sql: str) -> Way:
    needs_value = column is not None and not column.nullable and column.default is None and column.identity is None
    return (
        *((_nullable(table, name),) if needs_value else ()),
        "Deploy a release whose schema.prisma lacks the field, and wait until no older one runs.",
        Part("Contract, in a later release: drop the column", (sql,)),
    )
