"""Which tables belong to something else than the migrations: proposed for ``[[target.elsewhere]]``. Pure."""

from collections.abc import Iterable

from ..model.schema import Extension, Kind, Schema, Subject
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


def of_config(external: Iterable[str], watched: str, file: str) -> list[Elsewhere]:
    """Give what Prisma's own settings in *file* leave to others."""
    names = dict.fromkeys(name if "." in name else f"{watched}.{name}" for name in external)
    usable = tuple(name for name in names if all(name.partition(".")[::2]))
    return [Elsewhere(tables=usable, because=f"tables.external of {file}")] if usable else []


def of_database(catalog: Schema) -> list[Elsewhere]:
    """Give what known programs keep in the database."""
    schemas = {subject.name[0] for subject in catalog.objects if subject.kind is Kind.SCHEMA}
    found = [Elsewhere(schemas=(name,), because=because) for name, because in _PROGRAMS.items() if name in schemas]
    if {"auth", "storage"} <= schemas:
        own = tuple(name for name in _SUPABASE if name in schemas)
        found.append(Elsewhere(schemas=own, because="Supabase keeps its own tables there"))
    partman = catalog.objects.get(Subject(Kind.EXTENSION, ("pg_partman",)))
    # What create_parent makes for each table; the extension's own tables are compared nowhere.
    if isinstance(partman, Extension) and partman.schema not in (None, "public"):
        found.append(Elsewhere(tables=(f"{partman.schema}.template_*",), because="pg_partman makes them"))
    return found
