"""What Prisma's own engine does with a random pending run: the deployment that a plan predicts."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.postgres.plan.outcomes import Ending
from tests.postgres.plan.random_runs import Run
from tests.remedies.resident import Engine
from tests.remedies.splitting import parts_of

# As the engine makes it; made before, since it refuses to deploy to tables without one (P3005).
_HISTORY = """
CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL,
 finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
 started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)
"""
_CODE = re.compile(r"Database error code: (\w+)")


@dataclass(frozen=True)
class PrismaDeployment:
    """`prisma migrate deploy` of the checkout *folder* over the database of *url*."""

    engine: Engine
    url: str
    folder: Path

    def __call__(self, connection: psycopg.Connection[Any], run: Run, batch: bool) -> Ending:
        connection.execute(_HISTORY)
        scripts = [";\n".join(file) for file in run.files]
        self._ship(scripts)
        parts = self.folder / "parts.json"
        parts.write_text(json.dumps({script: parts_of(script) for script in scripts}))
        self.engine.sent()
        answer = self.engine.ask(self.url, self.folder, None if batch else parts, "deploy")
        sent = self.engine.sent()
        ran = sum(len(tags) for each in sent for tags, _ in each.parts)
        if answer.ok:
            assert ran == len(run.statements), "every statement was sent"
            return Ending()
        assert answer.error.startswith("P3018"), answer.error
        code = _CODE.search(answer.error)
        assert code is not None, answer.error
        return Ending(ran, code[1])

    def _ship(self, scripts: list[str]) -> None:
        migrations = self.folder / "prisma" / "migrations"
        shutil.rmtree(migrations, ignore_errors=True)
        for number, script in enumerate(scripts):
            (migrations / f"m{number}").mkdir(parents=True)
            (migrations / f"m{number}" / "migration.sql").write_text(script)
