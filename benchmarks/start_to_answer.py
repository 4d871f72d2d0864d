"""From the start of the process to its exit: `monitor.py check` on a local database, and indexing the function app."""

import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from benchmarks.measured import Measured, times
from demo.incident import HISTORY_TABLE
from demo.private_postgres import private_postgres

_ROOT = Path(__file__).parents[1]
_REPETITIONS = 15


def measure() -> Iterator[Measured]:
    with TemporaryDirectory(prefix="mm-") as folder, private_postgres() as server:
        for migrations in (50, 600, 3000):
            release = Path(folder) / str(migrations)
            database = f"with_{migrations}"
            with psycopg.connect(server.url(), autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE {database}".encode())
            _deploy(release, server.url(database), migrations)
            environment = {**os.environ, "DATABASE_URL": server.url(database)}
            command: list[str | Path] = [
                sys.executable,
                "monitor.py",
                "check",
                "--migrations",
                release,
                "--format",
                "json",
            ]
            yield Measured(
                f"check, {migrations} migrations, process start to exit",
                times(lambda c=command, e=environment: _run(c, e), _REPETITIONS),  # type: ignore[misc]  # bound now, on purpose
            )
    index: list[str | Path] = [sys.executable, "-c", "import function_app; function_app.app.get_functions()"]
    yield Measured("function_app: import and index", times(lambda: _run(index, dict(os.environ)), _REPETITIONS))
    nothing: list[str | Path] = [sys.executable, "-c", "pass"]
    yield Measured("the bare interpreter, for comparison", times(lambda: _run(nothing, dict(os.environ)), _REPETITIONS))


def _deploy(release: Path, url: str, migrations: int) -> None:
    with psycopg.connect(url, autocommit=True) as production:
        production.execute(HISTORY_TABLE)
        with production.cursor().copy(
            "COPY _prisma_migrations (id, checksum, migration_name, started_at, finished_at) FROM STDIN"
        ) as copy:
            for number in range(migrations):
                name = f"{20240101000000 + number}_table_{number}"
                script = f'CREATE TABLE "table_{number}" ("id" SERIAL PRIMARY KEY, "name" TEXT NOT NULL);\n'.encode()
                (release / name).mkdir(parents=True)
                (release / name / "migration.sql").write_bytes(script)
                copy.write_row((str(number), sha256(script).hexdigest(), name, "2024-01-01", "2024-01-01"))


def _run(command: list[str | Path], environment: dict[str, str]) -> None:
    subprocess.run(command, cwd=_ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
