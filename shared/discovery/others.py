"""Which tables belong to something else than the migrations: proposed for ``[[target.elsewhere]]``. Pure."""

from collections.abc import Iterable, Iterator

from ..model.schema import Kind, Schema, Subject
from ..model.settings import Elsewhere

# Schemas that a program makes and changes itself.
_PROGRAMS = {
    "_timescaledb_internal": "TimescaleDB keeps chunks there",
    "drizzle": "Drizzle keeps its own history there",
    "graphile_migrate": "graphile-migrate keeps its own history there",
    "graphile_worker": "graphile-worker keeps its jobs there",
    "hdb_catalog": "Hasura keeps its state there",
    "neon_auth": "Neon keeps its users there",
    "pgboss": "pg-boss keeps its jobs there",
    "pgmq": "pgmq makes its queues there",
}
# Supabase's own; names as common as these are only its own where all of the first two are there.
_SUPABASE = (
    "auth", "storage", "_analytics", "_realtime", "extensions", "graphql", "graphql_public", "net", "pgbouncer",
    "pgsodium", "pgsodium_masks", "realtime", "supabase_functions", "supabase_migrations", "vault",
)  # fmt: skip
_PARTMAN = "pg_partman"


def of_config(external: Iterable[str], watched: str, file: str) -> list[Elsewhere]:
    """Give what Prisma's own settings in *file* leave to others."""
    names = dict.fromkeys(name if "." in name else f"{watched}.{name}" for name in external)
    usable = tuple(name for name in names if all(name.partition(".")[::2]))
    return [Elsewhere(usable, f"tables.external of {file}")] if usable else []


def of_database(catalog: Schema, parents: Iterable[str]) -> list[Elsewhere]:
    """Give what known programs keep in the database; *parents* are the tables that pg_partman divides."""
    schemas = {subject.name[0] for subject in catalog.objects if subject.kind is Kind.SCHEMA}
    found = [Elsewhere((f"{name}.*",), because) for name, because in _PROGRAMS.items() if name in schemas]
    if {"auth", "storage"} <= schemas:
        own = tuple(f"{name}.*" for name in _SUPABASE if name in schemas)
        found.append(Elsewhere(own, "Supabase keeps its own tables there"))
    partitions = tuple(dict.fromkeys(_partitions(catalog, parents)))
    return [*found, *([Elsewhere(partitions, "pg_partman makes them")] if partitions else [])]


def partman_schema(catalog: Schema) -> str | None:
    """Give the schema of pg_partman's own tables; None where it is not installed."""
    extension = catalog.objects.get(Subject(Kind.EXTENSION, (_PARTMAN,)))
    return None if extension is None else getattr(extension, "schema", None)


def _partitions(catalog: Schema, parents: Iterable[str]) -> Iterator[str]:
    for parent in parents:
        schema, _, table = parent.partition(".")
        if schema and table:
            yield from (f"{schema}.{table}_p*", f"{schema}.{table}_default")
    # What create_parent makes for each of them; the extension's own tables are compared nowhere.
    own = partman_schema(catalog)
    if own is not None and own != "public":
        yield f"{own}.template_*"
