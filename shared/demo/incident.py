"""The incident of 2025-09-05, rebuilt on a private server exactly as it happened.

A deployment stopped in the middle of a migration, two more never had their turn, the seed script
died half-way, and somebody piped the rest of the broken file through psql, which goes on after errors.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid5

import psycopg
from psycopg import sql

from .private_postgres import PrivatePostgres

MIGRATIONS = Path(__file__).parent / "apps" / "backend" / "prisma" / "migrations"
BROKEN = "20250904_160000_fix_folders_and_files_schema"
DATABASE = "usasset"
READER = "migration_monitor"
READER_PASSWORD = "demo-reader"  # of a server that lives for seconds, on loopback

_DEPLOYED_AT = datetime(2025, 9, 5, 9, 41, 0, tzinfo=UTC)
_IDS = UUID("5f0d6a57-5a1f-4c38-9c0e-3f1f7cbb0c5e")
# As Prisma's schema engine creates it.
HISTORY_TABLE = """
CREATE TABLE _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
)"""
_DATA = """
INSERT INTO users (email, role) VALUES ('ops@example.com', 'ADMIN'), ('ada@example.com', 'USER');
INSERT INTO projects (name, owner_id) VALUES ('Harbour', 1);
INSERT INTO folders (name) VALUES ('Drawings'), ('Contracts');
INSERT INTO files (folder_id, name) VALUES (1, 'quay.dwg'), (2, 'tender.pdf');
"""
# Rows that a test had left behind are in the way of the deployment.
FIX = "DELETE FROM files; DELETE FROM folders"


def build(server: PrivatePostgres) -> None:
    """Make the database as it was on the evening before: three migrations are pending."""
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    with psycopg.connect(server.url(DATABASE), autocommit=True) as production:
        production.execute(HISTORY_TABLE)
        names = sorted(folder.name for folder in MIGRATIONS.iterdir() if folder.is_dir())
        sound = names[: names.index(BROKEN)]
        for position, name in enumerate(sound):
            deploy(production, name, _DEPLOYED_AT - timedelta(days=30 - position))
        production.execute(_DATA)


def fixed_copy(server: PrivatePostgres) -> str:
    """Copy the database, remove the rows that are in the way of the deployment, and give the URL of the copy."""
    copy = f"{DATABASE}_fixed"
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(copy), sql.Identifier(DATABASE)))
    with psycopg.connect(server.url(copy), autocommit=True) as production:
        production.execute(FIX)
    return server.url(copy)


def break_it(server: PrivatePostgres) -> str:
    """Do what was done that morning, and give the URL of a role that may only read."""
    with psycopg.connect(server.url(DATABASE), autocommit=True) as production:
        deploy(production, BROKEN, _DEPLOYED_AT)
        _pipe_through_psql(production, BROKEN)
        _admit_reader(production)
    return server.url(DATABASE, READER, READER_PASSWORD)


def statements(name: str) -> list[str]:
    """The statements of one of our own migrations; none has a semicolon inside."""
    script = (MIGRATIONS / name / "migration.sql").read_text()
    return [statement.strip() for statement in script.split(";\n") if statement.strip()]


def deploy(production: psycopg.Connection, name: str, started_at: datetime) -> None:
    """Do as ``prisma migrate deploy`` does from 7.4 on: every statement commits by itself, the first error ends it."""
    checksum = sha256((MIGRATIONS / name / "migration.sql").read_bytes()).hexdigest()
    production.execute(
        "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES (%s, %s, %s, %s)",
        (str(uuid5(_IDS, name)), checksum, name, started_at),
    )
    try:
        for statement in statements(name):
            production.execute(statement.encode())
    except psycopg.Error as error:
        production.execute(
            "UPDATE _prisma_migrations SET logs = %s WHERE migration_name = %s", (_logs(name, error), name)
        )
    else:
        production.execute(
            "UPDATE _prisma_migrations SET finished_at = %s, applied_steps_count = 1 WHERE migration_name = %s",
            (started_at + timedelta(seconds=1), name),
        )


def _logs(name: str, error: psycopg.Error) -> str:
    """What Prisma's schema engine writes down of an error (P3018)."""
    message = f"{error.diag.severity}: {error.diag.message_primary}"
    return (
        "A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more "
        "about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n\n"
        f"Migration name: {name}\n\nDatabase error code: {error.sqlstate}\n\nDatabase error:\n{message}\n\n"
        f'DbError {{ severity: "ERROR", code: SqlState(E{error.sqlstate}), message: "{error.diag.message_primary}" }}\n'
    )


def _pipe_through_psql(production: psycopg.Connection, name: str) -> None:
    """Do as ``psql < migration.sql`` does: go on after every error. What it leaves has a gap."""
    for statement in statements(name):
        try:
            production.execute(statement.encode())
        except psycopg.Error:
            continue


def _admit_reader(production: psycopg.Connection) -> None:
    """Let the monitor in with what it needs, and nothing else."""
    production.execute(
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(READER), sql.Literal(READER_PASSWORD))
    )
    for grant in (
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT SELECT ON _prisma_migrations, users, pipeline_rules TO {}",
        "GRANT pg_read_all_stats TO {}",
    ):
        production.execute(sql.SQL(grant).format(sql.Identifier(READER)))
