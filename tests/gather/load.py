"""An application's load: pgbench, as long as the block runs."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from shared.demo.private_postgres import installed_programs
from tests.postgres.servers import client_program

_CLIENTS = "2"
# Longer than any test runs.
_SECONDS = "3600"


@contextmanager
def pgbench(url: str) -> Iterator[None]:
    """Make pgbench's own tables in the database, and have its clients change them."""
    program = client_program("pgbench", next(installed_programs()))
    subprocess.run([program, "--initialize", "--quiet", url], check=True, capture_output=True)
    command: list[Path | str] = [program, "--no-vacuum", "--client", _CLIENTS, "--time", _SECONDS, url]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                while connection.execute("SELECT FROM pgbench_history LIMIT 1").fetchone() is None:
                    pass
            yield
            assert running.poll() is None, "pgbench has ended"
        finally:
            running.kill()
