"""The repair of the incident, by the steps that the monitor printed; on the private server, whose owner it is."""

from datetime import UTC, datetime
from uuid import uuid4

import psycopg

from demo.incident import BROKEN, DATABASE, MIGRATIONS, deploy
from demo.private_postgres import PrivatePostgres

# What psql had left undone, with the project that the old folders belong to.
_REMAINING = """
ALTER TABLE folders ADD COLUMN IF NOT EXISTS project_id INTEGER;
UPDATE folders SET project_id = (SELECT min(id) FROM projects) WHERE project_id IS NULL;
ALTER TABLE folders ALTER COLUMN project_id SET NOT NULL;
CREATE INDEX IF NOT EXISTS folders_project_id_idx ON folders (project_id);
ALTER TABLE folders ADD CONSTRAINT folders_project_id_fkey FOREIGN KEY (project_id)
    REFERENCES projects (id) ON DELETE CASCADE ON UPDATE CASCADE;
"""
_SEEDS = """
INSERT INTO users (email, role) SELECT 'user-' || n || '@example.com', 'USER' FROM generate_series(3, 6) n;
INSERT INTO pipeline_rules (phase, rule, active) SELECT 'intake', '{}', true FROM generate_series(1, 4);
"""


def repair(server: PrivatePostgres) -> None:
    """Run what remains, record it as applied, deploy the rest and seed again."""
    with psycopg.connect(server.url(DATABASE), autocommit=True) as production:
        production.execute(_REMAINING)
        _resolve_applied(production, BROKEN)
        waiting = sorted(folder.name for folder in MIGRATIONS.iterdir() if folder.is_dir() and folder.name > BROKEN)
        for name in waiting:
            deploy(production, name, datetime.now(UTC))
        production.execute(_SEEDS)


def _resolve_applied(production: psycopg.Connection, name: str) -> None:
    """Do as ``prisma migrate resolve --applied`` does: take the failed row back, and add one that is finished."""
    production.execute("UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = %s", (name,))
    production.execute(
        "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at) "
        "SELECT %s, checksum, migration_name, now(), now() FROM _prisma_migrations WHERE migration_name = %s",
        (str(uuid4()), name),
    )
