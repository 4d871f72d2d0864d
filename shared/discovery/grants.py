"""The SQL that makes the monitor's own role, and gives it the least that it needs. Pure; see infra/grants.sql."""

from collections.abc import Iterable, Iterator

from ..model.schema import Column, Kind, PrimaryKey, Schema, Subject
from ..postgres.plan.writing import qualified, quoted

_HISTORY = ("id", "migration_name", "checksum", "started_at", "finished_at", "rolled_back_at", "xmin", "logs")


def grants(role: str, database: str, watched: str, tables: Iterable[str], catalog: Schema | None) -> list[str]:
    """Give the statements; *tables* are those to be counted, ``name`` of the *watched* schema or ``schema.name``."""
    name = quoted(role)
    read = [((watched, "_prisma_migrations"), _HISTORY), *_counted(tables, watched, catalog)]
    schemas = dict.fromkeys(table[0] for table, _ in read)
    return [
        f"CREATE ROLE {name} LOGIN;",
        f"GRANT CONNECT ON DATABASE {quoted(database)} TO {name};",
        f"GRANT pg_read_all_stats TO {name};",
        f"ALTER ROLE {name} SET default_transaction_read_only = on;",
        *(f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {name};" for schema in schemas),
        *(
            f"GRANT SELECT ({', '.join(map(quoted, columns))}) ON {qualified(table)} TO {name};"
            for table, columns in read
        ),
    ]


def _counted(
    tables: Iterable[str], watched: str, catalog: Schema | None
) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """To be counted a table needs one column that may be read: the first of its key, else any."""
    for written in tables:
        before, dot, after = written.partition(".")
        schema, table = (before, after) if dot else (watched, written)
        column = _column(catalog, schema, table)
        if column is not None:
            yield (schema, table), (column,)


def _column(catalog: Schema | None, schema: str, table: str) -> str | None:
    if catalog is None:
        return None
    key = catalog.objects.get(Subject(Kind.PRIMARY_KEY, (schema, table)))
    if isinstance(key, PrimaryKey):
        return key.columns[0]
    columns = (
        subject.name[2]
        for subject, definition in catalog.objects.items()
        if isinstance(definition, Column) and subject.relation == (schema, table)
    )
    return min(columns, default=None)
