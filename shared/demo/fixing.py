"""Run the monitor's own steps literally, until nothing is left to fix.

There is no Prisma here: where the advice is one of its commands, the demo makes the changes to the database that
Prisma would make, and says so.
"""

import os
import shlex
import subprocess
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from ..model.report import Report
from ..report.wording import Story, stories
from .incident import BROKEN, FIX, MIGRATIONS, deploy

_SEEDS = """
INSERT INTO users (email, role) SELECT 'user' || n || '@example.com', 'USER' FROM generate_series(3, 6) AS n;
INSERT INTO pipeline_rules (phase, rule, "order") SELECT 'phase ' || n, '{}', n FROM generate_series(1, 4) AS n;
INSERT INTO folders (name, project_id) VALUES ('Drawings', 1), ('Contracts', 1);
"""


def fix(report: Report, url: str, programs: Path) -> Iterator[str]:
    """Run the steps of the *report* for its root causes; give a line for each step."""
    for command in _commands(stories(report)):
        if command.startswith("psql"):
            if "ALTER TABLE" in command and f"migration-failed:{BROKEN}" in {each.key for each in report.findings}:
                _execute(url, FIX)
                yield f"a person fixes the cause: {FIX}"
            _run(command, url, programs)
            yield f"run as printed: {command.splitlines()[0]} …"
        elif command.startswith("npx prisma"):
            _play_prisma(shlex.split(command), url)
            yield f"played, since there is no Prisma here: {command}"


def _commands(shown: Iterable[Story]) -> list[str]:
    """The commands of the root causes, in the order in which they are printed, each once."""
    steps = [step for story in shown for finding in (story.finding, *story.more) for step in finding.remedy]
    return list(dict.fromkeys(step.command for step in steps if step.command is not None))


def _run(command: str, url: str, programs: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": f"{url}?schema=public", "PATH": f"{programs}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-c", command], env=environment, check=True, capture_output=True)


def _play_prisma(words: list[str], url: str) -> None:
    match words[2:]:
        case ["migrate", "resolve", "--applied", name]:
            _record_as_applied(name, url)
        case ["migrate", "deploy"]:
            _deploy_pending(url)
        case ["db", "seed"]:
            _execute(url, _SEEDS)
        case _:
            raise ValueError(f"the demo cannot play {shlex.join(words)}")


def _record_as_applied(name: str, url: str) -> None:
    """As ``migrate resolve --applied``: mark the failed row as rolled back, and add a second one that is applied."""
    with psycopg.connect(url, autocommit=True) as production:
        production.execute(
            "UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = %s AND finished_at IS NULL",
            (name,),
        )
        production.execute(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name, logs, started_at, finished_at) "
            "SELECT gen_random_uuid(), checksum, migration_name, '', now(), now() FROM _prisma_migrations "
            "WHERE migration_name = %s LIMIT 1",
            (name,),
        )


def _deploy_pending(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as production:
        rows = production.execute(
            "SELECT migration_name FROM _prisma_migrations WHERE rolled_back_at IS NULL"
        ).fetchall()
        done = {name for (name,) in rows}
        started_at = datetime.now(UTC) - timedelta(seconds=1)
        for folder in sorted(MIGRATIONS.iterdir()):
            if folder.is_dir() and folder.name not in done:
                deploy(production, folder.name, started_at)


def _execute(url: str, script: str) -> None:
    with psycopg.connect(url, autocommit=True) as production:
        production.execute(script.encode())
